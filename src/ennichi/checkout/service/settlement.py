"""Group commit: everybody who asks for units while a batch is being settled is in the next one.

A batch is one transaction of few statements, however many are in it: lock the variants, read how things stand, settle
in Python (`settling`), write what came of it. Its answers are made while the next batch is settled already. Several
processes may do this on one database: whoever has the variants' locks sees what is true.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence, Set
from datetime import timedelta

import msgspec
from msgspec import Struct
from psycopg.errors import UniqueViolation

from ennichi.catalog import Archived, Offer, Stock, StockChanged, VariantNotFound
from ennichi.checkout import queries
from ennichi.checkout.errors import OwnListing
from ennichi.checkout.events import HoldChanged
from ennichi.checkout.model import Hold, HoldRow, Wait, Why
from ennichi.checkout.queries import Stands
from ennichi.checkout.service.drafts import Draft, Drafts
from ennichi.checkout.service.lines import Lines
from ennichi.checkout.service.views import Buyers, Free, Views
from ennichi.checkout.settling import Ground, Known, Outcome, Request, Settling, Standing
from ennichi.kit.batching import Batcher
from ennichi.kit.clock import Clock
from ennichi.kit.db import Database, Later, Transaction, array, texts, together
from ennichi.kit.errors import Invalid, Problem
from ennichi.kit.ids import Ids
from ennichi.kit.remembered import Remembered
from ennichi.shows import ShowNotFound, ShowService
from ennichi.stores import NoticeIncomplete, StoreRow, StoreService

AT_ONCE = 2_000
"""So many that the first who come too late are told so with those who came in time, and not some batches later."""

RACES = 5
KEYS = "arrivals_by_key"
SELLERS_KNOWN = 100_000
"""Of so many variants it is remembered whose they are, which never changes."""
KEEPERS_KNOWN_FOR = timedelta(seconds=10)
_stands = msgspec.json.Decoder(Stands)


class Gone(Exception):
    """The hold to be changed is not held any more."""


class Raced(RuntimeError):
    """A key was used by another process at the same moment, again and again; once more, one sees what came of it."""


class Batch(Struct):
    """What a batch came to."""

    outcomes: list[Outcome]
    free: Free
    stores: Mapping[str, StoreRow]
    written: "Written"
    lapsed: list[str]


class Written(Struct):
    """What was written for a batch, and what was asked on the way."""

    new: dict[str, HoldRow]
    moved: list[Later[StockChanged]]
    buyers: Callable[[], Awaitable[Buyers]]


class Settlement:
    """Settles requests for units, many at once, each caller awaiting its own answer."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        ids: Ids,
        *,
        stock: Stock,
        stores: StoreService,
        shows: ShowService,
        drafts: Drafts,
        views: Views,
        lines: Lines,
    ) -> None:
        self._db = db
        self._clock = clock
        self._ids = ids
        self._stock = stock
        self._stores = stores
        self._shows = shows
        self._drafts = drafts
        self._views = views
        self._lines = lines
        self._store_of: dict[str, str] = {}
        self._seller_of: dict[str, str] = {}
        self._keepers = Remembered[str, Set[str]](clock, KEEPERS_KNOWN_FOR)
        self._batcher = Batcher[Request, Hold | Wait](self._work, name="holds", most=AT_ONCE)
        self._untold: list[object] = []
        self._telling: asyncio.Task[None] | None = None

    def ask(self, request: Request) -> asyncio.Future[Hold | Wait]:
        """The hold, or the wait where that was asked for; raises a Problem, or Gone when there is none to change."""
        return self._batcher.do(request)

    async def stop(self) -> None:
        """Let what was asked for come to its end, and be told."""
        await self._batcher.stop()
        if self._telling:
            await self._telling

    async def _work(self, requests: list[Request]) -> "asyncio.Task[list[Hold | Wait | Exception]]":
        for _ in range(RACES):
            try:
                async with self._db.swift_transaction() as tx:
                    batch = await self._settle(tx, requests)
                self._drafts.committed(batch.written.new)
                break
            except UniqueViolation as problem:
                if problem.diag.constraint_name != KEYS:
                    raise
        else:
            raise Raced
        return asyncio.create_task(self._answer(batch, tx.recorded), name="answers of holds")

    async def _settle(self, tx: Transaction, requests: list[Request]) -> Batch:
        offers, stores, stands = await self._look(tx, requests)
        await self._find_problems(tx, requests, offers)
        ground = await self._ground(tx, requests, offers, stores, stands)
        settling = Settling(ground, self._ids.new)
        outcomes = settling.all(requests)
        written = await self._write(tx, outcomes, settling, offers, stores)
        return Batch(outcomes, _free(ground, requests), stores, written, settling.lapsed)

    async def _look(
        self, tx: Transaction, requests: list[Request]
    ) -> tuple[dict[str, Offer], dict[str, StoreRow], Stands]:
        """Lock what is asked for and read how things stand, in one go; later statements see under the locks."""
        variants = {request.variant_id for request in requests}
        known = {self._seller_of[variant] for variant in variants if variant in self._seller_of}
        async with together(tx):
            await queries.BY_INDEX.later(tx, len)
            locked = await self._stock.lock_later(tx, variants)
            read = await self._stores.rows_later(tx, known)
            stood = await queries.STANDS.later(
                tx,
                _one_stands,
                account_ids=array(request.account_id for request in requests),
                variant_ids=array(request.variant_id for request in requests),
                keys=texts(request.key for request in requests),
            )
        offers, stores, stands = await locked, await read, await stood
        if more := {offer.store_id for offer in offers.values()} - stores.keys():
            stores |= await self._stores.rows(tx, more)
            if len(self._seller_of) > SELLERS_KNOWN:
                self._seller_of.clear()
            self._seller_of.update((variant, offer.store_id) for variant, offer in offers.items())
        return offers, stores, stands

    async def _find_problems(self, tx: Transaction, requests: list[Request], offers: Mapping[str, Offer]) -> None:
        """Note on each request why it cannot be, whatever is free."""
        keepers = {store_id: await self._kept_by(tx, store_id) for store_id in {o.store_id for o in offers.values()}}
        shows = {show_id: await self._store(tx, show_id) for show_id in {r.show_id for r in requests if r.show_id}}
        for request in requests:
            offer = offers.get(request.variant_id)
            if offer is None:
                request.problem = VariantNotFound()
            elif request.account_id in keepers[offer.store_id]:
                request.problem = OwnListing()
            elif request.show_id and shows[request.show_id] != offer.store_id:
                foreign = shows[request.show_id] is not None
                request.problem = Invalid(("show_id", "of_another_store")) if foreign else ShowNotFound()
            else:
                request.problem = None

    async def _kept_by(self, tx: Transaction, store_id: str) -> Set[str]:
        return await self._keepers.get(store_id, lambda: self._stores.members(tx, store_id))

    async def _store(self, tx: Transaction, show_id: str) -> str | None:
        """Whose show it is, which never changes; None when there is no such show."""
        if show_id not in self._store_of:
            try:
                self._store_of[show_id] = (await self._shows.get(tx, show_id)).store_id
            except ShowNotFound:
                return None
        return self._store_of[show_id]

    async def _ground(
        self,
        tx: Transaction,
        requests: list[Request],
        offers: Mapping[str, Offer],
        stores: Mapping[str, StoreRow],
        stands: Stands,
    ) -> Ground:
        now = self._clock.now()
        limits = {v: (o.listing_id, o.per_buyer) for v, o in offers.items() if o.per_buyer is not None}
        had = []
        if limits:
            accounts = array({request.account_id for request in requests})
            listings = array({listing for listing, _ in limits.values()})
            had = await queries.HAD.all(tx, account_ids=accounts, listing_ids=listings)
        return Ground(
            free={variant: offer.available for variant, offer in offers.items()},
            line={line.variant_id: line.waiting for line in stands.lines or ()},
            last={line.variant_id: line.last for line in stands.lines or ()},
            barred=_barred(offers, stores),
            limits=limits,
            active={
                (hold.account_id, hold.variant_id): Standing(
                    hold.id, hold.quantity, hold.state == "confirming", hold.state == "held" and hold.expires_at <= now
                )
                for hold in stands.active or ()
            },
            waiting={(place.account_id, place.variant_id): place.id for place in stands.places or ()},
            busy={busy.account_id: busy.n for busy in stands.busy or ()},
            had={(one.account_id, one.listing_id): one.units for one in had},
            known={
                (one.account_id, one.key): Known(one.digest, one.hold_id, one.wait_id) for one in stands.answered or ()
            },
        )

    async def _write(
        self,
        tx: Transaction,
        outcomes: Sequence[Outcome],
        settling: Settling,
        offers: Mapping[str, Offer],
        stores: Mapping[str, StoreRow],
    ) -> Written:
        """Send what came of a batch to be written."""
        drafts = [
            Draft(
                one.standing.hold_id,
                one.request.account_id,
                one.request.variant_id,
                one.request.show_id,
                one.standing.quantity,
            )
            for one in outcomes
            if one.verdict == "held" and one.standing
        ]
        if settling.lapsed:
            await queries.MOVE.run(tx, ids=array(settling.lapsed), state="expired")
        new = await self._drafts.add(tx, drafts, offers, stores)
        changed = {
            one.standing.hold_id: one.standing.quantity
            for one in outcomes
            if one.verdict == "changed" and one.standing and one.standing.hold_id not in new
        }
        if changed:
            await queries.SET_QUANTITIES.run(tx, ids=array(changed), quantities=array(changed.values()))
        logged = [one for one in outcomes if one.n]
        if logged:
            await _log(tx, logged, self._clock)
        await self._lines.add(tx, [one for one in logged if one.wait_id])
        held = {variant: n for variant, n in settling.taken.items() if n > 0}
        moved = [await self._stock.hold_later(tx, held)] if held else []
        await self._stock.give_back(tx, {variant: -n for variant, n in settling.taken.items() if n < 0})
        buyers = {one.request.account_id for one in outcomes if one.hold_id}
        return Written(new, moved, await self._views.buyers_later(tx, buyers))

    async def _answer(self, batch: Batch, recorded: list[object]) -> list[Hold | Wait | Exception]:
        async with self._db.read() as conn:
            rows = dict(batch.written.new)
            more = [one.hold_id for one in batch.outcomes if one.hold_id and one.hold_id not in rows]
            if more or batch.lapsed:
                old = await queries.HOLDS.all(conn, ids=array({*more, *batch.lapsed}))
                rows.update({row.id: row for row in old})
            buyers = await batch.written.buyers()
            seen = await self._views.many(
                conn, list(rows.values()), free=batch.free, stores=batch.stores, buyers=buyers
            )
            holds = dict(zip(rows, seen, strict=True))
            waits = await self._lines.seen(conn, [one.wait_id for one in batch.outcomes if one.wait_id])
        told: list[object] = [await moved for moved in batch.written.moved]
        told += [HoldChanged(holds[hold_id], rows[hold_id].account_id, "expired") for hold_id in batch.lapsed]
        for one in batch.outcomes:
            if one.hold_id and one.verdict in ("held", "changed"):
                why: Why = one.request.why if one.verdict == "held" else "changed"
                told.append(HoldChanged(holds[one.hold_id], one.request.account_id, why))
        self._untold += [*recorded, *told]
        if self._telling is None:
            self._telling = asyncio.create_task(self._tell(), name="telling of holds")
        return [_answer_to(one, holds, waits) for one in batch.outcomes]

    async def _tell(self) -> None:
        """Without keeping anybody waiting; of the stock what all batches of meanwhile come to is told as one."""
        while self._untold:
            untold, self._untold = self._untold, []
            fell = {
                e.variant_id: e for one in untold if isinstance(one, StockChanged) and not one.rose for e in one.levels
            }
            others = [one for one in untold if not isinstance(one, StockChanged) or one.rose]
            await self._db.events.announce([StockChanged(list(fell.values()), rose=False), *others] if fell else others)
        self._telling = None


def _one_stands(rows: list[str]) -> Stands:
    return _stands.decode(rows[0])


def _free(ground: Ground, requests: Sequence[Request]) -> Free:
    units = {variant: 0 if ground.line.get(variant) else n for variant, n in ground.free.items()}
    left: dict[tuple[str, str], int] = {}
    if ground.limits:
        for request in requests:
            if limit := ground.limits.get(request.variant_id):
                whose = (request.account_id, limit[0])
                left[whose] = limit[1] - ground.had.get(whose, 0)
    return Free(units, left)


def _barred(offers: Mapping[str, Offer], stores: Mapping[str, StoreRow]) -> dict[str, Problem]:
    missing = {store_id: store.missing for store_id, store in stores.items()}
    barred: dict[str, Problem] = {}
    for variant_id, offer in offers.items():
        if offer.archived:
            barred[variant_id] = Archived()
        elif missing[offer.store_id]:
            barred[variant_id] = NoticeIncomplete(missing=missing[offer.store_id])
    return barred


async def _log(tx: Transaction, logged: Sequence[Outcome], clock: Clock) -> None:
    requests = [one.request for one in logged]
    keys = [one.key for one in logged]
    await queries.ADD_ARRIVALS.run(
        tx,
        variant_ids=array(request.variant_id for request in requests),
        ns=array(one.n for one in logged),
        account_ids=array(request.account_id for request in requests),
        keys=texts(keys),
        digests=array(one.request.digest if key else "null" for one, key in zip(logged, keys, strict=True)),
        quantities=array(request.quantity for request in requests),
        outcomes=array(one.verdict for one in logged),
        lefts=array(one.left for one in logged),
        hold_ids=array(one.hold_id or "null" for one in logged),
        now=clock.now(),
    )


def _answer_to(one: Outcome, holds: Mapping[str, Hold], waits: Mapping[str, Wait]) -> Hold | Wait | Exception:
    if one.problem:
        return one.problem
    if one.verdict == "gone":
        return Gone()
    if one.wait_id and one.request.asks == "wait":
        return waits[one.wait_id]
    return holds[one.hold_id or ""]
