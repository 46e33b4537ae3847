"""Confirming a hold: the money, and what happens when somebody falls over in the middle.

    tx 1   the hold goes to confirming, a pending charge and all that is needed to finish are written down
    -      the gateway is asked, outside any transaction
    tx 2   sold, with an order; or the card was declined and the hold is held again

A crash in between leaves a confirmation unsettled. `reconcile` asks the gateway what became of its charge and does
tx 2; when the gateway never heard of it, and no call can still be on its way, the hold goes back to held and the
request's key is free again. tx 2 runs once: it begins by settling the charge, which only one can.
"""

import asyncio
from datetime import timedelta

import msgspec
import structlog

from ennichi.accounts import Account, AccountService, Address, checked
from ennichi.catalog import Stock
from ennichi.checkout import queries
from ennichi.checkout.basket import totals_of_basket
from ennichi.checkout.errors import AddressMissing, CardMissing, HoldNotFound, PaymentDeclined, PaymentUnsettled
from ennichi.checkout.events import OrderPlaced
from ennichi.checkout.keys import Keys, digest_of
from ennichi.checkout.model import Confirmation, HoldRow, Terms
from ennichi.checkout.queries import ConfirmationRow, KeyRow
from ennichi.checkout.service.holding import Holding
from ennichi.kit.clock import Clock
from ennichi.kit.db import Database, Transaction
from ennichi.kit.ids import Ids, is_id
from ennichi.payments import Charge, NewCharge, PayByCard, PaymentService, PaymentsSettled, Settled

log = structlog.get_logger(__name__)

GATEWAY_SECONDS = 20.0
"""How long a call to the gateway may take before its outcome counts as unknown."""

SURELY_OVER = timedelta(seconds=30)
"""After this time no call to the gateway can still be on its way, in any process."""

WAIT_SECONDS = 10.0
"""How long a repeated request waits for the outcome of the first."""

LOOK_EVERY = 0.1
BATCH = 100


class Confirming:
    """The second half of a purchase."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        ids: Ids,
        *,
        keys: Keys,
        holding: Holding,
        accounts: AccountService,
        stock: Stock,
        payments: PaymentService,
    ) -> None:
        self._db = db
        self._clock = clock
        self._ids = ids
        self._keys = keys
        self._holding = holding
        self._accounts = accounts
        self._stock = stock
        self._payments = payments
        self._running: dict[str, asyncio.Task[None]] = {}
        db.events.on(PaymentsSettled, self.on_payments)

    async def confirm(self, actor: Account, hold_id: str, how: Confirmation, key: str) -> str:
        """See CheckoutService.confirm."""
        if not is_id(hold_id):
            raise HoldNotFound
        digest = digest_of("confirm", hold_id, how)
        async with self._db.read() as conn:
            earlier = await self._keys.earlier(conn, actor.id, key, digest)
        if earlier is not None:
            return await self._repeated(earlier)
        charge = await self._begin(actor, hold_id, how, key, digest)
        if isinstance(charge, KeyRow):  # the same request came in at the same moment
            return await self._repeated(charge)
        # A buyer who hangs up must not stop what is being paid for, so this is a task of its own.
        task = asyncio.create_task(self._charge(charge), name=f"charge {charge.id}")
        self._running[charge.id] = task
        task.add_done_callback(lambda _: self._running.pop(charge.id, None))
        await asyncio.shield(task)
        return await self._outcome(charge.id)

    async def reconcile(self) -> None:
        """Finish what a crash, or a gateway that did not answer, left unsettled."""
        async with self._db.read() as conn:
            open_ones = await queries.UNSETTLED.all(conn, limit=BATCH)
        for row in open_ones:
            if row.charge_id not in self._running:
                try:
                    await self._finish_left_over(row)
                except Exception:  # one that cannot be finished now must not keep the others from it
                    log.exception("a confirmation could not be finished", charge=row.charge_id)

    async def drain(self) -> None:
        """Wait for the charges that are under way."""
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def _begin(self, actor: Account, hold_id: str, how: Confirmation, key: str, digest: bytes) -> Charge | KeyRow:
        given = checked(how.address) if how.address else None
        card = await self._payments.choose(actor.id, PayByCard(token=how.card_token, card_id=how.card_id))
        async with self._db.transaction() as tx:
            earlier = await self._keys.claim(tx, actor.id, key, digest)
            if earlier is not None:
                return earlier
            row = await self._holding.own(tx, hold_id, actor)
            self._holding.require_held(row)
            address = given or await self._accounts.address(tx, actor.id)
            if address is None:
                raise AddressMissing
            if card is None:
                raise CardMissing
            new = NewCharge(
                account_id=actor.id, amount=totals_of_basket([row], address.prefecture).total, means=card, save=how.save
            )
            (charge,) = await self._payments.begin(tx, [new])
            await queries.ADD_CONFIRMATION.run(
                tx,
                charge_id=charge.id,
                hold_id=row.id,
                order_id=self._ids.new(),
                address=msgspec.json.encode(address).decode(),
                save=how.save,
                tell_room=how.tell_room,
                now=self._clock.now(),
            )
            await self._holding.move(tx, row, "confirming")
            await self._keys.keep(tx, actor.id, key, charge_id=charge.id)
            return charge

    async def _charge(self, charge: Charge) -> None:
        """Ask the gateway and settle; what goes wrong on the way is left to `reconcile`."""
        try:
            await self._payments.settle(charge.id, await self._payments.ask(charge))
        except Exception:  # whatever it was, the charge is written down as pending and will be looked up
            log.exception("a charge is unsettled", charge=charge.id)

    async def _finish_left_over(self, row: ConfirmationRow) -> None:
        await self._payments.look(row.charge_id)

    async def on_payments(self, tx: Transaction, event: PaymentsSettled) -> None:
        """Charges moved: what was confirmed with them is sold, or held again."""
        for one in event.settled:
            await self._settled(tx, one)

    async def _settled(self, tx: Transaction, one: Settled) -> None:
        confirmation = await queries.CONFIRMATION.first(tx, charge_id=one.charge.id)
        if confirmation is None:
            return
        hold = await queries.LOCK_HOLD.one(tx, id=confirmation.hold_id)
        await queries.CLOSE_CONFIRMATION.run(tx, charge_id=one.charge.id)
        if one.charge.state == "succeeded":
            await self._sell(tx, hold, confirmation)
        else:
            await self._holding.move(tx, hold, "held")
        if one.charge.state == "void":
            await queries.FREE_KEY.run(tx, charge_id=one.charge.id)

    async def _sell(self, tx: Transaction, hold: HoldRow, confirmation: ConfirmationRow) -> None:
        charge = await self._payments.charge(tx, confirmation.charge_id)
        address = msgspec.convert(confirmation.address, Address)
        await self._stock.mark_sold(tx, {hold.variant_id: hold.quantity})
        await self._holding.move(tx, hold, "sold", confirmation.order_id)
        if confirmation.save:
            await self._accounts.keep_address(tx, hold.account_id, address)
        tx.record(
            OrderPlaced(
                order_id=confirmation.order_id,
                hold_id=hold.id,
                charge_id=charge.id,
                account_id=hold.account_id,
                store_id=hold.store_id,
                show_id=hold.show_id,
                listing_id=hold.listing_id,
                variant_id=hold.variant_id,
                title=hold.title,
                variant_name=hold.variant_name,
                photo_id=hold.photo_id,
                quantity=hold.quantity,
                unit_price=hold.unit_price,
                tax_rate=hold.tax_rate,
                totals=totals_of_basket([hold], address.prefecture),
                terms=msgspec.convert(hold.terms, Terms),
                address=address,
                brand=charge.card.brand if charge.card else "other",
                last4=charge.card.last4 if charge.card else "",
                placed_at=self._clock.now(),
                tell_room=confirmation.tell_room,
            )
        )

    async def _repeated(self, earlier: KeyRow) -> str:
        """The answer to a request that was sent before, waiting for it when it is still being worked on."""
        if earlier.charge_id is None:
            raise PaymentUnsettled
        for _ in range(int(WAIT_SECONDS / LOOK_EVERY)):
            async with self._db.read() as conn:
                charge = await self._payments.charge(conn, earlier.charge_id)
            if charge.state != "pending":
                break
            await asyncio.sleep(LOOK_EVERY)
        return await self._outcome(earlier.charge_id)

    async def _outcome(self, charge_id: str) -> str:
        async with self._db.read() as conn:
            charge = await self._payments.charge(conn, charge_id)
            confirmation = await queries.CONFIRMATION.one(conn, charge_id=charge_id)
        if charge.state == "declined":
            raise PaymentDeclined(reason=charge.reason)
        if charge.state != "succeeded":
            raise PaymentUnsettled
        return confirmation.order_id
