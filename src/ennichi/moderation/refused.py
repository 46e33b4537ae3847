"""Use cases of the words that are refused: each store's own in its rooms, the operator's in every room."""

from ennichi.accounts import Account
from ennichi.kit.clock import Clock
from ennichi.kit.db import Connection, Database, Transaction
from ennichi.kit.ids import Ids
from ennichi.moderation import queries as q
from ennichi.moderation.doorman import Doorman
from ennichi.moderation.errors import TooManyWords
from ennichi.moderation.houses import Houses
from ennichi.moderation.model import WORDS_EACH, House, Word
from ennichi.moderation.policy import must_be_operator
from ennichi.moderation.trail import Trail
from ennichi.moderation.words import clean_word


class RefusedWords:
    """The lists of words. A change counts from the next line on."""

    def __init__(  # noqa: PLR0917 (what it is built of)
        self, db: Database, clock: Clock, ids: Ids, houses: Houses, trail: Trail, doorman: Doorman
    ) -> None:
        self._db = db
        self._clock = clock
        self._ids = ids
        self._houses = houses
        self._trail = trail
        self._doorman = doorman

    async def add(self, actor: Account, store_id: str, word: str) -> House:
        """Have a word refused in the store's rooms; twice is once. Invalid, TooManyWords."""
        async with self._db.transaction() as tx:
            await self._houses.require_staff(tx, actor, store_id)
            await self._add(tx, actor, store_id, word)
            house = await self._houses.view(tx, actor, store_id)
        self._doorman.forget(store_id)
        return house

    async def drop(self, actor: Account, store_id: str, word_id: str) -> House:
        """Let a word be said again."""
        async with self._db.transaction() as tx:
            await self._houses.require_staff(tx, actor, store_id)
            await self._drop(tx, actor, store_id, word_id)
            house = await self._houses.view(tx, actor, store_id)
        self._doorman.forget(store_id)
        return house

    async def everywhere(self, actor: Account) -> list[Word]:
        """The words that are refused in every room; for the operator."""
        must_be_operator(actor)
        async with self._db.read() as conn:
            return await _kept(conn, None)

    async def add_everywhere(self, actor: Account, word: str) -> list[Word]:
        """Have a word refused in every room; for the operator. Invalid, TooManyWords."""
        must_be_operator(actor)
        async with self._db.transaction() as tx:
            await self._add(tx, actor, None, word)
            words = await _kept(tx, None)
        self._doorman.forget(None)
        return words

    async def drop_everywhere(self, actor: Account, word_id: str) -> list[Word]:
        """Let a word be said again where no store refuses it; for the operator."""
        must_be_operator(actor)
        async with self._db.transaction() as tx:
            await self._drop(tx, actor, None, word_id)
            words = await _kept(tx, None)
        self._doorman.forget(None)
        return words

    async def _add(self, tx: Transaction, actor: Account, store_id: str | None, word: str) -> None:
        word = clean_word(word)
        known = await _kept(tx, store_id)
        if word in {one.word for one in known}:
            return
        if len(known) >= WORDS_EACH:
            raise TooManyWords(limit=WORDS_EACH)
        new = {"id": self._ids.new(), "store_id": store_id, "word": word, "at": self._clock.now(), "by": actor.id}
        if await q.ADD_WORD.run(tx, **new):
            await self._trail.write(tx, actor.id, "word.added", store_id=store_id, detail={"word": word})

    async def _drop(self, tx: Transaction, actor: Account, store_id: str | None, word_id: str) -> None:
        word = await q.DROP_WORD.first(tx, id=word_id, store_id=store_id)
        if word is not None:
            await self._trail.write(tx, actor.id, "word.removed", store_id=store_id, detail={"word": word})


async def _kept(where: Connection, store_id: str | None) -> list[Word]:
    """The words of a store, or the operator's."""
    return await (q.WORDS_EVERYWHERE.all(where) if store_id is None else q.WORDS.all(where, store_id=store_id))
