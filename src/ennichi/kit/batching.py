"""Work that is done for many at once: what is asked for while a batch is being worked on forms the next.

Nothing lingers: the first who asks is worked for at once, and the batches grow by themselves when many ask. Each caller
awaits its own answer and knows nothing of the others; one bad item never sinks its batch.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from itertools import repeat
from typing import Generic, TypeAlias, TypeVar

from psycopg import OperationalError
from psycopg.errors import DeadlockDetected, PipelineAborted, SerializationFailure

Item = TypeVar("Item")
Answer = TypeVar("Answer")
Answers: TypeAlias = Sequence[Answer | Exception]

FEW = 32
"""So many are not divided: what a batch costs however small it is would be most of it."""
_EVERYONES = (OperationalError, OSError, TimeoutError)
"""The database is away: that is nobody's fault, and trying each alone would only take long."""
# Whoever stood in the way goes on: once more, and it is done.
_UNLUCKY = (DeadlockDetected, SerializationFailure, PipelineAborted)


class Batcher(Generic[Item, Answer]):
    """Hands items to `work` in the order they came, at most `most` at a time, one batch after the other.

    `work` answers each item, an Exception being raised to that item's caller alone. It may answer with a task instead:
    then the next batch begins while the task still makes the answers; and of many who are there it takes one half, so
    that there is always one half to work for while the other is answered and asks again. When `work` itself raises,
    each item of the batch is tried alone (after a deadlock first all of them once more), so `work` must leave nothing
    behind when it raises (a transaction does). Needs no start.
    """

    def __init__(
        self,
        work: Callable[[list[Item]], Awaitable[Answers[Answer] | asyncio.Task[Answers[Answer]]]],
        *,
        name: str,
        most: int = 512,
    ) -> None:
        self._work = work
        self._name = name
        self._most = most
        self._waiting: deque[tuple[Item, asyncio.Future[Answer]]] = deque()
        self._worker: asyncio.Task[None] | None = None
        self._answering: dict[asyncio.Task[Answers[Answer]], int] = {}
        self._answers_later = False

    def do(self, item: Item) -> asyncio.Future[Answer]:
        """Await this for the item's answer. Who stops waiting before its batch began is left out of it."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._worker is None:
            self._worker = asyncio.create_task(self._run(), name=f"batches of {self._name}")
        return future

    async def stop(self) -> None:
        """Return when everything that was asked for is answered."""
        while self._worker is not None or self._answering:
            tasks = [*self._answering, *([self._worker] if self._worker else [])]
            await asyncio.wait(tasks)
            await asyncio.sleep(0)

    async def _run(self) -> None:
        try:
            await asyncio.sleep(0)  # whoever asks in this turn of the loop comes along
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(self._next())]
                batch = [(item, future) for item, future in batch if not future.done()]
                if batch:
                    await self._settle([item for item, _ in batch], [future for _, future in batch])
        finally:
            self._worker = None

    def _next(self) -> int:
        """How many are in the next batch."""
        waiting = len(self._waiting)
        if self._answers_later:
            half = (waiting + sum(self._answering.values()) + 1) // 2
            waiting = min(waiting, max(half, FEW))
        return min(waiting, self._most)

    async def _settle(self, items: list[Item], futures: list[asyncio.Future[Answer]], *, unlucky: bool = False) -> None:
        try:
            answers = await self._work(items)
        except Exception as problem:  # noqa: BLE001 (it goes to whom it concerns)
            if isinstance(problem, _UNLUCKY) and not unlucky:
                await self._settle(items, futures, unlucky=True)
                return
            if len(items) == 1 or (isinstance(problem, _EVERYONES) and not isinstance(problem, _UNLUCKY)):
                _answer(futures, list(repeat(problem, len(futures))))
                return
            for item, future in zip(items, futures, strict=True):
                await self._settle([item], [future])
            return
        if isinstance(answers, asyncio.Task):
            self._answers_later = True
            self._answering[answers] = len(items)
            answers.add_done_callback(lambda task: self._answered(task, futures))
        else:
            _answer(futures, answers)

    def _answered(self, task: asyncio.Task[Answers[Answer]], futures: list[asyncio.Future[Answer]]) -> None:
        del self._answering[task]
        problem = task.exception()
        if isinstance(problem, Exception):
            _answer(futures, list(repeat(problem, len(futures))))
        else:
            _answer(futures, task.result())


def _answer(futures: list[asyncio.Future[Answer]], answers: Answers[Answer]) -> None:
    for future, answer in zip(futures, answers, strict=True):
        if future.done():
            continue
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)
