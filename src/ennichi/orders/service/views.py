"""Turns rows of orders into what their two sides see."""

from collections.abc import Mapping, Sequence

import msgspec

from ennichi.accounts import AccountService, Address
from ennichi.checkout import Terms, Totals
from ennichi.kit.db import Connection
from ennichi.orders import queries
from ennichi.orders.carriers import page_of
from ennichi.orders.model import (
    Buyer,
    Can,
    GivenBack,
    Happening,
    Moment,
    Order,
    OrderBrief,
    OrderLine,
    OrderRating,
    PayAtShop,
    Role,
    Shipment,
    may,
)
from ennichi.orders.rows import LineRow, OrderRow, RatingRow
from ennichi.payments import PaidWith, PaymentService
from ennichi.photos import Photo, PhotoService
from ennichi.shows import ShowService
from ennichi.stores import StoreService


class Views:
    """Reads what an order needs from the parts around it."""

    def __init__(
        self,
        *,
        accounts: AccountService,
        stores: StoreService,
        photos: PhotoService,
        shows: ShowService,
        payments: PaymentService,
    ) -> None:
        self._accounts = accounts
        self._stores = stores
        self._photos = photos
        self._shows = shows
        self._payments = payments

    async def briefs(self, where: Connection, rows: Sequence[OrderRow], reader: Role) -> list[OrderBrief]:
        """Orders in a list, in the order given, as one side sees them: five statements, however many."""
        if not rows:
            return []
        stores = await self._stores.briefs(where, {row.store_id for row in rows})
        buyers = await self._accounts.load(where, {row.account_id for row in rows})
        photos = await self._photos.load(where, {row.photo_id for row in rows if row.photo_id})
        unread = {
            one.order_id: one.buyer if reader == "buyer" else one.seller
            for one in await queries.UNREAD.all(where, order_ids=[row.id for row in rows])
        }
        return [
            OrderBrief(
                id=row.id,
                number=row.number,
                placed_at=row.placed_at,
                state=row.state,
                title=row.title,
                photo=photos.get(row.photo_id) if row.photo_id else None,
                quantity=row.quantity,
                lines_count=row.lines_count,
                total=row.total,
                refunded=row.refunded,
                pay_by=row.pay_by if row.state == "placed" else None,
                ship_by=row.ship_by,
                arrives_by=row.arrives_by,
                cancel_asked=row.state == "paid" and row.cancel_asked_at is not None,
                unread=unread.get(row.id, 0),
                store=stores[row.store_id],
                buyer=Buyer(id=row.account_id, name=buyers[row.account_id].name),
            )
            for row in rows
        ]

    async def order(self, where: Connection, row: OrderRow, role: Role) -> Order:
        """An order with everything, as one side sees it."""
        (brief,) = await self.briefs(where, [row], role)
        lines = await queries.LINES.all(where, order_ids=[row.id])
        photos = await self._photos.load(where, {line.photo_id for line in lines if line.photo_id})
        rating = await queries.RATING.first(where, order_id=row.id)
        return Order(
            **msgspec.structs.asdict(brief),
            lines=[_line(line, photos) for line in lines],
            totals=msgspec.convert(row.totals, Totals),
            address=msgspec.convert(row.address, Address),
            paid_with=PaidWith(method=row.method, brand=row.brand, last4=row.last4),
            show_id=row.show_id,
            role=role,
            terms=msgspec.convert(row.terms, Terms),
            history=[
                Happening(**msgspec.structs.asdict(one)) for one in await queries.EVENTS.all(where, order_id=row.id)
            ],
            shipment=_shipment(row),
            refunds=[
                GivenBack(id=one.id, amount=one.amount, state=one.state, reason=one.reason, at=one.at)
                for one in await queries.REFUNDS.all(where, order_id=row.id)
            ],
            refundable=row.left,
            rating=OrderRating(stars=rating.stars, comment=rating.comment, at=rating.at) if rating else None,
            pay=await self._pay(where, row) if role == "buyer" else None,
            moment=await self._moment(where, row),
            can=_able(row, role, rating),
        )

    async def _pay(self, where: Connection, row: OrderRow) -> PayAtShop | None:
        if row.state != "placed":
            return None
        said = (await self._payments.charge(where, row.charge_id)).instructions
        if said is None:
            return None
        return PayAtShop(number=said.number, confirmation=said.confirmation, url=said.url or None, pay_by=said.pay_by)

    async def _moment(self, where: Connection, row: OrderRow) -> Moment | None:
        if row.show_id is None:
            return None
        show = await self._shows.get(where, row.show_id)
        if show.started_at is None or row.placed_at < show.started_at:
            return None
        seconds = (row.placed_at - show.started_at).total_seconds()
        return Moment(show_id=show.id, title=show.title, at=row.placed_at, seconds=seconds)


def _able(row: OrderRow, role: Role, rating: RatingRow | None) -> list[Can]:
    return may(
        role,
        row.state,
        paid=row.paid_at is not None,
        left=row.left,
        rated=rating is not None,
        asked=row.cancel_asked_at is not None,
    )


def _shipment(row: OrderRow) -> Shipment | None:
    if row.shipped_at is None:
        return None
    carrier, tracking = row.carrier or "", row.tracking or ""
    return Shipment(
        carrier=carrier,
        tracking=tracking,
        url=page_of(carrier, tracking),
        shipped_at=row.shipped_at,
        arrives_by=row.arrives_by,
    )


def _line(row: LineRow, photos: Mapping[str, Photo]) -> OrderLine:
    return OrderLine(
        listing_id=row.listing_id,
        variant_id=row.variant_id,
        title=row.title,
        variant_name=row.variant_name,
        photo=photos.get(row.photo_id) if row.photo_id else None,
        unit_price=row.unit_price,
        quantity=row.quantity,
        returned=row.returned,
        tax_rate=row.tax_rate,
        amount=row.unit_price * row.quantity,
    )
