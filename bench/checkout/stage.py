"""What is sold in these benches, and to whom: a stall in a database of its own, durable, with a crowd of buyers."""

import contextlib
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import structlog
from tests.support.people import NOTICE
from tests.support.running import spare_port

from ennichi.accounts import Account
from ennichi.app import App, open_app
from ennichi.catalog import NewListing, NewVariant
from ennichi.kit.postgres import EmbeddedPostgres
from ennichi.settings import Settings
from ennichi.stores import NewStore, StoreChanges

PLENTY = 100_000
MADE = datetime(2026, 1, 1, tzinfo=UTC)
PEOPLE = """
with made as (
    insert into accounts (id, name, announced, created_at)
    select lpad(i::text, 20, '0'), 'Buyer ' || i, true, now() from generate_series(%(first)s::int, %(last)s::int) i
    returning id
), housed as (
    insert into addresses (account_id, family_name, given_name, family_kana, given_kana, postal_code, prefecture, city,
        line1, line2, phone)
    select id, '山本', 'みお', '', '', '1660001', '東京都', '杉並区', '阿佐谷北 1-2-3', '', '09012345678' from made
)
insert into sessions (digest, account_id, user_agent, created_at, expires_at)
select sha256(convert_to('token-' || ltrim(id, '0'), 'UTF8')), id, 'bench', now(), now() + interval '30 days' from made
"""


def account(n: int) -> Account:
    """The `n`th buyer."""
    return Account(id=f"{n:020d}", name=f"Buyer {n}", email=None, operator=False, announced=True, created_at=MADE)


def token(n: int) -> str:
    """The session of the `n`th buyer."""
    return f"token-{n}"


@dataclass
class Stage:
    """A database address, and what is in there."""

    url: str
    show_id: str
    store_id: str
    variants: list[str]
    people: int = 0

    def more_people(self, n: int) -> range:
        """Let so many more come in; their numbers."""
        first = self.people + 1
        self.people += n
        with psycopg.connect(self.url, autocommit=True) as conn:
            conn.execute(PEOPLE, {"first": first, "last": self.people})
            conn.execute("vacuum analyze accounts, sessions, addresses, holds, arrivals, variants")
        return range(first, self.people + 1)

    def stocked(self, units: int) -> None:
        """Let each variant have so many units, none of them held."""
        with psycopg.connect(self.url, autocommit=True) as conn:
            conn.execute("update holds set state = 'expired' where state = 'held'")
            conn.execute("update variants set available = %s, held = 0, sold = 0, stocked = %s", (units, units))
            conn.execute("vacuum analyze holds, variants, arrivals")
            conn.execute("checkpoint")

    def held(self, variant: str) -> tuple[int, int, int]:
        """Units available and held, and running holds of a variant."""
        with psycopg.connect(self.url, autocommit=True) as conn:
            row = conn.execute(
                "select available, held, (select count(*) from holds where variant_id = v.id and state = 'held')::int"
                " from variants v where id = %s",
                (variant,),
            ).fetchone()
            assert row
            return row[0], row[1], row[2]

    @property
    def socket(self) -> dict[str, str]:
        """How libpq's programs are told where the database is."""
        parts = urlsplit(self.url)
        host = parse_qs(parts.query)["host"][0]
        return {"PGHOST": host, "PGUSER": parts.username or "", "PGDATABASE": parts.path.lstrip("/")}


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """Somewhere to keep it all until the end of the block."""
    with tempfile.TemporaryDirectory(prefix="ennichi-bench-") as name:
        yield Path(name)


@contextlib.asynccontextmanager
async def database(where: Path) -> AsyncIterator[str]:
    """A durable Postgres, as the program runs its own."""
    postgres = EmbeddedPostgres(where / "database", log=structlog.get_logger())
    try:
        yield await postgres.start()
    finally:
        await postgres.stop()


@contextlib.asynccontextmanager
async def program(where: Path, url: str) -> AsyncIterator[App]:
    """The whole program in this process, without its web server."""
    async with open_app(Settings(data=where / "data", port=spare_port()), url) as app:
        yield app


async def set_up(app: App, url: str, variants: int) -> Stage:
    """A stall with so many variants, its show on the air."""
    keeper = (await app.accounts.create_ready_made("Keeper", "keeper@example.com")).account
    store = await app.stores.open(keeper, NewStore(name="みずのわ商店", handle="mizunowa"))
    await app.stores.edit(keeper, store.id, StoreChanges(legal=NOTICE, shipping_fee=660))
    made: list[str] = []
    listings: list[str] = []
    while len(made) < variants:
        names = [f"{n}" for n in range(min(25, variants - len(made)))]
        new = NewListing(
            title="湧き水の器",
            condition="new",
            price=1480,
            variants=[NewVariant(name=name, stock=PLENTY) for name in names],
        )
        listing = await app.catalog.create(keeper, store.id, new)
        made += [variant.id for variant in listing.variants]
        listings.append(listing.id)
    show = await app.shows.create(
        keeper, store.id, title="縁日", cover_id=None, planned_at=None, listing_ids=listings[:1]
    )
    await app.shows.move(keeper, show.id, "live")
    return Stage(url, show.id, store.id, made)


def quiet() -> None:
    """Only what went wrong is printed."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
