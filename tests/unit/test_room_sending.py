"""The same bytes over many connections: each gets them once, whatever becomes of the others."""

import asyncio
from collections.abc import Awaitable, Generator, Mapping
from typing import Any

import pytest

from ennichi.room.sending import Send, Spout, begun


class AtOnce:
    """As a server's awaitable when it has taken the bytes: nothing in it, nothing to wait for."""

    __slots__ = ()

    def __await__(self) -> Generator[Any, Any, None]:
        return
        yield


class Hearer:
    """Keeps what its connection was handed, and what is left to wait for."""

    def __init__(self, outcome: Exception | Awaitable[None] | None = None) -> None:
        self.heard: list[bytes] = []
        self.rest: Awaitable[None] | None = None
        self.outcome = outcome

    def send(self, message: Mapping[str, Any]) -> Awaitable[None]:
        if isinstance(self.outcome, Exception):
            raise self.outcome
        self.heard.append(message["body"])
        return self.outcome or AtOnce()

    def finish(self, rest: Awaitable[None]) -> None:
        self.rest = rest


def poured(*hearers: Hearer, times: int = 1) -> None:
    spout, ready = Spout(), dict[Any, Send]((one, one.send) for one in hearers)
    for n in range(times):
        spout.pour(b"%d" % n, ready)


def test_everyone_is_handed_every_chunk_once() -> None:
    hearers = [Hearer() for _ in range(50)]
    poured(*hearers, times=3)
    assert all(one.heard == [b"0", b"1", b"2"] and one.rest is None for one in hearers)


@pytest.mark.parametrize("place", [0, 1, 4])
async def test_one_that_cannot_be_written_to_fails_alone_and_late(place: int) -> None:
    hearers = [Hearer() for _ in range(5)]
    hearers[place].outcome = ConnectionError()
    poured(*hearers)
    rest = hearers[place].rest
    assert rest is not None
    with pytest.raises(ConnectionError):
        await rest
    others = [one for one in hearers if one is not hearers[place]]
    assert all(one.heard == [b"0"] and one.rest is None for one in others)


async def test_one_that_has_to_wait_waits_alone_also_once_the_quick_ones_are_known() -> None:
    hearers, slow = [Hearer() for _ in range(5)], Hearer()
    spout, ready = Spout(), dict[Any, Send]((one, one.send) for one in [*hearers, slow])
    spout.pour(b"first", ready)
    taken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    slow.outcome = taken
    spout.pour(b"second", ready)
    assert slow.heard == [b"first", b"second"]
    assert [one.rest for one in hearers] == [None] * 5
    assert slow.rest is not None
    waiting = asyncio.ensure_future(_whole(slow.rest))
    await asyncio.sleep(0)
    assert not waiting.done()
    taken.set_result(None)
    await waiting


async def test_what_fails_at_its_first_step_fails_where_it_is_awaited() -> None:
    async def fails() -> None:
        raise ConnectionError

    rest = begun(fails())
    assert rest is not None
    with pytest.raises(ConnectionError):
        await rest


async def _whole(rest: Awaitable[None]) -> None:
    await rest
