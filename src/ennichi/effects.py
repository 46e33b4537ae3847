"""What happens in one part because of something in another. All of it is here, to be read on one page.

Inside the transaction: books and counters, which must be right together. After it: telling the rooms, which may fail
without harm, because whoever connects anew takes a fresh snapshot.
"""

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from msgspec import Struct

from ennichi.accounts import GuestsProved
from ennichi.catalog import ListingChanged, StockChanged
from ennichi.checkout import (
    Hold,
    HoldChanged,
    LineMoved,
    OrdersPlaced,
    Wait,
    WaitChanged,
    Why,
    WishMissed,
    WishReason,
)
from ennichi.kit.db import Transaction
from ennichi.ledger import PayoutMoved
from ennichi.moderation import ReportsChanged, RulesChanged, StaffChanged
from ennichi.orders import (
    Message,
    MessageSaid,
    OrderBrief,
    OrderRecorded,
    OrdersMoved,
    OrdersRecorded,
    ShowSales,
    UnitsReturned,
)
from ennichi.payments import PaymentsSettled, RefundBegun, RefundsSettled, SandboxSpeaks, WebhookReceived
from ennichi.room import Done, LineTaken
from ennichi.shows import LineupChanged, ListingPinned, ShowEdited, ShowMoved
from ennichi.stores import StoreChanged

if TYPE_CHECKING:
    from ennichi.app import App


ANSWERED: frozenset[Why] = frozenset({"taken", "changed", "released", "paying"})
"""What buyers do with a hold themselves: they have the answer, only their other windows are told."""


class YourHold(Struct, tag_field="type", tag="hold"):
    """To a buyer: their hold is another, and why."""

    hold: Hold
    why: Why


class YourWait(Struct, tag_field="type", tag="wait"):
    """To somebody in a line: their place moved, or their waiting is over."""

    wait: Wait


class YourWishMissed(Struct, tag_field="type", tag="wish_missed"):
    """To a viewer: what they ordered in the chat could not be held."""

    variant_id: str
    title: str
    reason: WishReason


class YourOrder(Struct, tag_field="type", tag="order"):
    """To a buyer: their order is placed, or stands otherwise."""

    order: OrderBrief


class OrderMessage(Struct, tag_field="type", tag="order_message"):
    """To the side of an order that has not read it yet: a message."""

    order_id: str
    message: Message


class Sale(Struct, tag_field="type", tag="sale"):
    """To the store's members: somebody bought; `sales` are the show's so far."""

    order: OrderBrief
    sales: ShowSales


class Effects:
    """Listens to every part on behalf of the others. Build it once, before anything runs."""

    def __init__(self, app: "App") -> None:
        self._app = app
        events = app.db.events
        events.on(PaymentsSettled, app.checkout.on_payments)
        events.on(OrdersPlaced, app.orders.record)
        events.on(OrdersPlaced, self._count_sold)
        events.on(ShowMoved, self._mark_live)
        events.after(ShowMoved, app.room.news.on_show_moved)
        events.after(ShowMoved, app.room.votes.on_show_moved)
        events.after(ShowMoved, self._open_or_close_video)
        events.after(ShowEdited, app.room.news.on_show_edited)
        events.on(LineTaken, app.segments.mark)
        events.after(LineTaken, app.segments.take_out)
        events.after(ListingPinned, app.room.news.on_pinned)
        events.after(LineupChanged, app.room.news.on_lineup)
        events.after(ListingChanged, self._tell_listing)
        events.after(StoreChanged, self._tell_store)
        events.after(StockChanged, self._tell_stock)
        events.on(StockChanged, app.checkout.on_stock)
        events.after(HoldChanged, self._tell_hold)
        events.after(LineMoved, app.checkout.on_line_moved)
        events.after(WaitChanged, self._tell_wait)
        events.on(PaymentsSettled, app.orders.on_payments)
        events.on(RefundsSettled, app.orders.on_refunds)
        events.on(UnitsReturned, self._count_returned)
        events.after(OrdersRecorded, self._tell_orders)
        events.after(OrdersMoved, self._tell_moved)
        events.after(MessageSaid, self._tell_message)
        events.after(OrdersPlaced, self._tell_room)
        events.after(WebhookReceived, self._work_webhooks)
        events.after(RefundBegun, self._work_refunds)
        events.after(PayoutMoved, self._work_payouts)
        events.after(SandboxSpeaks, self._send_messages)
        events.on(Done, app.moderation.note)
        events.after(RulesChanged, self._tell_rules)
        events.after(ReportsChanged, self._tell_reports)
        events.after(StaffChanged, self._renew)
        events.after(WishMissed, self._tell_missed)
        events.on(GuestsProved, self._hand_over)
        app.room.on_spoken(app.comment_orders.hear)
        app.relay.on_away(app.room.news.on_away)

    async def _count_sold(self, tx: Transaction, placed: OrdersPlaced) -> None:
        stores: Counter[str] = Counter()
        shows: Counter[str] = Counter()
        for order in placed.orders:
            units = sum(line.quantity for line in order.lines)
            stores[order.store_id] += units
            if order.show_id:
                shows[order.show_id] += units
        # The show before its store, as whoever keeps likes and whoever goes live locks them.
        for show_id in sorted(shows):
            await self._app.shows.add_sold(tx, show_id, shows[show_id])
        for store_id in sorted(stores):
            await self._app.stores.add_sold(tx, store_id, stores[store_id])

    async def _count_returned(self, tx: Transaction, returned: UnitsReturned) -> None:
        if returned.show_id:
            await self._app.shows.add_sold(tx, returned.show_id, -returned.units)
        await self._app.stores.add_sold(tx, returned.store_id, -returned.units)

    async def _mark_live(self, tx: Transaction, moved: ShowMoved) -> None:
        if moved.state == "cancelled":
            return  # it never was on the air, and another show of the store may be
        show = await self._app.shows.get(tx, moved.show_id)
        await self._app.stores.set_live_show(tx, show.store_id, moved.show_id if moved.state == "live" else None)

    async def _open_or_close_video(self, moved: ShowMoved) -> None:
        if moved.state == "live":
            self._app.relay.open_show(moved.show_id)
        else:
            await self._app.relay.close_show(moved.show_id)

    async def _work_webhooks(self, _: WebhookReceived) -> None:
        self._app.jobs.wake("payments.webhooks")

    async def _work_refunds(self, _: RefundBegun) -> None:
        self._app.jobs.wake("payments.refunds")

    async def _work_payouts(self, moved: PayoutMoved) -> None:
        if moved.state == "pending":
            self._app.jobs.wake("ledger.payouts")

    async def _send_messages(self, _: SandboxSpeaks) -> None:
        self._app.jobs.wake("sandbox.messages")

    async def _tell_listing(self, changed: ListingChanged) -> None:
        await self._app.room.news.on_listing_changed(changed.listing_id)

    async def _tell_store(self, changed: StoreChanged) -> None:
        """Whether goods may be sold, and what their shipping costs, stands in the line-up."""
        async with self._app.db.read() as conn:
            show_id = (await self._app.stores.row(conn, changed.store_id)).live_show_id
        if show_id:
            await self._app.room.news.on_lineup(LineupChanged(show_id))

    async def _tell_stock(self, changed: StockChanged) -> None:
        await self._app.room.news.on_stock({level.variant_id: level.listing_id for level in changed.levels})

    async def _tell_rules(self, changed: RulesChanged) -> None:
        await self._app.room.news.on_house(changed.store_id)

    async def _tell_reports(self, changed: ReportsChanged) -> None:
        await self._app.room.news.on_reported(changed.show_id)

    async def _renew(self, changed: StaffChanged) -> None:
        self._app.room.renew(changed.store_id, changed.account_id)

    async def _tell_hold(self, changed: HoldChanged) -> None:
        self._app.room.whisper(
            changed.hold.show_id,
            changed.account_id,
            YourHold(changed.hold, changed.why),
            later=changed.why not in ANSWERED,
        )

    async def _tell_wait(self, changed: WaitChanged) -> None:
        self._app.room.whisper(changed.wait.show_id, changed.account_id, YourWait(changed.wait))

    async def _hand_over(self, tx: Transaction, proved: GuestsProved) -> None:
        await self._app.orders.hand_over(tx, proved.guest_ids, proved.account_id)

    async def _tell_missed(self, missed: WishMissed) -> None:
        event = YourWishMissed(missed.variant_id, missed.title, missed.reason)
        self._app.room.whisper(missed.show_id, missed.account_id, event)

    async def _tell_room(self, placed: OrdersPlaced) -> None:
        for order in placed.orders:
            if order.tell_room and order.show_id:
                async with self._app.db.read() as conn:
                    buyer = await self._app.accounts.get(conn, order.account_id)
                for line in order.lines:
                    await self._app.room.tell_bought(buyer, order.show_id, line.listing_id, line.quantity)

    async def _tell_orders(self, recorded: OrdersRecorded) -> None:
        self._app.jobs.wake("orders.mails")
        of_show: dict[str, list[OrderRecorded]] = defaultdict(list)
        for one in recorded.orders:
            self._app.room.whisper(one.show_id, one.account_id, YourOrder(one.order))
            if one.show_id:
                of_show[one.show_id].append(one)
        for show_id, orders in of_show.items():
            await self._app.room.news.on_sold(show_id)
            async with self._app.db.read() as conn:
                sales = await self._app.orders.sales_of_show(conn, show_id)
            for one in orders:
                self._app.room.tell_members(show_id, Sale(one.order, sales))

    async def _tell_moved(self, moved: OrdersMoved) -> None:
        self._app.jobs.wake("orders.mails")
        if any(one.order.state == "received" for one in moved.orders):
            self._app.jobs.wake("orders.settle")
        for one in moved.orders:
            self._app.room.whisper(None, one.account_id, YourOrder(one.order))

    async def _tell_message(self, said: MessageSaid) -> None:
        async with self._app.db.read() as conn:
            members = await self._app.stores.members(conn, said.store_id)
        for account_id in {said.account_id} if said.to == "buyer" else members:
            self._app.room.whisper(None, account_id, OrderMessage(said.order_id, said.message))
