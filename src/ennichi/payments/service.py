"""Use cases of payments.

Invariants: a charge is written as pending, and committed, before the gateway hears of it; its id is the gateway's
idempotency key, so it can be asked for again after a crash; it is settled once. The gateway is never called inside a
transaction.
"""

from ennichi.accounts import Account
from ennichi.kit.clock import Clock
from ennichi.kit.db import Connection, Database, Transaction
from ennichi.kit.ids import Ids, is_id
from ennichi.payments import queries
from ennichi.payments.errors import CardInvalid, CardNotFound
from ennichi.payments.model import Approved, Card, CardRow, Declined, GatewayCard
from ennichi.payments.model import OldCharge as Charge
from ennichi.payments.ports import OldGateway as Gateway

CURRENCY = "JPY"


class PaymentService:
    """Saved cards, and charges through the gateway."""

    def __init__(self, db: Database, clock: Clock, ids: Ids, gateway: Gateway) -> None:
        self._db = db
        self._gateway = gateway
        self._clock = clock
        self._ids = ids

    async def cards(self, where: Connection, account_id: str) -> list[Card]:
        """Saved cards, the one used last first."""
        return [_shown(row) for row in await queries.CARDS.all(where, account_id=account_id)]

    async def my_cards(self, actor: Account) -> list[Card]:
        """The actor's saved cards, the one used last first."""
        async with self._db.read() as conn:
            return await self.cards(conn, actor.id)

    async def forget_card(self, actor: Account, card_id: str) -> list[Card]:
        """Take a saved card away; returns those left. CardNotFound."""
        async with self._db.transaction() as tx:
            if not is_id(card_id) or not await queries.FORGET_CARD.run(tx, id=card_id, account_id=actor.id):
                raise CardNotFound
            return await self.cards(tx, actor.id)

    async def choose(self, account_id: str, *, token: str | None, card_id: str | None) -> GatewayCard | None:
        """The card behind a token, else the saved one named, else the saved one used last, else None.

        Raises CardInvalid for a token the gateway does not know, CardNotFound for a card that is not saved.
        """
        if token is not None:
            card = await self._gateway.card(token)
            if card is None:
                raise CardInvalid(("card_token", "unknown"))
            return card
        async with self._db.read() as conn:
            saved = await queries.CARDS.all(conn, account_id=account_id)
        for row in saved:
            if card_id in (None, row.id):
                return GatewayCard(
                    ref=row.ref, brand=row.brand, last4=row.last4, exp_month=row.exp_month, exp_year=row.exp_year
                )
        if card_id is not None:
            raise CardNotFound
        return None

    async def keep_card(self, tx: Transaction, account_id: str, card: GatewayCard) -> Card:
        """Save a card for next time; the same card again replaces its reference."""
        row = await queries.KEEP_CARD.one(
            tx,
            id=self._ids.new(),
            account_id=account_id,
            ref=card.ref,
            brand=card.brand,
            last4=card.last4,
            exp_month=card.exp_month,
            exp_year=card.exp_year,
            now=self._clock.now(),
        )
        return _shown(row)

    async def begin(self, tx: Transaction, account_id: str, amount: int, card: GatewayCard) -> Charge:
        """Write down a charge that is about to be made."""
        charge = Charge(
            id=self._ids.new(),
            account_id=account_id,
            amount=amount,
            currency=CURRENCY,
            card_ref=card.ref,
            brand=card.brand,
            last4=card.last4,
            exp_month=card.exp_month,
            exp_year=card.exp_year,
            state="pending",
            reason=None,
            reference=None,
            created_at=self._clock.now(),
        )
        await queries.ADD_CHARGE.run(
            tx,
            id=charge.id,
            account_id=account_id,
            amount=amount,
            currency=CURRENCY,
            card_ref=card.ref,
            brand=card.brand,
            last4=card.last4,
            exp_month=card.exp_month,
            exp_year=card.exp_year,
            created_at=charge.created_at,
        )
        return charge

    async def ask(self, charge: Charge) -> Approved | Declined:
        """Have the gateway make the charge. Whatever it raises leaves the outcome unknown."""
        return await self._gateway.charge(
            amount=charge.amount, currency=charge.currency, card_ref=charge.card_ref, idempotency_key=charge.id
        )

    async def look_up(self, charge_id: str) -> Approved | Declined | None:
        """What the gateway says became of a charge; None when it never heard of it."""
        return await self._gateway.find(charge_id)

    async def settle(self, tx: Transaction, charge_id: str, outcome: Approved | Declined | None) -> bool:
        """Note what became of a pending charge (None: void, it never happened). False when it was settled before."""
        state = "void" if outcome is None else "succeeded" if isinstance(outcome, Approved) else "declined"
        settled = await queries.SETTLE.first(
            tx,
            id=charge_id,
            state=state,
            reason=outcome.reason if isinstance(outcome, Declined) else None,
            reference=outcome.reference if isinstance(outcome, Approved) else None,
            now=self._clock.now(),
        )
        if settled is not None and settled.state == "succeeded":
            await queries.TOUCH_CARD.run(tx, account_id=settled.account_id, ref=settled.card_ref, now=self._clock.now())
        return settled is not None

    async def charge(self, where: Connection, charge_id: str) -> Charge:
        """A charge as it stands."""
        return await queries.CHARGE.one(where, id=charge_id)


def _shown(row: CardRow) -> Card:
    return Card(id=row.id, brand=row.brand, last4=row.last4, exp_month=row.exp_month, exp_year=row.exp_year)
