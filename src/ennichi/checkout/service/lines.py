"""The lines of those who came too late.

Invariant: while somebody is waiting for a variant none of it is available. Whatever makes units available does so
through the stock, which tells it inside the transaction (`StockChanged.rose`); there they go to the head of the line.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from ennichi.accounts import Account
from ennichi.catalog import Offer, Stock, StockChanged
from ennichi.checkout import queries
from ennichi.checkout.errors import WaitNotFound
from ennichi.checkout.events import HoldChanged, LineMoved, WaitChanged
from ennichi.checkout.model import MAX_HOLDS, TURN_SECONDS, HeldListing, HeldVariant, HoldRow, Wait, WaitRow, WaitState
from ennichi.checkout.queries import Ahead, Ending
from ennichi.checkout.service.drafts import Draft, Drafts
from ennichi.checkout.service.views import Views
from ennichi.checkout.settling import Outcome, Waiting, turns
from ennichi.kit.clock import Clock
from ennichi.kit.db import Connection, Database, Transaction, array
from ennichi.kit.ids import Ids, is_id
from ennichi.photos import PhotoService
from ennichi.stores import StoreRow, StoreService

CALLED_AT_ONCE = 50
TELL_EVERY = 1.0
"""Seconds between two times a line is told how it moved: a rush moves everybody many times a second."""
NEAR = 100
"""So many at the head of a line are told every move; others when a twentieth of those before them is gone."""


class Lines:
    """Who waits for what."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        ids: Ids,
        *,
        stock: Stock,
        stores: StoreService,
        photos: PhotoService,
        drafts: Drafts,
        views: Views,
    ) -> None:
        self._db = db
        self._clock = clock
        self._ids = ids
        self._stock = stock
        self._stores = stores
        self._photos = photos
        self._drafts = drafts
        self._views = views
        self._moved: set[str] = set()
        self._told: dict[str, int] = {}
        self._teller: asyncio.Task[None] | None = None

    async def add(self, tx: Transaction, outcomes: Sequence[Outcome]) -> None:
        """Write down places that were just taken, also those that were served at once."""
        if outcomes:
            await queries.ADD_WAITS.run(
                tx,
                ids=array(one.wait_id or "" for one in outcomes),
                variant_ids=array(one.request.variant_id for one in outcomes),
                ns=array(one.n for one in outcomes),
                account_ids=array(one.request.account_id for one in outcomes),
                show_ids=array(one.request.show_id or "null" for one in outcomes),
                quantities=array(one.request.quantity for one in outcomes),
                hold_ids=array(one.hold_id or "null" for one in outcomes),
                now=self._clock.now(),
            )

    async def on_stock(self, tx: Transaction, changed: StockChanged) -> None:
        """Units became available: they go to the head of the line, if there is one."""
        if changed.rose:
            for level in changed.levels:
                if level.available:
                    await self._serve(tx, level.variant_id)

    async def _serve(self, tx: Transaction, variant_id: str) -> None:
        line = await queries.HEAD.all(tx, variant_id=variant_id, limit=CALLED_AT_ONCE)
        if not line:
            return
        offers = await self._stock.lock(tx, [variant_id])
        offer = offers[variant_id]
        store = (await self._stores.rows(tx, [offer.store_id]))[offer.store_id]
        on_sale = store.may_sell and not offer.archived
        free = offer.available
        while free > 0 and line:
            may_have = await self._may_have(tx, line, offer) if on_sale else {row.account_id: 0 for row in line}
            called = turns(free, [Waiting(row.id, row.quantity, may_have[row.account_id]) for row in line])
            units = {turn.wait_id: turn.units for turn in called}
            await self._call(tx, [row for row in line if row.id in units], units, offer, store)
            free -= sum(units.values())
            line = await queries.HEAD.all(tx, variant_id=variant_id, limit=CALLED_AT_ONCE)
        tx.record(LineMoved(variant_id))

    async def leave(self, actor: Account, wait_id: str) -> Wait:
        """See CheckoutService.leave."""
        async with self._db.transaction() as tx:
            row = await queries.LOCK_WAIT.first(tx, id=wait_id) if is_id(wait_id) else None
            if row is None or row.account_id != actor.id:
                raise WaitNotFound
            if row.state == "waiting":
                await self._move(tx, {row.id: ("left", None)})
                tx.record(LineMoved(row.variant_id))
            wait = (await self.seen(tx, [row.id]))[row.id]
            if row.state == "waiting":
                tx.record(WaitChanged(wait, actor.id))
            return wait

    async def waits_of(self, where: Connection, account: Account, show_id: str) -> list[Wait]:
        """See CheckoutService.waits_of."""
        rows = await queries.WAITING_OF.all(where, account_id=account.id, show_id=show_id)
        return list((await self._seen(where, rows)).values())

    async def seen(self, where: Connection, wait_ids: Iterable[str]) -> dict[str, Wait]:
        """Waits as those see them who wait, by their ids."""
        wanted = list(wait_ids)
        return await self._seen(where, await queries.WAITS.all(where, ids=array(wanted))) if wanted else {}

    async def on_line_moved(self, moved: LineMoved) -> None:
        """Those who wait will be told where they stand now, all moves of a second at once."""
        self._moved.add(moved.variant_id)
        if self._teller is None:
            self._teller = asyncio.create_task(self._tell_soon(), name="lines")

    async def stop(self) -> None:
        """Tell what is left to tell."""
        if self._teller:
            await self._teller

    async def _tell_soon(self) -> None:
        try:
            while self._moved:
                moved, self._moved = self._moved, set()
                for variant_id in moved:
                    await self._tell_line(variant_id)
                await asyncio.sleep(TELL_EVERY)
        finally:
            self._teller = None

    async def _tell_line(self, variant_id: str) -> None:
        async with self._db.read() as conn:
            line = await queries.LINE.all(conn, variant_id=variant_id)
            told = [row for ahead, row in enumerate(line) if self._is_news(row.id, ahead)]
            waits = await self._seen(conn, told)
        await self._db.events.announce([WaitChanged(waits[row.id], row.account_id) for row in told])

    def _is_news(self, wait_id: str, ahead: int) -> bool:
        before = self._told.get(wait_id)
        if before is not None and (before == ahead or (ahead >= NEAR and before - ahead < ahead // 20)):
            return False
        if len(self._told) > 100_000:
            self._told.clear()
        self._told[wait_id] = ahead
        return True

    async def _may_have(self, tx: Transaction, line: Sequence[WaitRow], offer: Offer) -> dict[str, int]:
        """The most each of them may be given: the limit of the listing, and of holds at a time (this place is one)."""
        accounts = array({row.account_id for row in line})
        active = {one.account_id: one.n for one in await queries.ACTIVE_COUNTS.all(tx, account_ids=accounts)}
        most = {row.account_id: MAX_HOLDS if active.get(row.account_id, 0) < MAX_HOLDS else 0 for row in line}
        if offer.per_buyer is not None:
            for had in await queries.HAD.all(tx, account_ids=accounts, listing_ids=array([offer.listing_id])):
                most[had.account_id] = min(most[had.account_id], max(0, offer.per_buyer - had.units))
        return most

    async def _call(
        self, tx: Transaction, rows: Sequence[WaitRow], units: Mapping[str, int], offer: Offer, store: StoreRow
    ) -> None:
        """Give these, the head of a line, their units; with none their waiting is over."""
        drafts = {
            row.id: Draft(self._ids.new(), row.account_id, row.variant_id, row.show_id, units[row.id])
            for row in rows
            if units[row.id]
        }
        holds = await self._drafts.add(
            tx, list(drafts.values()), {offer.variant_id: offer}, {store.id: store}, seconds=TURN_SECONDS
        )
        if drafts:
            await self._stock.hold(tx, {rows[0].variant_id: sum(units.values())})
        moves: dict[str, tuple[WaitState, str | None]] = {
            row.id: ("held", drafts[row.id].id) if row.id in drafts else ("over", None) for row in rows
        }
        await self._move(tx, moves)
        await self._tell_called(tx, rows, drafts, list(holds.values()))

    async def _tell_called(
        self, tx: Transaction, rows: Sequence[WaitRow], drafts: Mapping[str, Draft], holds: list[HoldRow]
    ) -> None:
        views = {hold.id: hold for hold in await self._views.many(tx, holds)}
        waits = await self.seen(tx, [row.id for row in rows])
        for row in rows:
            if row.id in drafts:
                tx.record(HoldChanged(views[drafts[row.id].id], row.account_id, "turn"))
            tx.record(WaitChanged(waits[row.id], row.account_id))

    async def _move(self, tx: Transaction, moves: Mapping[str, tuple[WaitState, str | None]]) -> None:
        for wait_id in moves:
            self._told.pop(wait_id, None)
        await queries.MOVE_WAITS.run(
            tx,
            ids=array(moves),
            states=array(state for state, _ in moves.values()),
            hold_ids=array(hold_id or "null" for _, hold_id in moves.values()),
        )

    async def _seen(self, where: Connection, rows: Sequence[WaitRow]) -> dict[str, Wait]:
        if not rows:
            return {}
        variants = {row.variant_id for row in rows}
        offers = await self._stock.offers(where, variants)
        stores = await self._stores.briefs(where, {offer.store_id for offer in offers.values()})
        photos = await self._photos.load(where, {offer.photo_id for offer in offers.values() if offer.photo_id})
        ahead = {one.id: one for one in await queries.AHEAD.all(where, ids=array(row.id for row in rows))}
        endings: dict[str, list[Ending]] = defaultdict(list)
        if ahead:
            for ending in await queries.ENDINGS.all(where, variant_ids=array(variants)):
                endings[ending.variant_id].append(ending)
        now = self._clock.now()
        waits = {}
        for row in rows:
            offer, before = offers[row.variant_id], ahead.get(row.id)
            waits[row.id] = Wait(
                id=row.id,
                show_id=row.show_id,
                listing=HeldListing(
                    id=offer.listing_id,
                    title=offer.title,
                    photo=photos.get(offer.photo_id) if offer.photo_id else None,
                    store=stores[offer.store_id],
                ),
                variant=HeldVariant(id=offer.variant_id, name=offer.variant_name),
                quantity=row.quantity,
                ahead=before.ahead if before else 0,
                state=row.state,
                hold_id=row.hold_id,
                asked_at=row.asked_at,
                earliest=_earliest(endings[row.variant_id], before, now),
                server_time=now,
            )
        return waits


def _earliest(endings: Sequence[Ending], before: Ahead | None, now: datetime) -> datetime | None:
    """When running holds will have given back more units than are waited for before this place."""
    if before is None:
        return None
    units = 0
    for ending in endings:
        units += ending.quantity
        if units > before.units:
            return max(ending.expires_at, now)
    return None
