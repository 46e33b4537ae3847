"""The book of orders: who may open it where, what is noted in it, and who is told.

Whoever moves an order has locked it here first.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from ennichi.accounts import Account
from ennichi.kit.clock import Clock
from ennichi.kit.db import Connection, Transaction
from ennichi.kit.errors import Unauthorized
from ennichi.kit.ids import is_id
from ennichi.orders import queries
from ennichi.orders.errors import OrderNotFound, WrongState
from ennichi.orders.events import OrderRecorded, OrdersMoved
from ennichi.orders.links import OrderLinks
from ennichi.orders.model import By, OrderState, Role, What, may_become
from ennichi.orders.rows import MailKind, OrderRow
from ennichi.orders.service.views import Views
from ennichi.stores import StoreService

SIDES: Mapping[Role, By] = {"buyer": "buyer", "seller": "store"}


class Book:
    """What all who move orders share."""

    def __init__(self, clock: Clock, *, stores: StoreService, views: Views, links: OrderLinks) -> None:
        self._clock = clock
        self._links = links
        self._stores = stores
        self._views = views

    async def side(self, where: Connection, row: OrderRow | None, actor: Account) -> Role:
        """Which side of the order the actor is on; OrderNotFound for anyone else."""
        if row is None:
            raise OrderNotFound
        if row.account_id == actor.id:
            return "buyer"
        if await self._stores.is_member(where, row.store_id, actor):
            return "seller"
        raise OrderNotFound

    async def read(self, where: Connection, order_id: str, actor: Account) -> tuple[OrderRow, Role]:
        """An order to look at, and the side the actor is on; OrderNotFound."""
        row = await queries.GET.first(where, id=order_id) if is_id(order_id) else None
        side = await self.side(where, row, actor)
        assert row is not None  # noqa: S101 (there is no side of nothing)
        return row, side

    async def open(self, where: Connection, order_id: str, reader: Account | None, token: str) -> tuple[OrderRow, Role]:
        """As `read`; a link's `token` opens its order for anybody, as its buyer sees it. Unauthorized without both."""
        if token and self._links.opens(order_id, token):
            row = await queries.GET.first(where, id=order_id) if is_id(order_id) else None
            if row is not None:
                return row, "buyer"
        if reader is None:
            raise OrderNotFound if token else Unauthorized
        return await self.read(where, order_id, reader)

    async def lock(self, tx: Transaction, order_id: str, actor: Account) -> tuple[OrderRow, Role]:
        """An order to move, locked, and the side the actor is on; OrderNotFound."""
        row = await queries.LOCK.first(tx, id=order_id) if is_id(order_id) else None
        side = await self.side(tx, row, actor)
        assert row is not None  # noqa: S101 (as above)
        return row, side

    async def note(
        self,
        tx: Transaction,
        rows: Iterable[OrderRow],
        what: What,
        by: By,
        *,
        account_id: str | None = None,
        amount: int | None = None,
        reason: str = "",
    ) -> None:
        """Add the same to the history of each of these orders."""
        now = self._clock.now()
        events = [
            {
                "order_id": row.id,
                "what": what,
                "by": by,
                "account_id": account_id,
                "at": now,
                "amount": amount,
                "reason": reason,
            }
            for row in rows
        ]
        await self.note_all(tx, events)

    async def note_all(self, tx: Transaction, events: Sequence[Mapping[str, Any]]) -> None:
        """Add to the history of orders, in one statement."""
        if events:
            await queries.ADD_EVENTS.run(tx, events=as_json(events))

    async def post(
        self,
        tx: Transaction,
        rows: Iterable[OrderRow],
        kind: MailKind,
        to: Role,
        *,
        amount: int | None = None,
        reason: str = "",
        due_at: datetime | None = None,
    ) -> None:
        """Have a letter about each of these orders sent once this is committed."""
        due = due_at or self._clock.now()
        mails = [
            {"order_id": row.id, "kind": kind, "to": to, "amount": amount, "reason": reason, "due_at": due}
            for row in rows
        ]
        if mails:
            await queries.ADD_MAILS.run(tx, mails=as_json(mails))

    async def tell(self, tx: Transaction, rows: Sequence[OrderRow]) -> None:
        """Let the buyers know, once this is committed, how their orders stand now."""
        if rows:
            briefs = await self._views.briefs(tx, rows, "buyer")
            tx.record(
                OrdersMoved(
                    [
                        OrderRecorded(brief, row.account_id, row.store_id, row.show_id)
                        for brief, row in zip(briefs, rows, strict=True)
                    ]
                )
            )


def require(row: OrderRow, wanted: OrderState) -> None:
    """Raise WrongState unless the order may go over to `wanted`."""
    if not may_become(row.state, wanted):
        raise WrongState(state=row.state)


def as_json(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows for a statement that takes many at once."""
    return msgspec.json.encode(rows).decode()
