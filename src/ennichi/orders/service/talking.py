"""Messages between a buyer and a store about an order."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from ennichi.accounts import Account, AccountService
from ennichi.kit.clock import Clock
from ennichi.kit.db import Connection, Database
from ennichi.kit.ids import Ids
from ennichi.kit.limits import Limits
from ennichi.orders import queries
from ennichi.orders.errors import TooManyMessages
from ennichi.orders.events import MessageSaid
from ennichi.orders.messages import MESSAGES_EACH, PER_MINUTE, Message, said
from ennichi.orders.model import Role
from ennichi.orders.rows import MessageRow, OrderRow
from ennichi.orders.service.book import Book
from ennichi.stores import StoreService

LETTER_AFTER = timedelta(minutes=2)
"""Who reads a message within so long is not written to."""
OTHER: Mapping[Role, Role] = {"buyer": "seller", "seller": "buyer"}


class Talking:
    """Keeps what is said, and knows who has read how far."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        ids: Ids,
        limits: Limits,
        *,
        book: Book,
        accounts: AccountService,
        stores: StoreService,
    ) -> None:
        self._db = db
        self._clock = clock
        self._ids = ids
        self._limits = limits
        self._book = book
        self._accounts = accounts
        self._stores = stores

    async def say(self, actor: Account, order_id: str, text: str) -> Message:
        """See OrderService.say."""
        kept = said(text)
        self._limits.take(f"orders.say:{actor.id}", PER_MINUTE, 60)
        async with self._db.transaction() as tx:
            order, side = await self._book.lock(tx, order_id, actor)
            if await queries.COUNT_MESSAGES.one(tx, order_id=order.id) >= MESSAGES_EACH:
                raise TooManyMessages(limit=MESSAGES_EACH)
            now = self._clock.now()
            row = MessageRow(id=self._ids.new(), order_id=order.id, by=side, account_id=actor.id, text=kept, at=now)
            await queries.ADD_MESSAGE.run(
                tx, id=row.id, order_id=order.id, by=side, account_id=actor.id, text=kept, now=now
            )
            await self._book.post(tx, [order], "message", OTHER[side], due_at=now + LETTER_AFTER)
            names = await self._names(tx, order, [row])
            seen = _shown(row, names, OTHER[side])
            tx.record(MessageSaid(seen, order.id, order.account_id, order.store_id, order.show_id, OTHER[side]))
        return _shown(row, names, side)

    async def messages(self, actor: Account, order_id: str) -> list[Message]:
        """See OrderService.messages."""
        async with self._db.read() as conn:
            order, side = await self._book.read(conn, order_id, actor)
            rows = await queries.MESSAGES.all(conn, order_id=order.id)
            names = await self._names(conn, order, rows)
        return [_shown(row, names, side) for row in rows]

    async def read(self, actor: Account, order_id: str, up_to: str) -> None:
        """See OrderService.read."""
        async with self._db.transaction() as tx:
            order, side = await self._book.read(tx, order_id, actor)
            statement = queries.READ_BY_BUYER if side == "buyer" else queries.READ_BY_SELLER
            if up_to in {row.id for row in await queries.MESSAGES.all(tx, order_id=order.id)}:
                await statement.run(tx, id=order.id, up_to=up_to)

    async def _names(self, where: Connection, order: OrderRow, rows: Sequence[MessageRow]) -> dict[Role, str]:
        """How the two sides are called: a store answers under its own name, whoever of it writes."""
        buyer = await self._accounts.get(where, order.account_id)
        stores = await self._stores.briefs(where, [order.store_id]) if rows else {}
        return {"buyer": buyer.name, "seller": stores[order.store_id].name if stores else ""}


def _shown(row: MessageRow, names: Mapping[Role, str], reader: Role) -> Message:
    return Message(id=row.id, by=row.by, name=names[row.by], text=row.text, at=row.at, mine=row.by == reader)
