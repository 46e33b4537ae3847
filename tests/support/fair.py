"""A fair that servers in processes of their own open on: a stall, buyers, test cards."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from tests.support.festival import HOME
from tests.support.houses import NUMBERS
from tests.support.people import NOTICE
from tests.support.running import CARD, spare_port

from ennichi.app import App, open_app
from ennichi.catalog import NewListing, NewVariant
from ennichi.kit.postgres import EmbeddedPostgres, running_on
from ennichi.settings import Settings
from ennichi.stores import NewStore, StoreChanges

HOT, WARM = 120, 900


@dataclass
class Fair:
    """A live stall with a thing that all want and three that there is plenty of; buyers; cards that do as they must."""

    show_id: str
    variants: list[str]
    stocked: dict[str, int]
    seller: str
    buyers: list[str]
    cards: dict[str, str]


async def fair_on(url: str, folder: Path, *, buyers: int = 30) -> Fair:
    """Set it up on the database at `url`, before any server runs there."""
    async with open_app(Settings(data=folder, port=spare_port()), url) as app:
        opened = await app.accounts.create_ready_made("Mizuho", "mizuho@example.com")
        store = await app.stores.open(opened.account, NewStore(name="みずのわ商店", handle="mizunowa"))
        await app.stores.edit(opened.account, store.id, StoreChanges(legal=NOTICE, shipping_fee=660))
        listings = []
        for number, stock in enumerate((HOT, WARM, WARM, WARM)):
            listed = NewListing(
                title=f"風鈴 {number}", condition="new", price=1200, tax_rate=10, variants=[NewVariant(stock=stock)]
            )
            listings.append(await app.catalog.create(opened.account, store.id, listed))
        show = await app.shows.create(
            opened.account, store.id, title="夕涼み", cover_id=None, planned_at=None,
            listing_ids=[listing.id for listing in listings],
        )  # fmt: skip
        await app.shows.move(opened.account, show.id, "live")
        variants = [listing.variants[0].id for listing in listings]
        return Fair(
            show_id=show.id,
            variants=variants,
            stocked=dict(zip(variants, (HOT, WARM, WARM, WARM), strict=True)),
            seller=opened.token,
            buyers=[await _person(app, number) for number in range(buyers)],
            cards={name: await _card(app, number) for name, number in NUMBERS.items()},
        )


async def fair_in(folder: Path, *, buyers: int = 30) -> Fair:
    """A fair in a data folder, in a database of its own."""
    postgres = EmbeddedPostgres(folder, log=structlog.get_logger())
    url = await postgres.start()
    try:
        return await fair_on(url, folder, buyers=buyers)
    finally:
        await postgres.stop()


def address_in(folder: Path) -> str:
    """Of the database in a data folder that a program runs on."""
    url = running_on(folder)
    assert url
    return url


async def _person(app: App, number: int) -> str:
    opened = await app.accounts.create_ready_made(f"Buyer{number}", f"buyer{number}@example.com")
    await app.accounts.put_address(opened.account, HOME)
    return opened.token


async def _card(app: App, number: str) -> str:
    given: dict[str, Any] = CARD | {"number": number}
    assert app.sandbox is not None
    return (await app.sandbox.issue(**given)).token
