"""The composition root: opens what the program stands on, builds every part once, and connects them.

`open_app` is the only place where adapters are chosen. Its order is the order of need; its end is the reverse.
"""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from ennichi.accounts import AccountService, LogMailer, MailBox, Mailer, SmtpMailer
from ennichi.catalog import CatalogService, Stock
from ennichi.checkout import CheckoutService, CommentOrders
from ennichi.doctor import Doctor
from ennichi.effects import Effects
from ennichi.kit.clock import Clock, SystemClock
from ennichi.kit.db import Database, open_database
from ennichi.kit.ids import Ids, RandomIds
from ennichi.kit.jobs import Jobs
from ennichi.kit.limits import Limits
from ennichi.kit.migrate import migrate
from ennichi.ledger import LedgerService, PayoutService, sender_of
from ennichi.media import Relay, Tickets
from ennichi.moderation import ModerationService
from ennichi.orders import Market, OrderLinks, OrderService
from ennichi.payments import Gateway, Payees, PaymentService, SandboxGateway, StripeKeys, stripe_gateway
from ennichi.photos import PhotoService, open_photo_store
from ennichi.room import RoomService, Segments, Shelf, open_shelf_store
from ennichi.settings import Settings
from ennichi.shows import ShowService, Tiles
from ennichi.stores import Notices, StoreService


@dataclass(kw_only=True)
class App:
    """Every part, built."""

    settings: Settings
    clock: Clock
    ids: Ids
    db: Database
    limits: Limits
    mail_box: MailBox | None
    accounts: AccountService
    photos: PhotoService
    stores: StoreService
    notices: Notices
    catalog: CatalogService
    stock: Stock
    shows: ShowService
    room: RoomService
    segments: Segments
    relay: Relay
    sandbox: SandboxGateway | None
    """The gateway that moves no money, where it is the one in use."""
    payments: PaymentService
    payees: Payees | None
    """Stores' own accounts at the gateway, where it has such."""
    ledger: LedgerService
    payouts: PayoutService
    checkout: CheckoutService
    comment_orders: CommentOrders
    orders: OrderService
    moderation: ModerationService
    jobs: Jobs

    async def close_streams(self) -> None:
        """End every open feed, so that the server can stop: it waits for open responses."""
        await self.room.stop()


@contextlib.asynccontextmanager
async def open_app(
    settings: Settings, conninfo: str, *, clock: Clock | None = None, ids: Ids | None = None
) -> AsyncIterator[App]:
    """The whole program on the database at `conninfo`, running until the end of the block.

    Migrates the database first. Raises OSError when the relay's port is taken.
    """
    clock = clock or SystemClock()
    ids = ids or RandomIds(clock)
    settings.data.mkdir(parents=True, exist_ok=True)
    await migrate(conninfo)
    async with open_database(conninfo) as db:
        app = await _build(settings, db, clock, ids)
        Effects(app)
        await app.relay.start()
        try:
            await app.segments.start()
            await app.room.start()
            await app.checkout.start()
            await app.jobs.start()
            for row in await app.shows.live_rows():
                app.relay.open_show(row.id)
            yield app
        finally:
            await app.close_streams()
            await app.jobs.stop()
            await app.segments.stop()
            await app.comment_orders.stop()
            await app.checkout.stop()
            await app.payments.stop()
            await app.relay.stop()


async def _build(settings: Settings, db: Database, clock: Clock, ids: Ids) -> App:
    limits = Limits(clock)
    mail_box = MailBox() if settings.demo else None
    mailer = _mailer(settings, mail_box)
    accounts = AccountService(db, clock, ids, limits, mailer)
    photos = PhotoService(db, open_photo_store(settings.data / "photos"), ids, clock)
    stores = StoreService(db, clock, ids, faces=photos)
    notices = Notices(db, clock, ids, limits, mailer, accounts=accounts, stores=stores)
    stock = Stock()
    catalog = CatalogService(db, clock, ids, stores=stores, photos=photos, stock=stock)
    segments = Segments(db, Shelf(open_shelf_store(settings.data / "feed")), shows=lambda: shows)
    room = RoomService(
        db,
        clock,
        ids,
        limits,
        shows=lambda: shows,
        stores=stores,
        stock=stock,
        away=lambda show_id: relay.is_away(show_id),  # noqa: PLW0108 (the relay is built further down)
        house=lambda: moderation,
        segments=segments,
        handed_over=settings.secure,
    )
    tiles = Tiles(clock, stores, photos, catalog, room)
    shows = ShowService(db, clock, ids, stores=stores, photos=photos, catalog=catalog, tiles=tiles)
    sandbox, payees, payments = _payments(settings, db, clock, ids, stores)
    ledger = LedgerService(db, clock, stores=stores)
    sender = sender_of(settings.payout_sender) if settings.payout_sender else None
    payouts = PayoutService(db, clock, ids, stores=stores, ledger=ledger, house=payments, sender=sender)
    checkout = CheckoutService(
        db, clock, ids, accounts=accounts, stores=stores, photos=photos, shows=shows, stock=stock, payments=payments
    )
    comment_orders = CommentOrders(db, limits, take=checkout.take, stands=room.stands)
    moderation = ModerationService(db, clock, ids, limits, accounts=accounts, stores=stores, shows=shows, room=room)
    key = await _ticket_key(settings, ids)
    links = OrderLinks(key, clock)
    orders = OrderService(
        db,
        clock,
        ids,
        limits,
        accounts=accounts,
        stores=stores,
        photos=photos,
        shows=shows,
        checkout=checkout,
        payments=payments,
        ledger=ledger,
        mailer=mailer,
        links=lambda order_id, reader: settings.site + links.path(order_id, signed=reader.guest),
        signed=links,
        market=Market(
            name=settings.market_name, address=settings.market_address, number=settings.market_invoice_number
        ),
        fee_bps=settings.fee_bps,
        reserve_bps=settings.reserve_bps,
    )
    jobs = Jobs(clock)
    jobs.add("payments.reconcile", payments.reconcile, every=5)
    jobs.add("payments.webhooks", payments.work_webhooks, every=5)
    jobs.add("payments.refunds", payments.work_refunds, every=5)
    jobs.add("orders.settle", orders.settle_due, every=60)
    jobs.add("orders.receive_overdue", orders.receive_overdue, every=3600)
    jobs.add("orders.mails", orders.send_mails, every=30)
    jobs.add("ledger.payouts", payouts.work, every=60)
    jobs.add("ledger.reserves", ledger.release_reserves, every=3600)
    jobs.add("doctor.invariants", Doctor(db, clock).make_rounds, every=3600)
    _add_jobs_of_gateway(jobs, sandbox, payees)
    relay = _relay(settings, clock, key)
    return App(
        settings=settings,
        clock=clock,
        ids=ids,
        db=db,
        limits=limits,
        mail_box=mail_box,
        accounts=accounts,
        photos=photos,
        stores=stores,
        notices=notices,
        catalog=catalog,
        stock=stock,
        shows=shows,
        room=room,
        segments=segments,
        relay=relay,
        sandbox=sandbox,
        payments=payments,
        payees=payees,
        ledger=ledger,
        payouts=payouts,
        checkout=checkout,
        comment_orders=comment_orders,
        orders=orders,
        moderation=moderation,
        jobs=jobs,
    )


def _mailer(settings: Settings, box: MailBox | None) -> Mailer:
    if settings.smtp_url:
        return SmtpMailer(settings.smtp_url, settings.mail_from)
    return box or LogMailer()


def _payments(
    settings: Settings, db: Database, clock: Clock, ids: Ids, stores: StoreService
) -> tuple[SandboxGateway | None, Payees | None, PaymentService]:
    """Payments with the one gateway there is; stores have accounts of their own at Stripe only."""
    stripe = _stripe(settings, db, clock)
    if stripe:
        payees = Payees(db, clock, stripe, stores=stores, fee_bps=settings.fee_bps)
        return None, payees, PaymentService(db, clock, ids, stripe, payees=payees)
    sandbox = SandboxGateway(db, clock, ids)
    payments = PaymentService(db, clock, ids, sandbox)
    sandbox.deliver_to(payments.receive)
    return sandbox, None, payments


def _stripe(settings: Settings, db: Database, clock: Clock) -> Gateway | None:
    """Stripe, where there is an account; never in demo mode, whose people pay with invented cards."""
    secret, publishable, webhook = (
        settings.stripe_secret_key,
        settings.stripe_publishable_key,
        settings.stripe_webhook_secret,
    )
    if settings.demo or not (secret and publishable and webhook):
        return None
    keys = StripeKeys(secret=secret, publishable=publishable, webhook=webhook)
    return stripe_gateway(db, clock, keys, api_base=settings.stripe_api_base)


def _add_jobs_of_gateway(jobs: Jobs, sandbox: SandboxGateway | None, payees: Payees | None) -> None:
    if payees:
        jobs.add("payments.payees", payees.refresh, every=600)
    if sandbox:
        jobs.add("sandbox.messages", sandbox.send_messages, every=5)


def _relay(settings: Settings, clock: Clock, key: bytes) -> Relay:
    certificate = (settings.tls_cert, settings.tls_key) if settings.tls_cert and settings.tls_key else None
    tickets = Tickets(key, clock)
    return Relay(settings.host, settings.port, tickets, clock, limit=settings.max_viewers, certificate=certificate)


async def _ticket_key(settings: Settings, ids: Ids) -> bytes:
    """The key that signs tickets, made once and kept where only the program's user can read it."""
    file = settings.data / "ticket.key"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(ids.secret(32), encoding="ascii")
    return file.read_bytes()
