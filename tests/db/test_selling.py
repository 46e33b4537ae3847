"""What stores sell by: shipping profiles, former prices out of their history, notices on request, the market's fee."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from psycopg.errors import RaiseException
from tests.support.people import NOTICE, People, people_on

from ennichi.accounts import Account
from ennichi.catalog import (
    CatalogService,
    Fee,
    Listing,
    ListingEdit,
    NewListing,
    NewVariant,
    Shipping,
    ShippingCost,
    ShippingNotFound,
    Stock,
    TooManyShippings,
    VariantEdit,
    Zone,
)
from ennichi.catalog.profiles import PROFILES_EACH
from ennichi.kit.errors import Forbidden, Invalid, TooFast
from ennichi.kit.ids import RandomIds
from ennichi.kit.limits import Limits
from ennichi.stores import EmailNeeded, NewStore, NothingToRequest, Notices, Store, StoreChanges

NORTH = Shipping(
    name="ゆうパック",
    zones=[Zone(["北海道"], [Fee(160, 1500)]), Zone([], [Fee(60, 800), Fee(160, 1200)])],
    each_more=200,
    free_over=10_000,
)


class Shop:
    """A stall with its keeper, and the parts that this is about."""

    def __init__(self, people: People, keeper: Account, store: Store) -> None:
        self.people = people
        self.keeper = keeper
        self.store = store
        ids = RandomIds(people.clock)
        limits = Limits(people.clock)
        self.catalog = CatalogService(
            people.db, people.clock, ids, stores=people.stores, photos=people.photos, stock=Stock()
        )
        self.notices = Notices(
            people.db, people.clock, ids, limits, people.mails, accounts=people.accounts, stores=people.stores
        )

    async def listing(self, **fields: object) -> Listing:
        """A cup at 1,000 yen."""
        new = {"title": "湯のみ", "condition": "new", "price": 1000, "variants": [NewVariant(stock=5)], **fields}
        return await self.catalog.create(self.keeper, self.store.id, NewListing(**new))  # type: ignore[arg-type]

    async def cost(self, listing: Listing, price: int) -> Listing:
        """Let it cost something else."""
        edit = ListingEdit(price=price, variants=[VariantEdit(id=listing.variants[0].id, price=None)])
        return await self.catalog.edit(self.keeper, listing.id, edit)


@pytest.fixture
async def shop(db_url: str, tmp_path: Path) -> AsyncIterator[Shop]:
    async with people_on(db_url, tmp_path) as people:
        keeper = await people.person("Keeper")
        store = await people.stores.open(keeper, NewStore(name="はな", handle="hana"))
        yield Shop(people, keeper, await people.stores.edit(keeper, store.id, StoreChanges(legal=NOTICE)))


async def test_a_listing_says_what_its_shipping_costs(shop: Shop) -> None:
    plain = await shop.listing()
    assert plain.shipping == ShippingCost(least=800, most=800)
    profile = await shop.catalog.shipping.create(shop.keeper, shop.store.id, NORTH)
    made = await shop.listing(shipping_id=profile.id, size=80, per_buyer=2)
    assert made.shipping == ShippingCost(least=1200, most=1500, each_more=200, free_over=10_000)
    assert (made.shipping_id, made.size, made.per_buyer) == (profile.id, 80, 2)
    async with shop.people.db.read() as conn:
        offer = await Stock().offer(conn, made.variants[0].id)
        assert (offer.shipping, offer.size, offer.per_buyer) == (NORTH, 80, 2)
        assert (await Stock().offer(conn, plain.variants[0].id)).shipping is None

    await shop.catalog.shipping.edit(shop.keeper, profile.id, replace(NORTH, name=" EMS ", free_over=None))
    (kept,) = await shop.catalog.shipping.of_store(shop.store.id)
    assert (kept.shipping.name, kept.shipping.free_over) == ("EMS", None)
    edited = await shop.catalog.edit(shop.keeper, made.id, ListingEdit(shipping_id=None, per_buyer=None, size=60))
    assert (edited.shipping.most, edited.per_buyer, edited.size) == (800, None, 60)


async def test_a_profile_taken_away_leaves_its_listings(shop: Shop) -> None:
    profile = await shop.catalog.shipping.create(shop.keeper, shop.store.id, NORTH)
    made = await shop.listing(shipping_id=profile.id)
    await shop.catalog.shipping.remove(shop.keeper, profile.id)
    now = await shop.catalog.get(made.id)
    assert (now.shipping_id, now.shipping.most) == (None, 800)
    with pytest.raises(ShippingNotFound):
        await shop.catalog.shipping.remove(shop.keeper, profile.id)


async def test_profiles_are_the_store_s_own(shop: Shop) -> None:
    other = await shop.people.person("Other")
    theirs = await shop.people.stores.open(other, NewStore(name="Other", handle="other"))
    profile = await shop.catalog.shipping.create(other, theirs.id, NORTH)
    for unknown in (profile.id, "nothing", "0" * 20):
        with pytest.raises(Invalid, match="shipping_id"):
            await shop.listing(shipping_id=unknown)
    mine = await shop.listing()
    with pytest.raises(Invalid, match="shipping_id"):
        await shop.catalog.edit(shop.keeper, mine.id, ListingEdit(shipping_id=profile.id))
    with pytest.raises(Forbidden):
        await shop.catalog.shipping.edit(shop.keeper, profile.id, NORTH)
    with pytest.raises(Forbidden):
        await shop.catalog.shipping.create(shop.keeper, theirs.id, NORTH)
    for _ in range(PROFILES_EACH - 1):
        await shop.catalog.shipping.create(other, theirs.id, NORTH)
    with pytest.raises(TooManyShippings):
        await shop.catalog.shipping.create(other, theirs.id, NORTH)


async def test_a_former_price_needs_its_history_and_the_seller_s_wish(shop: Shop) -> None:
    clock = shop.people.clock
    cup = await shop.listing(show_former=True)
    clock.advance(timedelta(days=20).total_seconds())
    cheap = await shop.cost(cup, 800)
    assert (cheap.price, cheap.former_price, cheap.variants[0].former_price) == (800, 1000, 1000)
    hidden = await shop.catalog.edit(shop.keeper, cup.id, ListingEdit(show_former=False))
    assert hidden.former_price is None
    await shop.catalog.edit(shop.keeper, cup.id, ListingEdit(show_former=True))
    clock.advance(timedelta(days=13).total_seconds())
    assert (await shop.catalog.get(cup.id)).former_price == 1000
    clock.advance(timedelta(days=2).total_seconds())
    assert (await shop.catalog.get(cup.id)).former_price is None


async def test_a_price_raised_for_a_day_proves_nothing(shop: Shop) -> None:
    cup = await shop.listing(show_former=True)
    shop.people.clock.advance(timedelta(days=30).total_seconds())
    await shop.cost(cup, 3000)
    shop.people.clock.advance(timedelta(days=1).total_seconds())
    assert (await shop.cost(cup, 1000)).former_price is None


async def test_put_away_it_is_not_on_offer(shop: Shop) -> None:
    cup = await shop.listing(show_former=True)
    await shop.catalog.archive(shop.keeper, cup.id)
    shop.people.clock.advance(timedelta(days=30).total_seconds())
    await shop.catalog.archive(shop.keeper, cup.id, archived=False)
    assert (await shop.cost(cup, 800)).former_price is None


async def test_prices_are_never_changed(shop: Shop) -> None:
    await shop.listing()
    for statement in ("update prices set price = 1", "delete from prices", "truncate prices"):
        with pytest.raises(RaiseException):
            async with shop.people.db.transaction() as tx:
                await tx.conn.execute(statement)


async def test_a_notice_on_request_comes_by_mail_at_once(shop: Shop) -> None:
    asker = await shop.people.person("Mio")
    with pytest.raises(NothingToRequest):
        await shop.notices.request(asker, shop.store.id, lang="ja")
    await shop.people.stores.edit(shop.keeper, shop.store.id, StoreChanges(legal=replace(NOTICE, on_request=True)))
    async with shop.people.db.read() as conn:
        assert (await shop.people.stores.get(conn, shop.store.id, asker)).legal.address == ""
    asked = await shop.notices.request(asker, shop.store.id, lang="ja")
    mail = shop.people.mails.mails()[0]
    assert mail.to == asker.email
    assert all(part in mail.text for part in (NOTICE.seller, NOTICE.address, NOTICE.phone, NOTICE.email))
    assert await shop.notices.requests(shop.keeper, shop.store.id) == [asked]
    with pytest.raises(Forbidden):
        await shop.notices.requests(asker, shop.store.id)
    with pytest.raises(EmailNeeded):
        await shop.notices.request(replace(asker, email=None), shop.store.id, lang="ja")
    for _ in range(9):
        await shop.notices.request(asker, shop.store.id, lang="en")
    with pytest.raises(TooFast):
        await shop.notices.request(asker, shop.store.id, lang="en")


async def test_a_request_is_kept_when_no_mail_goes_out(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    await shop.people.stores.edit(shop.keeper, shop.store.id, StoreChanges(legal=replace(NOTICE, on_request=True)))

    async def fails(_: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(shop.people.mails, "send", fails)
    with pytest.raises(ConnectionError):
        await shop.notices.request(await shop.people.person("Mio"), shop.store.id, lang="ja")
    (kept,) = await shop.notices.requests(shop.keeper, shop.store.id)
    assert (kept.name, kept.sent) == ("Mio", False)


async def test_only_who_runs_the_market_sets_a_fee(shop: Shop) -> None:
    with pytest.raises(Forbidden):
        await shop.people.stores.set_fee(shop.keeper, shop.store.id, 0)
    await shop.people.stores.set_fee(replace(shop.keeper, operator=True), shop.store.id, 350)
    async with shop.people.db.read() as conn:
        assert (await shop.people.stores.rows(conn, [shop.store.id]))[shop.store.id].fee_bps == 350
