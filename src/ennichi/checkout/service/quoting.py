"""What a basket comes to before it is bought."""

from collections.abc import Sequence

from ennichi.accounts import PREFECTURES, Account, AccountService
from ennichi.checkout import queries
from ennichi.checkout.basket import basket_of, terms_of_basket, totals_of_basket
from ennichi.checkout.model import Hold, HoldRow
from ennichi.checkout.purchases import Quote, QuoteLine
from ennichi.checkout.service.holding import Holding
from ennichi.checkout.service.views import Views
from ennichi.kit.clock import Clock
from ennichi.kit.db import Connection, Database, array
from ennichi.kit.errors import Invalid
from ennichi.kit.ids import is_id
from ennichi.payments import PaymentService
from ennichi.shows import ShowNotFound, ShowService


class Quoting:
    """Looks at holds together."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        *,
        holding: Holding,
        views: Views,
        accounts: AccountService,
        shows: ShowService,
        payments: PaymentService,
    ) -> None:
        self._db = db
        self._clock = clock
        self._holding = holding
        self._views = views
        self._accounts = accounts
        self._shows = shows
        self._payments = payments

    async def quote(self, actor: Account, hold_ids: Sequence[str], prefecture: str | None) -> Quote:
        """See CheckoutService.quote."""
        if prefecture is not None and prefecture not in PREFECTURES:
            raise Invalid(("prefecture", "unknown"))
        wanted = list(dict.fromkeys(hold_ids))
        async with self._db.read() as conn:
            known = [hold_id for hold_id in wanted if is_id(hold_id)]
            found = {row.id: row for row in await queries.HOLDS.all(conn, ids=array(known))}
            basket = basket_of(actor.id, wanted, found, self._holding.require_held)
            return await self._quote(conn, actor, basket, prefecture)

    async def basket(self, actor: Account, show_id: str) -> Quote | None:
        """See CheckoutService.basket."""
        if not is_id(show_id):
            raise ShowNotFound
        async with self._db.read() as conn:
            show = await self._shows.get(conn, show_id)
            rows = await queries.RUNNING_OF_STORE.all(
                conn, account_id=actor.id, store_id=show.store_id, now=self._clock.now()
            )
            return await self._quote(conn, actor, rows, None) if rows else None

    async def _quote(self, where: Connection, actor: Account, rows: Sequence[HoldRow], prefecture: str | None) -> Quote:
        address = await self._accounts.address(where, actor.id)
        cards = await self._payments.cards(where, actor.id)
        holds = await self._views.many(where, rows)
        return Quote(
            hold_ids=[row.id for row in rows],
            store=holds[0].listing.store,
            lines=[_line(hold) for hold in holds],
            totals=totals_of_basket(rows, prefecture or (address.prefecture if address else None)),
            expires_at=min(row.expires_at for row in rows),
            server_time=self._clock.now(),
            address=address,
            card=cards[0] if cards else None,
            methods=self._payments.methods(),
            terms=terms_of_basket(rows),
            guest=actor.guest,
        )


def _line(hold: Hold) -> QuoteLine:
    return QuoteLine(
        hold_id=hold.id,
        listing=hold.listing,
        variant=hold.variant,
        quantity=hold.quantity,
        max_quantity=hold.max_quantity,
        unit_price=hold.unit_price,
        tax_rate=hold.tax_rate,
        amount=hold.unit_price * hold.quantity,
    )
