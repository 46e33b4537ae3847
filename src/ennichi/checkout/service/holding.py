"""Taking, changing and releasing holds; what buying needs of them.

Locks are taken in one order everywhere: the variants, the holds, the places in lines, each by their ids.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Literal, cast

from msgspec.structs import replace

from ennichi.accounts import Account
from ennichi.catalog import Stock, VariantNotFound
from ennichi.checkout import queries
from ennichi.checkout.errors import HoldExpired, HoldNotFound, WrongState
from ennichi.checkout.events import HoldChanged
from ennichi.checkout.keys import digest_of
from ennichi.checkout.model import Hold, HoldRow, NewHold, Wait, Why
from ennichi.checkout.service.settlement import Gone, Settlement
from ennichi.checkout.service.views import Views
from ennichi.checkout.settling import Request
from ennichi.kit.clock import Clock
from ennichi.kit.db import Database, Transaction, array
from ennichi.kit.ids import is_id
from ennichi.shows import ShowNotFound

EXPIRE_AT_ONCE = 200


class Holding:
    """The first half of a purchase."""

    def __init__(self, db: Database, clock: Clock, *, views: Views, stock: Stock, settlement: Settlement) -> None:
        self._db = db
        self._clock = clock
        self._views = views
        self._stock = stock
        self._settlement = settlement

    async def take(self, actor: Account, wanted: NewHold, key: str, why: Why) -> Hold:
        """See CheckoutService.take."""
        return cast("Hold", await self._settlement.ask(_request("hold", actor, wanted, key, why)))

    async def wait(self, actor: Account, wanted: NewHold, key: str) -> Wait:
        """See CheckoutService.wait."""
        return cast("Wait", await self._settlement.ask(_request("wait", actor, wanted, key, "taken")))

    async def change(self, actor: Account, hold_id: str, quantity: int) -> Hold:
        """See CheckoutService.change."""
        async with self._db.read() as conn:
            row = await queries.HOLD.first(conn, id=hold_id) if is_id(hold_id) else None
        if row is None or row.account_id != actor.id:
            raise HoldNotFound
        self.require_held(row)
        request = Request(actor.id, row.variant_id, quantity, row.show_id, "change", hold_id=hold_id)
        try:
            return cast("Hold", await self._settlement.ask(request))
        except Gone:
            async with self._db.read() as conn:
                self.require_held(await queries.HOLD.one(conn, id=hold_id))
            raise HoldExpired from None

    async def release(self, actor: Account, hold_id: str) -> Hold:
        """See CheckoutService.release."""
        async with self._db.transaction() as tx:
            row = await queries.HOLD.first(tx, id=hold_id) if is_id(hold_id) else None
            if row is None or row.account_id != actor.id:
                raise HoldNotFound
            await self._stock.lock(tx, [row.variant_id])
            row = await queries.LOCK_HOLD.one(tx, id=hold_id)
            if row.state == "released":
                return await self._views.one(tx, row)
            self.require_held(row)
            await self._stock.give_back(tx, {row.variant_id: row.quantity})
            await queries.MOVE.run(tx, ids=array([row.id]), state="released")
            (hold,) = await self._tell(tx, [replace(row, state="released")], "released")
            return hold

    async def expire(self) -> int:
        """See CheckoutService.expire."""
        total = 0
        while True:
            async with self._db.transaction() as tx:
                now = self._clock.now()
                due = await queries.DUE.all(tx, now=now, limit=EXPIRE_AT_ONCE)
                if due:
                    await self._stock.lock(tx, {one.variant_id for one in due})
                rows = await queries.EXPIRE.all(tx, ids=array(one.id for one in due), now=now) if due else []
                units: Counter[str] = Counter()
                for row in rows:
                    units[row.variant_id] += row.quantity
                await self._stock.give_back(tx, units)
                await self._tell(tx, rows, "expired")
            total += len(rows)
            if len(due) < EXPIRE_AT_ONCE:
                return total

    def require_held(self, row: HoldRow) -> None:
        """Raise HoldExpired or WrongState unless the hold still runs."""
        if row.state == "expired" or (row.state == "held" and row.expires_at <= self._clock.now()):
            raise HoldExpired
        if row.state != "held":
            known = {"order_id": row.order_id, "purchase_id": row.purchase_id if row.state == "confirming" else None}
            raise WrongState(state=row.state, **{name: value for name, value in known.items() if value})

    async def take_back(self, tx: Transaction, units: Sequence[tuple[str, str, int]], *, restock: bool) -> None:
        """Units that were sold came back: of each hold, of its variant, so many; with `restock` they can be bought.

        They do not count for a buyer's limit any more; a hold all of whose units came back is returned.
        """
        came: Counter[str] = Counter()
        for _, variant_id, n in units:
            came[variant_id] += n
        await self._stock.lock(tx, came)
        back: Counter[str] = Counter()
        for hold_id, _, n in units:
            back[hold_id] += n
        await queries.LOCK_HOLDS.all(tx, ids=array(back))
        await queries.TAKE_BACK.run(tx, ids=array(back), quantities=array(back.values()))
        if restock:
            await self._stock.restock(tx, came)

    async def _tell(self, tx: Transaction, rows: Sequence[HoldRow], why: Why) -> list[Hold]:
        holds = await self._views.many(tx, rows)
        for row, hold in zip(rows, holds, strict=True):
            tx.record(HoldChanged(hold, row.account_id, why))
        return holds


def _request(asks: Literal["hold", "wait"], actor: Account, wanted: NewHold, key: str, why: Why) -> Request:
    """What can be told wrong without a look at the database is: VariantNotFound, ShowNotFound."""
    if wanted.show_id is not None and not is_id(wanted.show_id):
        raise ShowNotFound
    if not is_id(wanted.variant_id):
        raise VariantNotFound
    digest = digest_of(asks, wanted).hex()
    return Request(actor.id, wanted.variant_id, wanted.quantity, wanted.show_id, asks, key=key, digest=digest, why=why)
