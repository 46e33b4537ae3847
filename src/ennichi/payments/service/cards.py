"""Cards people keep, and choosing what to pay with."""

from collections.abc import Iterable

from ennichi.accounts import Account
from ennichi.kit.clock import Clock
from ennichi.kit.db import Connection, Database, Later, Transaction, array
from ennichi.kit.ids import Ids, is_id
from ennichi.payments import queries
from ennichi.payments.errors import CardInvalid, CardNotFound, MethodUnavailable
from ennichi.payments.model import Card, GatewayCard, Means, Pay, PayByCard, PayByKonbini
from ennichi.payments.ports import Gateway
from ennichi.payments.queries import CardRow


class Cards:
    """Saved cards."""

    def __init__(self, db: Database, clock: Clock, ids: Ids, gateway: Gateway) -> None:
        self._db = db
        self._clock = clock
        self._ids = ids
        self._gateway = gateway

    async def of(self, where: Connection, account_id: str) -> list[Card]:
        """See PaymentService.cards."""
        return [_shown(row) for row in await self._saved(where, account_id)]

    async def latest(self, where: Connection, account_ids: Iterable[str]) -> dict[str, Card]:
        """See PaymentService.latest_cards."""
        return await (await self.latest_later(where, account_ids))

    async def latest_later(self, where: Connection, account_ids: Iterable[str]) -> Later[dict[str, Card]]:
        """See PaymentService.latest_cards_later."""
        return await queries.LATEST_CARDS.later(
            where,
            lambda rows: {row.account_id: _shown(row) for row in rows},
            account_ids=array(account_ids),
            gateway=self._gateway.name,
        )

    async def forget(self, actor: Account, card_id: str) -> list[Card]:
        """See PaymentService.forget_card."""
        async with self._db.transaction() as tx:
            if not is_id(card_id) or not await queries.FORGET_CARD.run(tx, id=card_id, account_id=actor.id):
                raise CardNotFound
            return await self.of(tx, actor.id)

    async def keep(self, tx: Transaction, account_id: str, card: GatewayCard) -> Card:
        """See PaymentService.keep_card."""
        row = await queries.KEEP_CARD.one(
            tx,
            id=self._ids.new(),
            account_id=account_id,
            gateway=self._gateway.name,
            ref=card.ref,
            brand=card.brand,
            last4=card.last4,
            exp_month=card.exp_month,
            exp_year=card.exp_year,
            now=self._clock.now(),
        )
        return _shown(row)

    async def choose(self, account_id: str, pay: Pay | None) -> Means | None:
        """See PaymentService.choose."""
        match pay or PayByCard():
            case PayByKonbini():
                if "konbini" not in self._gateway.methods:
                    raise MethodUnavailable(method="konbini")
                return Means(method="konbini")
            case PayByCard(token=token, card_id=card_id):
                card = await (self._new(token) if token is not None else self._kept(account_id, card_id))
                return Means(method="card", card=card) if card else None

    async def _new(self, token: str) -> GatewayCard:
        card = await self._gateway.card(token)
        if card is None:
            raise CardInvalid(("pay.token", "unknown"))
        return card

    async def _kept(self, account_id: str, card_id: str | None) -> GatewayCard | None:
        async with self._db.read() as conn:
            saved = await self._saved(conn, account_id)
        for row in saved:
            if card_id in (None, row.id):
                return GatewayCard(
                    ref=row.ref, brand=row.brand, last4=row.last4, exp_month=row.exp_month, exp_year=row.exp_year
                )
        if card_id is not None:
            raise CardNotFound
        return None

    async def _saved(self, where: Connection, account_id: str) -> list[CardRow]:
        return await queries.CARDS.all(where, account_id=account_id, gateway=self._gateway.name)


def _shown(row: CardRow) -> Card:
    return Card(id=row.id, brand=row.brand, last4=row.last4, exp_month=row.exp_month, exp_year=row.exp_year)
