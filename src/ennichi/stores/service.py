"""Use cases of stores. Anyone signed in may open one; only its members change it."""

from collections.abc import Collection, Iterable, Mapping

from msgspec import structs

from ennichi import locale
from ennichi.accounts import Account
from ennichi.kit.clock import Clock
from ennichi.kit.db import Connection, Database, Later, Transaction
from ennichi.kit.errors import Forbidden
from ennichi.kit.ids import Ids
from ennichi.photos import PhotoService
from ennichi.stores import queries as q
from ennichi.stores.errors import HandleTaken, StoreNotFound, TooManyStores
from ennichi.stores.events import StoreChanged
from ennichi.stores.model import (
    STORES_EACH,
    NewStore,
    Role,
    Store,
    StoreBrief,
    StoreChanges,
    StoreFee,
    StoreRow,
    changed,
    first_color,
    handle_of,
    role_of,
)
from ennichi.stores.queries import Moderator

FEES_AT_ONCE = 20
LONGEST_REF = 40


class StoreService:
    """Stalls: opening, keeping, finding and following them."""

    def __init__(self, db: Database, clock: Clock, ids: Ids, *, faces: PhotoService) -> None:
        self._db = db
        self._clock = clock
        self._ids = ids
        self._faces = faces

    async def open(self, actor: Account, new: NewStore, *, lang: str = "ja") -> Store:
        """Open a store kept by `actor`, its first terms written in `lang`.

        Raises Invalid, PhotoUnknown, HandleTaken, TooManyStores.
        """
        handle = handle_of(new.handle)
        blank = StoreRow(
            id=self._ids.new(),
            handle=handle,
            name=new.name,
            story=new.story,
            face_id=new.face_id,
            color=first_color(handle),
            place="",
            opened_at=self._clock.now(),
            legal_seller="",
            legal_representative="",
            legal_address="",
            legal_phone="",
            legal_email="",
            legal_on_request=False,
            shipping_fee=800,
            ships_within_days=3,
            carrier=locale.text(lang, "store.carrier"),
            returns=locale.text(lang, "store.returns"),
            cancellation=locale.text(lang, "store.cancellation"),
        )
        row = changed(blank, StoreChanges(name=new.name, story=new.story, face_id=new.face_id))
        async with self._db.transaction() as tx:
            await self._add(tx, actor, row)
            return await self.get(tx, row.id, actor)

    async def edit(self, actor: Account, ref: str, changes: StoreChanges) -> Store:
        """Change what is given of the store with this id or handle.

        Raises StoreNotFound, Forbidden, Invalid, PhotoUnknown.
        """
        async with self._db.transaction() as tx:
            store_id = (await self.require_member(tx, ref, actor)).id
            before = await q.STORE_FOR_UPDATE.one(tx, id=store_id)
            row = changed(before, changes)
            if row.face_id and row.face_id != before.face_id:
                await self._faces.require_own(tx, [row.face_id], actor)
            await q.UPDATE_STORE.run(tx, **structs.asdict(row))
            tx.record(StoreChanged(store_id))
            return await self.get(tx, store_id, actor)

    async def get(self, where: Connection, ref: str, visitor: Account | None) -> Store:
        """The store with this id or handle, as `visitor` sees it; StoreNotFound."""
        row = await self.row(where, ref)
        faces = await self._faces.load(where, [row.face_id] if row.face_id else [])
        if visitor is None:
            return row.seen(faces, following=False, mine=False)
        ties = await q.TIES.one(where, store_id=row.id, account_id=visitor.id)
        return row.seen(faces, following=ties.following, mine=ties.mine)

    async def row(self, where: Connection, ref: str) -> StoreRow:
        """The store with this id or handle as it is kept: terms, fee, legal notice; StoreNotFound."""
        if len(ref) > LONGEST_REF or not ref.isascii() or "\0" in ref:
            raise StoreNotFound
        row = await q.STORE.first(where, ref=ref)
        if row is None:
            raise StoreNotFound
        return row

    async def rows(self, where: Connection, store_ids: Iterable[str]) -> dict[str, StoreRow]:
        """Those of the stores that exist as they are kept, by id: one statement, however many."""
        return await (await self.rows_later(where, store_ids))

    async def rows_later(self, where: Connection, store_ids: Iterable[str]) -> Later[dict[str, StoreRow]]:
        """The same, sent `together` with other statements."""

        def by_id(rows: list[StoreRow]) -> dict[str, StoreRow]:
            return {row.id: row for row in rows}

        return await q.STORES.later(where, by_id, ids=list(set(store_ids)))

    async def briefs(self, where: Connection, store_ids: Iterable[str]) -> dict[str, StoreBrief]:
        """Those of the stores that exist, by id, with their faces: two statements, however many."""
        return await self.briefs_of(where, (await self.rows(where, store_ids)).values())

    async def briefs_of(self, where: Connection, rows: Collection[StoreRow]) -> dict[str, StoreBrief]:
        """These stores by id, with their faces: one statement more."""
        faces = await self._faces.load(where, [row.face_id for row in rows if row.face_id])
        return {row.id: row.brief(faces) for row in rows}

    async def kept_by(self, where: Connection, account: Account) -> list[str]:
        """The ids of the stores this account keeps, oldest first."""
        return await q.KEPT_BY.all(where, account_id=account.id)

    async def stores_of(self, account: Account) -> list[StoreBrief]:
        """The stores this account keeps, oldest first."""
        async with self._db.read() as conn:
            return await self._in_order(conn, await q.KEPT_BY.all(conn, account_id=account.id))

    async def followed(self, account: Account) -> list[StoreBrief]:
        """The stores this account follows, the latest first (at most 200)."""
        async with self._db.read() as conn:
            return await self._in_order(conn, await q.FOLLOWED_BY.all(conn, account_id=account.id))

    async def search(self, where: Connection, text: str, limit: int = 20) -> list[StoreBrief]:
        """Stores in whose words `text` occurs: those on the air first, then the most followed. "" finds all."""
        return await self._in_order(where, await self._found(where, text, limit))

    async def follow(self, actor: Account, store_id: str) -> Store:
        """Follow; doing it twice changes nothing. StoreNotFound."""
        async with self._db.transaction() as tx:
            row = await self.row(tx, store_id)
            added = await q.FOLLOW.run(tx, account_id=actor.id, store_id=row.id, now=self._clock.now())
            if added:
                await q.ADD_FOLLOWERS.run(tx, store_id=row.id, n=1)
            return await self.get(tx, row.id, actor)

    async def unfollow(self, actor: Account, store_id: str) -> Store:
        """Stop following; doing it twice changes nothing. StoreNotFound."""
        async with self._db.transaction() as tx:
            row = await self.row(tx, store_id)
            if await q.UNFOLLOW.run(tx, account_id=actor.id, store_id=row.id):
                await q.ADD_FOLLOWERS.run(tx, store_id=row.id, n=-1)
            return await self.get(tx, row.id, actor)

    async def require_member(self, where: Connection, store_id: str, account: Account) -> StoreRow:
        """The store, if `account` is one of its members; StoreNotFound, or Forbidden."""
        row = await self.row(where, store_id)
        if not await self.is_member(where, row.id, account):
            raise Forbidden
        return row

    async def is_member(self, where: Connection, store_id: str, account: Account | None) -> bool:
        """Whether `account` keeps this store."""
        return account is not None and account.id in await self.members(where, store_id)

    async def members(self, where: Connection, store_id: str) -> set[str]:
        """The account ids of those who keep this store."""
        return set(await q.MEMBERS.all(where, store_id=store_id))

    async def role(self, where: Connection, store_id: str, account: Account | None) -> Role | None:
        """What `account` is to this store; the house's operator keeps order everywhere. None for everyone else."""
        if account is None:
            return None
        return role_of(await q.ROLE.first(where, store_id=store_id, account_id=account.id), account)

    async def staff(self, where: Connection, store_id: str) -> Mapping[str, Role]:
        """What each of the store's own people is to it, by account id. Operators are not among them."""
        return {member.account_id: member.role for member in await q.STAFF.all(where, store_id=store_id)}

    async def require_staff(self, where: Connection, store_id: str, account: Account) -> Role:
        """The role of somebody who may keep order in the store's rooms; Forbidden for everyone else."""
        role = await self.role(where, store_id, account)
        if role is None:
            raise Forbidden
        return role

    async def moderators(self, where: Connection, store_id: str) -> list[Moderator]:
        """Who keeps order in the store's rooms besides its owners, the longest first."""
        return await q.MODERATORS.all(where, store_id=store_id)

    async def appoint(self, tx: Transaction, store_id: str, account_id: str) -> bool:
        """Let somebody keep order in the store's rooms; False when they are a member already."""
        return bool(await q.INSERT_MODERATOR.run(tx, store_id=store_id, account_id=account_id, now=self._clock.now()))

    async def dismiss(self, tx: Transaction, store_id: str, account_id: str) -> bool:
        """A moderator is one no more; False when they were none."""
        return bool(await q.DELETE_MODERATOR.run(tx, store_id=store_id, account_id=account_id))

    async def set_fee(self, actor: Account, ref: str, fee_bps: int | None) -> None:
        """What the market keeps of this store's sales from now on; None: as much as of everyone.

        Raises StoreNotFound; Forbidden unless the actor runs the installation.
        """
        if not actor.operator:
            raise Forbidden
        async with self._db.transaction() as tx:
            await q.SET_FEE.run(tx, id=(await self.row(tx, ref)).id, fee_bps=fee_bps)

    async def fees(self, actor: Account, text: str = "") -> list[StoreFee]:
        """What is kept of the stores in whose words `text` occurs; "" finds those with a fee of their own.

        Raises Forbidden unless the actor runs the installation.
        """
        if not actor.operator:
            raise Forbidden
        async with self._db.read() as conn:
            if not text:
                return await q.OWN_FEES.all(conn)
            found = await self._found(conn, text, FEES_AT_ONCE)
            rows = await self.rows(conn, found)
            return [
                StoreFee(id=r.id, handle=r.handle, name=r.name, fee_bps=r.fee_bps) for r in map(rows.__getitem__, found)
            ]

    async def follows(self, where: Connection, store_id: str, account_id: str) -> bool:
        """Whether this account follows the store."""
        return await q.FOLLOWS.one(where, store_id=store_id, account_id=account_id)

    async def add_sold(self, tx: Transaction, store_id: str, n: int) -> None:
        """Count `n` more units sold (fewer, when negative)."""
        await q.ADD_SOLD.run(tx, store_id=store_id, n=n)

    async def add_likes(self, tx: Transaction, store_id: str, n: int) -> None:
        """Count `n` more likes."""
        await q.ADD_LIKES.run(tx, store_id=store_id, n=n)

    async def add_rating(self, tx: Transaction, store_id: str, stars: int) -> None:
        """Count one more buyer's rating, of 1 to 5 stars."""
        await q.ADD_RATING.run(tx, store_id=store_id, stars=stars)

    async def set_live_show(self, tx: Transaction, store_id: str, show_id: str | None) -> None:
        """Remember which show of the store is on the air; None when none is."""
        await q.SET_LIVE_SHOW.run(tx, store_id=store_id, show_id=show_id)

    async def _add(self, tx: Transaction, actor: Account, row: StoreRow) -> None:
        if row.face_id:
            await self._faces.require_own(tx, [row.face_id], actor)
        await q.LOCK_KEEPER.one(tx, account_id=actor.id)
        if len(await q.KEPT_BY.all(tx, account_id=actor.id)) >= STORES_EACH:
            raise TooManyStores(limit=STORES_EACH)
        if not await q.INSERT_STORE.run(tx, **structs.asdict(row)):
            raise HandleTaken(handle=row.handle)
        await q.INSERT_COUNTERS.run(tx, store_id=row.id)
        await q.INSERT_MEMBER.run(tx, store_id=row.id, account_id=actor.id, now=row.opened_at)

    async def _found(self, where: Connection, text: str, limit: int) -> list[str]:
        escaped = text.replace("\0", "").replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return await q.FOUND.all(where, like=f"%{escaped}%", limit=limit)

    async def _in_order(self, where: Connection, store_ids: list[str]) -> list[StoreBrief]:
        found = await self.briefs(where, store_ids)
        return [found[store_id] for store_id in store_ids if store_id in found]
