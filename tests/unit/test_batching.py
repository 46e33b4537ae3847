"""Batches: everybody gets their own answer, in order, and nobody waits for nobody."""

import asyncio

import pytest
from psycopg import OperationalError
from psycopg.errors import DeadlockDetected

from ennichi.kit.batching import Batcher


class Odd(Exception):
    """What nobody may ask for."""


async def test_what_comes_meanwhile_is_the_next_batch() -> None:
    batches: list[list[int]] = []
    gate = asyncio.Event()

    async def double(items: list[int]) -> list[int]:
        batches.append(items)
        await gate.wait()
        return [2 * item for item in items]

    batcher = Batcher[int, int](double, name="doubles", most=4)
    first = [batcher.do(n) for n in (1, 2)]
    await asyncio.sleep(0.01)
    then = [batcher.do(n) for n in range(3, 9)]
    await asyncio.sleep(0.01)
    assert batches == [[1, 2]]
    gate.set()
    assert await asyncio.gather(*first, *then) == [2 * n for n in range(1, 9)]
    assert batches == [[1, 2], [3, 4, 5, 6], [7, 8]]
    await batcher.stop()


async def test_a_refusal_is_its_own_callers_alone() -> None:
    async def even(items: list[int]) -> list[int | Exception]:
        return [Odd() if item % 2 else item for item in items]

    batcher = Batcher[int, int](even, name="even")
    answers = await asyncio.gather(*[batcher.do(n) for n in range(4)], return_exceptions=True)
    assert [isinstance(answer, Odd) for answer in answers] == [False, True, False, True]


async def test_one_bad_item_never_sinks_its_batch() -> None:
    batches: list[list[int]] = []

    async def picky(items: list[int]) -> list[int]:
        batches.append(items)
        if 3 in items:
            raise Odd
        return items

    batcher = Batcher[int, int](picky, name="picky")
    answers = await asyncio.gather(*[batcher.do(n) for n in range(5)], return_exceptions=True)
    assert [answer for answer in answers if isinstance(answer, int)] == [0, 1, 2, 4]
    assert isinstance(answers[3], Odd)
    assert batches == [[0, 1, 2, 3, 4], [0], [1], [2], [3], [4]]


async def test_a_database_that_is_away_is_not_asked_again_for_each() -> None:
    asked = 0

    async def away(_: list[int]) -> list[int]:
        nonlocal asked
        asked += 1
        raise OperationalError

    batcher = Batcher[int, int](away, name="away")
    answers = await asyncio.gather(*[batcher.do(n) for n in range(5)], return_exceptions=True)
    assert [type(answer) for answer in answers] == [OperationalError] * 5
    assert asked == 1


async def test_answers_that_take_longer_do_not_hold_up_the_next_batch() -> None:
    gate = asyncio.Event()
    began: list[int] = []

    async def later(items: list[int]) -> list[int | Exception]:
        await gate.wait()
        return [*items]

    async def work(items: list[int]) -> "asyncio.Task[list[int | Exception]]":
        began.extend(items)
        return asyncio.create_task(later(items))

    batcher = Batcher[int, int](work, name="later")
    first = batcher.do(1)
    await asyncio.sleep(0.01)
    second = batcher.do(2)
    await asyncio.sleep(0.01)
    assert began == [1, 2]
    assert not first.done()
    gate.set()
    assert list(await asyncio.gather(first, second)) == [1, 2]
    await batcher.stop()


async def test_who_stops_waiting_is_left_out() -> None:
    seen: list[int] = []
    gate = asyncio.Event()

    async def work(items: list[int]) -> list[int]:
        await gate.wait()
        seen.extend(items)
        return items

    batcher = Batcher[int, int](work, name="left out")
    first = asyncio.ensure_future(batcher.do(1))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    given_up, third = batcher.do(2), batcher.do(3)
    given_up.cancel()
    gate.set()
    assert list(await asyncio.gather(first, third)) == [1, 3]
    assert seen == [1, 3]
    with pytest.raises(asyncio.CancelledError):
        await given_up


async def test_while_one_half_is_answered_the_other_is_worked_for() -> None:
    batches: list[int] = []

    async def work(items: list[int]) -> "asyncio.Task[list[int]]":
        batches.append(len(items))
        await asyncio.sleep(0.002)

        async def answers() -> list[int]:
            await asyncio.sleep(0.002)
            return items

        return asyncio.create_task(answers())

    batcher = Batcher[int, int](work, name="halves")

    async def buyer() -> None:
        for n in range(20):
            await batcher.do(n)

    await asyncio.gather(*[buyer() for _ in range(200)])
    await batcher.stop()
    assert sum(batches) == 4_000
    assert max(batches[4:-2]) <= 120


@pytest.mark.parametrize("many", [1, 3])
async def test_who_was_only_unlucky_is_tried_again(many: int) -> None:
    batches: list[list[int]] = []

    async def unlucky(items: list[int]) -> list[int]:
        batches.append(items)
        if len(batches) == 1:
            raise DeadlockDetected
        return items

    batcher = Batcher[int, int](unlucky, name="unlucky")
    assert await asyncio.gather(*[batcher.do(n) for n in range(many)]) == list(range(many))
    assert batches == [list(range(many))] * 2
