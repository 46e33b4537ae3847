"""The first half of purchases, many in one commit.

Holds go to confirming; charges, and all that is needed to finish, are written down.

Locks: keys, then holds, each in one order. Variants are not touched.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from msgspec.structs import replace

from ennichi.accounts import Address
from ennichi.checkout import queries
from ennichi.checkout.basket import basket_of, totals_of_basket
from ennichi.checkout.errors import AddressMissing, CardMissing, TotalChanged
from ennichi.checkout.events import HoldChanged
from ennichi.checkout.keys import Claim, Keys
from ennichi.checkout.model import HoldRow, Totals
from ennichi.checkout.purchases import PurchaseRow
from ennichi.checkout.service.holding import Holding
from ennichi.checkout.service.views import Views
from ennichi.kit.batching import Batcher
from ennichi.kit.clock import Clock
from ennichi.kit.db import Database, Transaction, array
from ennichi.kit.errors import Problem
from ennichi.payments import Charge, Means, NewCharge, PaymentService


@dataclass(frozen=True, kw_only=True)
class Attempt(Claim):
    """Somebody wants to buy; what they left out is filled in from what they have saved, where they have."""

    order_id: str
    hold_ids: list[str]
    address: Address | None
    means: Means | None
    total: int
    save: bool
    tell_room: bool
    site: str
    """Where the buyer's browser is, to come back to from a gateway's page; empty for none."""
    email: str


@dataclass(frozen=True)
class Begun:
    """An attempt that stands, with what it is of."""

    attempt: Attempt
    holds: list[HoldRow]
    totals: Totals
    address: Address
    means: Means

    @property
    def show_id(self) -> str | None:
        """The show it is bought at: that of the first hold that was taken at one."""
        return next((hold.show_id for hold in self.holds if hold.show_id), None)


class Beginning:
    """Group commit of purchases that begin."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        *,
        keys: Keys,
        holding: Holding,
        views: Views,
        payments: PaymentService,
    ) -> None:
        self._db = db
        self._clock = clock
        self._keys = keys
        self._holding = holding
        self._views = views
        self._payments = payments
        self._batcher: Batcher[Attempt, Charge | None] = Batcher(self._work, name="purchases")

    async def begin(self, attempt: Attempt) -> Charge | None:
        """The charge to be made now; None when the attempt's key belongs to another one, which is to be looked at.

        Raises HoldNotFound, HoldExpired, WrongState, MixedStores, AddressMissing, CardMissing, TotalChanged.
        """
        return await self._batcher.do(attempt)

    async def stop(self) -> None:
        """Return when everything that was begun is written."""
        await self._batcher.stop()

    async def _work(self, attempts: list[Attempt]) -> Sequence[Charge | Exception | None]:
        async with self._db.transaction() as tx:
            claimed = await self._keys.claim(tx, attempts)
            mine = [attempt for attempt in attempts if attempt.purchase_id in claimed]
            begun, refused = self._judge(mine, await self._lock(tx, mine))
            if refused:
                await self._keys.free(tx, list(refused))
            charges = await self._write(tx, begun)
        return [refused.get(one.purchase_id) or charges.get(one.purchase_id) for one in attempts]

    async def _lock(self, tx: Transaction, attempts: Sequence[Attempt]) -> dict[str, HoldRow]:
        ids = {hold_id for attempt in attempts for hold_id in attempt.hold_ids}
        return {row.id: row for row in await queries.LOCK_HOLDS.all(tx, ids=array(ids))} if ids else {}

    def _judge(self, attempts: Sequence[Attempt], holds: dict[str, HoldRow]) -> tuple[list[Begun], dict[str, Problem]]:
        """Those that stand, and why the others do not; who comes first has the hold."""
        begun, refused = [], {}
        for attempt in attempts:
            try:
                one = self._stands(attempt, holds)
            except Problem as problem:
                refused[attempt.purchase_id] = problem
            else:
                begun.append(one)
                for hold in one.holds:
                    holds[hold.id] = replace(hold, state="confirming", purchase_id=attempt.purchase_id)
        return begun, refused

    def _stands(self, attempt: Attempt, holds: Mapping[str, HoldRow]) -> Begun:
        basket = basket_of(attempt.account_id, attempt.hold_ids, holds, self._holding.require_held)
        if attempt.address is None:
            raise AddressMissing
        if attempt.means is None:
            raise CardMissing
        totals = totals_of_basket(basket, attempt.address.prefecture)
        if totals.total != attempt.total:
            raise TotalChanged(total=totals.total)
        return Begun(attempt, basket, totals, attempt.address, attempt.means)

    async def _write(self, tx: Transaction, begun: Sequence[Begun]) -> dict[str, Charge]:
        if not begun:
            return {}
        charges = await self._payments.begin(tx, [_new_charge(one) for one in begun])
        now = self._clock.now()
        rows = [_row(one, charge.id, now) for one, charge in zip(begun, charges, strict=True)]
        await queries.ADD_PURCHASES.run(tx, rows=msgspec.json.encode(rows).decode())
        moved = [
            replace(hold, state="confirming", purchase_id=row.id)
            for one, row in zip(begun, rows, strict=True)
            for hold in one.holds
        ]
        await queries.CONFIRM_HOLDS.run(
            tx, ids=array(hold.id for hold in moved), purchase_ids=array(str(hold.purchase_id) for hold in moved)
        )
        for hold, shown in zip(moved, await self._views.many(tx, moved), strict=True):
            tx.record(HoldChanged(shown, hold.account_id, "paying"))
        return {row.id: charge for row, charge in zip(rows, charges, strict=True)}


def _new_charge(begun: Begun) -> NewCharge:
    attempt, address = begun.attempt, begun.address
    return NewCharge(
        account_id=attempt.account_id,
        amount=begun.totals.total,
        means=begun.means,
        store_id=begun.holds[0].store_id,
        save=attempt.save,
        return_url=_back(attempt, begun.show_id),
        payer_name=f"{address.family_name} {address.given_name}",
        payer_email=attempt.email,
    )


def _back(attempt: Attempt, show_id: str | None) -> str:
    """Where a gateway's page that took the whole window sends the buyer."""
    if not attempt.site:
        return ""
    return f"{attempt.site}{f'/shows/{show_id}' if show_id else '/orders'}?purchase={attempt.purchase_id}"


def _row(begun: Begun, charge_id: str, now: datetime) -> PurchaseRow:
    attempt = begun.attempt
    return PurchaseRow(
        id=attempt.purchase_id,
        charge_id=charge_id,
        order_id=attempt.order_id,
        account_id=attempt.account_id,
        store_id=begun.holds[0].store_id,
        show_id=begun.show_id,
        hold_ids=attempt.hold_ids,
        items=begun.totals.items,
        shipping=begun.totals.shipping,
        address=msgspec.to_builtins(begun.address),
        save=attempt.save,
        tell_room=attempt.tell_room,
        state="paying",
        started_at=now,
    )
