"""Use cases of orders."""

from collections.abc import Sequence

import msgspec

from ennichi.accounts import Account, AccountService, Address
from ennichi.checkout import OrderPlaced, Terms, Totals
from ennichi.kit.db import Connection, Database, Transaction
from ennichi.kit.ids import is_id
from ennichi.orders import queries
from ennichi.orders.errors import OrderNotFound
from ennichi.orders.events import OrderRecorded
from ennichi.orders.model import (
    Buyer,
    LineRow,
    Order,
    OrderBrief,
    OrderLine,
    OrderRow,
    PaidWith,
    Role,
    Sales,
    month_of,
    number_of,
)
from ennichi.photos import Photo, PhotoService
from ennichi.stores import StoreService

LIST_LIMIT = 200


class OrderService:
    """The books of what was bought."""

    def __init__(self, db: Database, *, accounts: AccountService, stores: StoreService, photos: PhotoService) -> None:
        self._db = db
        self._accounts = accounts
        self._stores = stores
        self._photos = photos

    async def record(self, tx: Transaction, placed: OrderPlaced) -> None:
        """Keep a purchase as an order, paid, in the transaction that concludes it."""
        month = month_of(placed.placed_at)
        row = OrderRow(
            id=placed.order_id,
            number=number_of(month, await queries.NEXT_NUMBER.one(tx, month=month)),
            account_id=placed.account_id,
            store_id=placed.store_id,
            show_id=placed.show_id,
            state="paid",
            placed_at=placed.placed_at,
            quantity=placed.quantity,
            title=placed.title,
            photo_id=placed.photo_id,
            totals=msgspec.to_builtins(placed.totals),
            address=msgspec.to_builtins(placed.address),
            terms=msgspec.to_builtins(placed.terms),
            brand=placed.brand,
            last4=placed.last4,
        )
        fields = msgspec.structs.asdict(row)
        for name in ("totals", "address", "terms"):
            fields[name] = msgspec.json.encode(fields[name]).decode()
        await queries.ADD.run(
            tx, **fields, hold_id=placed.hold_id, charge_id=placed.charge_id, items=placed.totals.items
        )
        await queries.ADD_LINE.run(
            tx,
            order_id=row.id,
            place=1,
            listing_id=placed.listing_id,
            variant_id=placed.variant_id,
            title=placed.title,
            variant_name=placed.variant_name,
            photo_id=placed.photo_id,
            unit_price=placed.unit_price,
            quantity=placed.quantity,
            tax_rate=placed.tax_rate,
        )
        (brief,) = await self._briefs(tx, [row])
        tx.record(OrderRecorded(brief, row.account_id, row.store_id, row.show_id))

    async def mine(self, actor: Account) -> list[OrderBrief]:
        """What the actor bought, newest first."""
        async with self._db.read() as conn:
            return await self._briefs(conn, await queries.OF_ACCOUNT.all(conn, account_id=actor.id, limit=LIST_LIMIT))

    async def of_store(self, actor: Account, store_id: str) -> list[OrderBrief]:
        """What a store sold, newest first; for its members. StoreNotFound, Forbidden."""
        async with self._db.read() as conn:
            store = await self._stores.require_member(conn, store_id, actor)
            return await self._briefs(conn, await queries.OF_STORE.all(conn, store_id=store.id, limit=LIST_LIMIT))

    async def of_show(self, where: Connection, account: Account, show_id: str) -> list[OrderBrief]:
        """What the account bought in a show, newest first."""
        rows = await queries.OF_SHOW.all(where, show_id=show_id, account_id=account.id, limit=LIST_LIMIT)
        return await self._briefs(where, rows)

    async def sales_of_show(self, where: Connection, show_id: str) -> Sales:
        """What a show has sold so far, without what was cancelled or refunded."""
        return await queries.SALES_OF_SHOW.one(where, show_id=show_id)

    async def get(self, actor: Account, order_id: str) -> Order:
        """An order, for its buyer and the store's members; OrderNotFound for anyone else."""
        async with self._db.read() as conn:
            row = await queries.GET.first(conn, id=order_id) if is_id(order_id) else None
            if row is None:
                raise OrderNotFound
            role: Role = "buyer" if row.account_id == actor.id else "seller"
            if role == "seller" and not await self._stores.is_member(conn, row.store_id, actor):
                raise OrderNotFound
            (brief,) = await self._briefs(conn, [row])
            lines = await queries.LINES.all(conn, order_id=row.id)
            photos = await self._photos.load(conn, {line.photo_id for line in lines if line.photo_id})
        return Order(
            **msgspec.structs.asdict(brief),
            lines=[_line(line, photos) for line in lines],
            totals=msgspec.convert(row.totals, Totals),
            address=msgspec.convert(row.address, Address),
            paid_with=PaidWith(brand=row.brand, last4=row.last4),
            show_id=row.show_id,
            role=role,
            terms=msgspec.convert(row.terms, Terms),
        )

    async def _briefs(self, where: Connection, rows: Sequence[OrderRow]) -> list[OrderBrief]:
        if not rows:
            return []
        stores = await self._stores.briefs(where, {row.store_id for row in rows})
        buyers = await self._accounts.load(where, {row.account_id for row in rows})
        photos = await self._photos.load(where, {row.photo_id for row in rows if row.photo_id})
        return [
            OrderBrief(
                id=row.id,
                number=row.number,
                placed_at=row.placed_at,
                state=row.state,
                title=row.title,
                photo=photos.get(row.photo_id) if row.photo_id else None,
                quantity=row.quantity,
                total=row.totals["total"],
                store=stores[row.store_id],
                buyer=Buyer(id=row.account_id, name=buyers[row.account_id].name),
            )
            for row in rows
        ]


def _line(row: LineRow, photos: dict[str, Photo]) -> OrderLine:
    return OrderLine(
        listing_id=row.listing_id,
        variant_id=row.variant_id,
        title=row.title,
        variant_name=row.variant_name,
        photo=photos.get(row.photo_id) if row.photo_id else None,
        unit_price=row.unit_price,
        quantity=row.quantity,
        tax_rate=row.tax_rate,
        amount=row.unit_price * row.quantity,
    )
