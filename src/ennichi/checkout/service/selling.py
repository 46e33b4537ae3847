"""The second half of purchases: what their payment came to, for many in one commit, inside the transaction of payments.

Locks: purchases, variants, holds, each in one order.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec
from msgspec.structs import replace

from ennichi.accounts import AccountService, Address
from ennichi.catalog import Stock
from ennichi.checkout import queries
from ennichi.checkout.basket import terms_of_basket, totals_with
from ennichi.checkout.events import HoldChanged, OrderPlaced, OrdersPlaced, PlacedLine
from ennichi.checkout.keys import Keys
from ennichi.checkout.model import HoldRow, Why
from ennichi.checkout.purchases import PurchaseRow, PurchaseState, may_become
from ennichi.checkout.service.views import Views
from ennichi.kit.clock import Clock
from ennichi.kit.db import Transaction, array
from ennichi.payments import ActionRequired, Awaiting, Captured, Charge, Outcome, PaymentsSettled, Settled

OPEN: frozenset[PurchaseState] = frozenset({"paying", "action_required"})
"""While its holds are confirming."""


class Selling:
    """Sells what is paid for, or gives it back to its holds."""

    def __init__(self, clock: Clock, *, keys: Keys, views: Views, accounts: AccountService, stock: Stock) -> None:
        self._clock = clock
        self._keys = keys
        self._views = views
        self._accounts = accounts
        self._stock = stock

    async def on_payments(self, tx: Transaction, told: PaymentsSettled) -> None:
        """See CheckoutService.on_payments."""
        settled = {one.charge.id: one for one in told.settled}
        rows = await queries.LOCK_PURCHASES_OF_CHARGES.all(tx, charge_ids=array(settled))
        moved = [
            (row, after, settled[row.charge_id])
            for row in rows
            if may_become(row.state, after := _state(settled[row.charge_id].outcome))
        ]
        if not moved:
            return
        await queries.MOVE_PURCHASES.run(
            tx, ids=array(row.id for row, _, _ in moved), states=array(after for _, after, _ in moved)
        )
        ended = [(row, after, one) for row, after, one in moved if row.state in OPEN and after not in OPEN]
        holds = await self._holds_of(tx, [row for row, _, _ in ended])
        sold = [(row, one) for row, after, one in ended if after in ("paid", "awaiting")]
        await self._sell(tx, sold, holds)
        await self._hold_again(
            tx, [(row, one) for row, after, one in ended if after in ("declined", "given_up")], holds
        )

    async def _sell(
        self, tx: Transaction, sold: Sequence[tuple[PurchaseRow, Settled]], holds: Mapping[str, HoldRow]
    ) -> None:
        if not sold:
            return
        baskets = [[holds[hold_id] for hold_id in row.hold_ids] for row, _ in sold]
        units: Counter[str] = Counter()
        for hold in (hold for basket in baskets for hold in basket):
            units[hold.variant_id] += hold.quantity
        await self._stock.mark_sold(tx, units)
        gone = [
            replace(hold, state="sold", order_id=row.order_id)
            for (row, _), basket in zip(sold, baskets, strict=True)
            for hold in basket
        ]
        await self._move(
            tx,
            gone,
            await queries.SELL_HOLDS.run(
                tx, ids=array(hold.id for hold in gone), order_ids=array(str(hold.order_id) for hold in gone)
            ),
            "sold",
        )
        await self._keep_addresses(tx, [row for row, _ in sold])
        tx.record(
            OrdersPlaced(
                [self._placed(row, one.charge, basket) for (row, one), basket in zip(sold, baskets, strict=True)]
            )
        )

    async def _hold_again(
        self, tx: Transaction, lost: Sequence[tuple[PurchaseRow, Settled]], holds: Mapping[str, HoldRow]
    ) -> None:
        if not lost:
            return
        back = [replace(holds[hold_id], state="held", purchase_id=None) for row, _ in lost for hold_id in row.hold_ids]
        await self._move(tx, back, await queries.HOLD_AGAIN.run(tx, ids=array(hold.id for hold in back)), "changed")
        # The gateway never heard of these: whoever asks again with the same key begins anew.
        unheard = [row.id for row, one in lost if one.outcome is None and one.before == "pending"]
        if unheard:
            await self._keys.free(tx, unheard)

    async def _holds_of(self, tx: Transaction, rows: Sequence[PurchaseRow]) -> dict[str, HoldRow]:
        """Holds of purchases that were open until now: only the end of their purchase moves them."""
        ids = [hold_id for row in rows for hold_id in row.hold_ids]
        return {hold.id: hold for hold in await queries.HOLDS.all(tx, ids=array(ids))} if ids else {}

    async def _move(self, tx: Transaction, holds: Sequence[HoldRow], moved: int, why: Why) -> None:
        if moved != len(holds):
            raise RuntimeError(f"{len(holds)} holds were to be {why}, and {moved} of them are confirming")
        for hold, shown in zip(holds, await self._views.many(tx, holds), strict=True):
            tx.record(HoldChanged(shown, hold.account_id, why))

    async def _keep_addresses(self, tx: Transaction, rows: Sequence[PurchaseRow]) -> None:
        for row in sorted(rows, key=lambda row: row.account_id):
            if row.save:
                await self._accounts.keep_address(tx, row.account_id, msgspec.convert(row.address, Address))

    def _placed(self, row: PurchaseRow, charge: Charge, basket: Sequence[HoldRow]) -> OrderPlaced:
        return OrderPlaced(
            order_id=row.order_id,
            purchase_id=row.id,
            charge_id=charge.id,
            account_id=row.account_id,
            store_id=row.store_id,
            show_id=row.show_id,
            lines=[_line(hold) for hold in basket],
            totals=totals_with(basket, row.shipping),
            terms=terms_of_basket(basket),
            address=msgspec.convert(row.address, Address),
            paid_with=charge.paid_with(),
            paid=charge.state == "succeeded",
            pay_by=charge.instructions.pay_by if charge.instructions and charge.state == "awaiting" else None,
            placed_at=self._clock.now(),
            tell_room=row.tell_room,
        )


def _state(outcome: Outcome | None) -> PurchaseState:
    match outcome:
        case Captured():
            return "paid"
        case ActionRequired():
            return "action_required"
        case Awaiting():
            return "awaiting"
        case None:
            return "given_up"
        case _:
            return "declined"


def _line(hold: HoldRow) -> PlacedLine:
    same = {name: getattr(hold, name) for name in PlacedLine.__struct_fields__ if name != "hold_id"}
    return PlacedLine(hold_id=hold.id, **same)
