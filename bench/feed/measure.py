"""One stretch of load on a crowd of open feeds, and what came of it."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.feed.load import Sent, send
from bench.feed.readers import Readers
from bench.feed.stage import Costs, Server

DRAIN_S = 60.0
QUIET_S = 0.6


@dataclass
class Stretch:
    """`to_last` and `to_each`: seconds from POST to the last feed, and to each of them; the quickest first."""

    feeds: int
    messages: int
    refused: int
    missing: int
    to_last: list[float]
    to_each: list[float]
    likes_wrong: int
    ticks: int
    seconds: float
    costs: Costs

    @property
    def deliveries(self) -> int:
        """Messages that reached a feed."""
        return len(self.to_each)

    @property
    def cpu(self) -> float:
        """Per cent of a core for serving."""
        return 100 * self.costs.serving / self.seconds

    @property
    def database(self) -> float:
        """Per cent of a core for the database."""
        return 100 * self.costs.database / self.seconds

    @property
    def tick_ms(self) -> float:
        """From one tick to the next, on the average."""
        return 1000 * self.seconds / max(1, self.ticks)

    @property
    def per_cpu_second(self) -> float:
        """Deliveries of messages for each second of CPU spent on serving."""
        return self.deliveries / max(0.001, self.costs.serving)


def stretch(server: Server, readers: Readers, seconds: float, messages: float, likes: float = 0.0) -> Stretch:
    """Let so many messages and likes a second arrive."""
    said = server.saying(round(messages * seconds))
    liked = server.liking(round(likes * seconds))
    readers.forget()
    before, begun = server.costs, time.monotonic()
    sent, _ = asyncio.run(_both(server.port, said, messages, liked, likes))
    took = time.monotonic() - begun
    _until_quiet(readers)
    costs = server.costs.since(before)
    told = readers.told()
    times: dict[int, list[float]] = told["times"]
    marks = {server.first + number: at for number, at in sent.at.items()}
    server.first += len(said)
    most = max(told["likes"], default=0)
    return Stretch(
        feeds=readers.feeds,
        messages=len(marks),
        refused=len(sent.refused),
        missing=sum(len(marks) - count for count in told["messages"]),
        to_last=sorted(max(times[mark]) - at for mark, at in marks.items() if mark in times),
        to_each=sorted(heard - at for mark, at in marks.items() for heard in times.get(mark, ())),
        likes_wrong=sum(count != most for count in told["likes"]) if liked else 0,
        ticks=told["ticks"],
        seconds=took,
        costs=costs,
    )


def _until_quiet(readers: Readers) -> None:
    """Wait until nothing reaches a feed any more."""
    end, before = time.monotonic() + DRAIN_S, (-1, -1)
    while (now := readers.counted()) != before and time.monotonic() < end:
        before = now
        time.sleep(QUIET_S)


def within(times: Sequence[float], share: float) -> float:
    """Milliseconds within which that share of them lies."""
    return 1000 * times[min(len(times) - 1, int(len(times) * share))] if times else float("inf")


async def _both(port: int, said: list[bytes], messages: float, liked: list[bytes], likes: float) -> tuple[Sent, Sent]:
    saying, liking = await asyncio.gather(send(port, said, messages), send(port, liked, likes or 1.0))
    return saying, liking
