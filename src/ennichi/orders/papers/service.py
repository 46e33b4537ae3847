"""The papers of an order, for those who may see it: its buyer, the store's members, and who has its link."""

import msgspec

from ennichi.accounts import Account, Address
from ennichi.checkout import OrdersPlaced
from ennichi.kit.clock import JAPAN
from ennichi.kit.db import Connection, Database, Transaction
from ennichi.kit.errors import Invalid
from ennichi.kit.text import clean
from ennichi.orders import queries
from ennichi.orders.errors import OrderNotFound, WrongState
from ennichi.orders.model import REFUNDABLE
from ennichi.orders.papers.issuer import Market, issuer_of
from ennichi.orders.papers.model import (
    GivenBack,
    Issuer,
    Kind,
    PaperLine,
    Pdf,
    Receipt,
    Slip,
    rates_of,
    returned_of,
)
from ennichi.orders.papers.sheets import receipt_sheet, slip_sheet
from ennichi.orders.papers.typeset import typeset
from ennichi.orders.rows import LineRow, OrderRow
from ennichi.orders.service.book import Book
from ennichi.payments import PaidWith
from ennichi.stores import StoreRow, StoreService

RECIPIENT_MAX = 100
MESSAGE_MAX = 600


class Papers:
    """Receipts and packing slips, as values and as PDF."""

    def __init__(self, db: Database, *, book: Book, stores: StoreService, market: Market) -> None:
        self._db = db
        self._book = book
        self._stores = stores
        self._market = market

    async def freeze(self, tx: Transaction, placed: OrdersPlaced) -> None:
        """Keep who issues the receipts of these orders, as it is now; in the transaction that records them."""
        stores = await self._stores.rows(tx, {order.store_id for order in placed.orders})
        rows = [
            {"order_id": order.order_id, "issuer": issuer_of(stores[order.store_id], self._market)}
            for order in placed.orders
        ]
        await queries.ADD_ISSUERS.run(tx, rows=msgspec.json.encode(rows).decode())

    async def receipt(
        self, reader: Account | None, order_id: str, *, kind: Kind = "simple", to: str = "", token: str = ""
    ) -> Receipt:
        """The receipt of a paid order. A full one names its recipient: `to`, else who it was sent to.

        Raises OrderNotFound, WrongState (nothing was paid), Invalid.
        """
        to = clean(to)
        if len(to) > RECIPIENT_MAX:
            raise Invalid(("to", f"at most {RECIPIENT_MAX} characters"))
        async with self._db.read() as conn:
            row, _ = await self._book.open(conn, order_id, reader, token)
            if row.paid_at is None:
                raise WrongState(state=row.state)
            store = await self._stores.row(conn, row.store_id)
            issuer = await self._issuer(conn, row, store)
            lines = [_line(line, line.quantity) for line in await queries.LINES.all(conn, order_ids=[row.id])]
            refunds = await queries.GIVEN_BACK.all(conn, order_id=row.id)
        shipping = row.total - row.items
        rates = rates_of(lines, shipping)
        returned = returned_of(
            [GivenBack(one.done_at.astimezone(JAPAN).date(), one.amount, one.reduced) for one in refunds]
        )
        return Receipt(
            order_id=row.id,
            number=row.number,
            kind=kind,
            qualified=issuer.number is not None,
            paid_on=row.paid_at.astimezone(JAPAN).date(),
            dealt_on=row.placed_at.astimezone(JAPAN).date(),
            recipient=(to or _person(row)) if kind == "full" else None,
            lines=lines,
            shipping=shipping,
            rates=rates,
            total=row.total,
            tax=sum(one.tax for one in rates),
            returned=returned,
            net=row.total - sum(one.amount for one in returned),
            paid_with=PaidWith(method=row.method, brand=row.brand, last4=row.last4),
            issuer=issuer,
            color=store.color,
        )

    async def receipt_pdf(
        self, reader: Account | None, order_id: str, lang: str, *, kind: Kind = "simple", to: str = "", token: str = ""
    ) -> Pdf:
        """`receipt` as PDF, in one language."""
        receipt = await self.receipt(reader, order_id, kind=kind, to=to, token=token)
        content = await typeset("receipt", receipt_sheet(receipt, lang), receipt.number)
        return Pdf(f"receipt-{receipt.number}.pdf", content)

    async def slip_pdf(
        self, actor: Account, order_id: str, lang: str, *, prices: bool = False, message: str = ""
    ) -> Pdf:
        """The packing slip of a paid order as PDF, for the store's members: what is in the parcel.

        Units whose money went back are not on it. Raises OrderNotFound, WrongState, Invalid.
        """
        message = clean(message)
        if len(message) > MESSAGE_MAX:
            raise Invalid(("message", f"at most {MESSAGE_MAX} characters"))
        async with self._db.read() as conn:
            row, side = await self._book.read(conn, order_id, actor)
            if side != "seller":
                raise OrderNotFound
            if row.state not in REFUNDABLE:
                raise WrongState(state=row.state)
            store = await self._stores.row(conn, row.store_id)
            kept = [line for line in await queries.LINES.all(conn, order_ids=[row.id]) if line.kept]
            lines = [_line(line, line.kept) for line in kept]
        content = await typeset("slip", slip_sheet(_slip(row, store, lines, prices, message), lang), row.number)
        return Pdf(f"packing-slip-{row.number}.pdf", content)

    async def _issuer(self, where: Connection, row: OrderRow, store: StoreRow) -> Issuer:
        kept = await queries.ISSUER.first(where, order_id=row.id)
        return msgspec.convert(kept.issuer, Issuer) if kept else issuer_of(store, self._market)


def _line(row: LineRow, quantity: int) -> PaperLine:
    return PaperLine(
        title=row.title,
        variant=row.variant_name,
        quantity=quantity,
        unit_price=row.unit_price,
        tax_rate=row.tax_rate,
        amount=row.unit_price * quantity,
    )


def _person(row: OrderRow) -> str:
    return f"{row.address['family_name']} {row.address['given_name']}"


def _slip(row: OrderRow, store: StoreRow, lines: list[PaperLine], prices: bool, message: str) -> Slip:
    address = msgspec.convert(row.address, Address)
    shipping = row.total - row.items
    return Slip(
        number=row.number,
        placed_on=row.placed_at.astimezone(JAPAN).date(),
        recipient=_person(row),
        postal_code=address.postal_code,
        address=[line for line in (f"{address.prefecture}{address.city}{address.line1}", address.line2) if line],
        phone=address.phone,
        seller=store.name,
        seller_address=store.legal.address,
        seller_contact=" · ".join(part for part in (store.legal.phone, store.legal.email) if part),
        lines=lines,
        shipping=shipping,
        total=sum(line.amount for line in lines) + shipping,
        prices=prices,
        message=message,
    )
