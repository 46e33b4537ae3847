"""Fills an empty installation with the demo's people, stalls, goods and shows, by the use cases people use."""

import asyncio
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from importlib import resources
from itertools import count, islice, product
from typing import Any

import msgspec
from msgspec import Struct

from ennichi.accounts import Account, Address
from ennichi.app import App
from ennichi.catalog import NewListing, NewVariant, Shipping
from ennichi.photos import Photo
from ennichi.shows import Show
from ennichi.stores import Legal, NewStore, Store, StoreChanges

BUYER_EMAIL = "buyer@demo.example"
SELLER_EMAIL = "seller@demo.example"
CARD = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2039, "cvc": "123"}


class Stall(Struct, frozen=True):
    """A stall of the demo, its keeper, and the show it plans."""

    owner: Account
    store: Store
    show: Show
    listing_ids: list[str]


class Script(Struct, frozen=True):
    """What robot viewers say, ask, and try at one stall."""

    chat: list[str]
    questions: list[str]
    haggling: list[str]


class Cast(Struct, frozen=True):
    """Who is there once the demo is set up. The first stall is the robot's; the newcomer steps into the second."""

    stalls: list[Stall]
    robots: list[Account]
    home: Script
    """At the robot's stall."""
    visiting: Script
    """At anybody else's."""
    answers: dict[str, str]
    """What the robot seller says to a question asked at home."""
    vote: list[str]
    """What the robot seller lets the room decide: the question, then what to choose from."""


class Seed:
    """Sets the demo up in one language."""

    def __init__(self, app: App, lang: str) -> None:
        self._app = app
        self._lang = lang
        self._data = tomllib.loads((resources.files("ennichi.demo") / f"stalls.{lang}.toml").read_text("utf-8"))
        self._photos: dict[tuple[str, str], Photo] = {}

    async def plant(self, crowd: int) -> Cast:
        """Create everything, with `crowd` robot viewers; call once, on an empty installation."""
        await self._buyer()
        stalls = await asyncio.gather(*(self._stall(number, plan) for number, plan in enumerate(self._data["stalls"])))
        robots = [
            await self._robot(f"robot{n}@demo.example", name) for n, name in enumerate(islice(self._names(), crowd))
        ]
        lines = self._data["robots"]
        answers, haggling = dict(lines["answers"]), lines["haggling"]
        return Cast(
            stalls=list(stalls),
            robots=robots,
            home=Script(lines["chat"], list(answers), haggling),
            visiting=Script(lines["visiting"], lines["asking"], haggling),
            answers=answers,
            vote=lines["vote"],
        )

    def _names(self) -> Iterator[str]:
        robots = self._data["robots"]
        yield from robots["names"]
        for number in count():
            for ending, given in product(robots["endings"], robots["given"]):
                yield f"{given}{ending}{number or ''}"

    async def _buyer(self) -> None:
        fields = dict(self._data["buyer"])
        session = await self._app.accounts.create_ready_made(fields.pop("name"), BUYER_EMAIL)
        await self._settle_in(session.account, msgspec.convert(fields, Address))

    async def _robot(self, email: str, name: str) -> Account:
        session = await self._app.accounts.create_ready_made(name, email)
        fields = {key: value for key, value in self._data["buyer"].items() if key != "name"}
        await self._settle_in(session.account, msgspec.convert(fields, Address))
        return session.account

    async def _settle_in(self, account: Account, address: Address) -> None:
        """An address and a saved card, so that the first purchase is two taps away."""
        await self._app.accounts.put_address(account, address)
        sandbox = self._app.sandbox
        if sandbox is None:
            raise RuntimeError("the people of the demo have cards of the sandbox only")
        card = await sandbox.card((await sandbox.issue(**CARD)).token)  # type: ignore[arg-type]  # a plain mapping
        if card is None:
            raise RuntimeError("the sandbox does not know its own card")
        async with self._app.db.transaction() as tx:
            await self._app.payments.keep_card(tx, account.id, card)

    async def _stall(self, number: int, plan: dict[str, Any]) -> Stall:
        email = SELLER_EMAIL if number == 1 else f"{plan['handle']}@demo.example"
        owner = (await self._app.accounts.create_ready_made(plan["owner"], email)).account
        face = await self._photo(owner, plan["face"])
        new = NewStore(name=plan["name"], handle=plan["handle"], story=plan["story"], face_id=face.id)
        store = await self._app.stores.open(owner, new, lang=self._lang)
        named = ("color", "place", "shipping_fee", "ships_within_days", "returns", "cancellation", "invoice_number")
        changes = StoreChanges(legal=Legal(**plan["legal"]), **{name: plan[name] for name in named if name in plan})
        store = await self._app.stores.edit(owner, store.id, changes)
        ways = [msgspec.convert(way, Shipping) for way in plan["shipping"]]
        shipping = {way.name: (await self._app.catalog.shipping.create(owner, store.id, way)).id for way in ways}
        listing_ids = [await self._listing(owner, store.id, item, shipping) for item in plan["listings"]]
        return Stall(owner, store, await self._show(owner, store.id, plan["show"], listing_ids), listing_ids)

    async def _listing(self, owner: Account, store_id: str, item: dict[str, Any], shipping: dict[str, str]) -> str:
        photos = [await self._photo(owner, name) for name in item["photos"]]
        new = NewListing(
            title=item["title"],
            story=item["story"],
            condition=item["condition"],
            price=item["price"],
            tax_rate=item["tax_rate"],
            photo_ids=[photo.id for photo in photos],
            variants=[NewVariant(**variant) for variant in item["variants"]],
            shipping_id=shipping[item["shipping"]] if "shipping" in item else None,
            size=item.get("size", 60),
            per_buyer=item.get("per_buyer"),
        )
        return (await self._app.catalog.create(owner, store_id, new)).id

    async def _show(self, owner: Account, store_id: str, plan: dict[str, Any], listing_ids: list[str]) -> Show:
        cover = await self._photo(owner, plan["cover"])
        planned = self._app.clock.now() + timedelta(minutes=plan.get("in_minutes", 0))
        show = await self._app.shows.create(
            owner,
            store_id,
            title=plan["title"],
            cover_id=cover.id,
            planned_at=planned.replace(second=0, microsecond=0),
            listing_ids=listing_ids,
        )
        if plan.get("live"):
            show = await self._app.shows.move(owner, show.id, "live")
            await self._app.shows.pin(owner, show.id, listing_ids[0])
        return show

    async def _photo(self, owner: Account, name: str) -> Photo:
        key = (owner.id, name)
        if key not in self._photos:
            data = (resources.files("ennichi.demo") / "pictures" / f"{name}.webp").read_bytes()
            self._photos[key] = await self._app.photos.take(owner, data)
        return self._photos[key]
