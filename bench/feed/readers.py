"""Many open feeds, read as cheaply as Python can: the same for the program and for its peer.

A reader knows a message by the mark in it, `"m000042"`, whatever stands around. What reaches one feed reaches the
others in the same bytes, so each different piece is taken apart once.

    python -m bench.feed.readers PORT PATH FEEDS   (commands on stdin, one JSON answer each on stdout)
"""

import asyncio
import json
import re
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, NamedTuple

import uvloop

AT_ONCE = 100
PATIENCE_S = 60.0
_MARK = re.compile(rb'"m(\d{6})"')
_LIKES = re.compile(rb'"likes","total":(\d+)')
_TICK = b"event: tick"


class Heard(NamedTuple):
    """What a piece of a feed brought."""

    marks: tuple[int, ...]
    likes: int
    ticks: int


class Crowd:
    """The feeds of one process, and what they heard."""

    def __init__(self) -> None:
        self.feeds: list[Feed] = []
        self.known: dict[bytes, Heard] = {}
        self.times: dict[int, list[float]] = defaultdict(list)
        self.lost = 0

    def heard(self, data: bytes) -> Heard:
        """The piece taken apart."""
        found = self.known.get(data)
        if found is None:
            likes = _LIKES.findall(data)
            marks = tuple(map(int, _MARK.findall(data)))
            found = Heard(marks, int(likes[-1]) if likes else 0, data.count(_TICK))
            if len(self.known) > 10_000:
                self.known.clear()
            self.known[data] = found
        return found

    def forget(self) -> None:
        """Begin to count anew."""
        self.times.clear()
        for feed in self.feeds:
            feed.messages = feed.ticks = feed.bytes = 0

    def counted(self) -> dict[str, int]:
        """Messages and likes, of all feeds together."""
        feeds = self.feeds
        return {"messages": sum(feed.messages for feed in feeds), "likes": sum(feed.likes for feed in feeds)}

    def told(self) -> dict[str, Any]:
        """What was heard since."""
        return {
            "feeds": sum(not feed.gone for feed in self.feeds),
            "messages": [feed.messages for feed in self.feeds],
            "likes": [feed.likes for feed in self.feeds],
            "ticks": max((feed.ticks for feed in self.feeds), default=0),
            "bytes": sum(feed.bytes for feed in self.feeds),
            "times": dict(self.times),
        }


class Feed(asyncio.Protocol):
    """One open feed."""

    def __init__(self, crowd: Crowd, request: bytes) -> None:
        self.crowd = crowd
        self.request = request
        self.begun = asyncio.get_running_loop().create_future()
        self.messages = self.likes = self.ticks = self.bytes = 0
        self.gone = False
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the feed."""
        transport.write(self.request)  # type: ignore[attr-defined]  # a transport of a socket writes

    def data_received(self, data: bytes) -> None:
        """Count what came."""
        now = time.monotonic()
        self.bytes += len(data)
        if self._rest:
            data, self._rest = self._rest + data, b""
        if not data.endswith(b"\n"):
            whole = data.rfind(b"\n") + 1
            data, self._rest = data[:whole], data[whole:]
        marks, likes, ticks = self.crowd.heard(data)
        self.ticks += ticks
        self.likes = likes or self.likes
        if marks:
            self.messages += len(marks)
            for mark in marks:
                self.crowd.times[mark].append(now)
        if not self.begun.done():
            self.begun.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (the base's)
        """It is over."""
        self.gone = True
        if not self.begun.done():
            self.begun.set_exception(ConnectionError("the feed ended before it began"))


async def _connect(crowd: Crowd, port: int, path: str, feeds: int) -> None:
    loop = asyncio.get_running_loop()
    few = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        target = path.format(number=number)
        head = f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/event-stream\r\n\r\n"
        async with few:
            _, feed = await loop.create_connection(lambda: Feed(crowd, head.encode()), "127.0.0.1", port)
            crowd.feeds.append(feed)
            await feed.begun

    have = len(crowd.feeds)
    async with asyncio.timeout(PATIENCE_S):
        await asyncio.gather(*(one(have + number) for number in range(feeds)))


async def _main(port: int, path: str) -> None:
    crowd = Crowd()
    loop = asyncio.get_running_loop()
    commands = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    while line := (await commands.readline()).split():
        match line:
            case [b"more", feeds]:
                await _connect(crowd, port, path, int(feeds))
            case [b"forget"]:
                crowd.forget()
        told = crowd.told() if line == [b"tell"] else crowd.counted()
        print(json.dumps(told), flush=True)


@dataclass
class Readers:
    """Processes that hold a crowd of feeds open together."""

    processes: list["subprocess.Popen[str]"]
    feeds: int = 0

    @classmethod
    def start(cls, port: int, path: str, processes: int) -> "Readers":
        """So many processes, without any feed yet; `{number}` in the path tells the feeds apart."""
        command = [sys.executable, "-m", "bench.feed.readers", str(port)]
        pipe = subprocess.PIPE
        return cls(
            [
                subprocess.Popen([*command, feed], stdin=pipe, stdout=pipe, text=True)
                for feed in (path.replace("{number}", f"{n}x{{number}}") for n in range(processes))
            ]
        )

    def more(self, feeds: int) -> None:
        """Open so many more feeds; returns when each has heard its first."""
        share, over = divmod(feeds, len(self.processes))
        self._ask(*(f"more {share + (n < over)}" for n in range(len(self.processes))))
        self.feeds += feeds

    def forget(self) -> None:
        """Begin to count anew."""
        self._ask(*["forget"] * len(self.processes))

    def counted(self) -> tuple[int, int]:
        """Messages and likes, of all feeds together: they stand still once everything has come."""
        counts = self._ask(*["count"] * len(self.processes))
        return sum(count["messages"] for count in counts), sum(count["likes"] for count in counts)

    def told(self) -> dict[str, Any]:
        """What all of them heard since: like `Crowd.told`, put together."""
        all_told = self._ask(*["tell"] * len(self.processes))
        times: dict[int, list[float]] = defaultdict(list)
        for told in all_told:
            for mark, found in told["times"].items():
                times[int(mark)] += found
        return {
            "feeds": sum(told["feeds"] for told in all_told),
            "messages": [count for told in all_told for count in told["messages"]],
            "likes": [count for told in all_told for count in told["likes"]],
            "ticks": max(told["ticks"] for told in all_told),
            "bytes": sum(told["bytes"] for told in all_told),
            "times": times,
        }

    def stop(self) -> None:
        """Close every feed."""
        for process in self.processes:
            process.kill()
            process.wait()

    def _ask(self, *commands: str) -> list[dict[str, Any]]:
        for process, command in zip(self.processes, commands, strict=True):
            assert process.stdin
            process.stdin.write(command + "\n")
            process.stdin.flush()
        answers = []
        for process in self.processes:
            assert process.stdout
            answers.append(json.loads(process.stdout.readline()))
        return answers


if __name__ == "__main__":
    uvloop.run(_main(int(sys.argv[1]), sys.argv[2]))
