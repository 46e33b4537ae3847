"""A message, from its POST to the last of many open feeds.

The program runs in a process of its own; the feeds are read here, so the reader's time is part of the figure. What was
said must reach every feed, or nothing is printed but that. The floor is the same crowd before a server that only hands
bytes on (bench/feed/floor.py).

    python -m bench.feed [feeds] [messages]
"""

import asyncio
import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
from bench.table import Row, table
from tests.support.running import running, spare_port

BOUND_MS = 100.0
SPEAKERS_SAY = 8
"""A person may say ten lines in twenty seconds."""
PAUSE_S = 0.15
PATIENCE_S = 10.0


@dataclass
class Crowd:
    """Open feeds, and when each line reached the last of them."""

    size: int
    heard: dict[str, int] = field(default_factory=dict)
    last: dict[str, float] = field(default_factory=dict)
    complete: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self, host: str, port: int, path: str, ready: asyncio.Event) -> None:
        """One feed, read as it comes."""
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nAccept: text/event-stream\r\n\r\n".encode())
        try:
            while line := await reader.readline():
                if line.startswith(b"id:"):
                    ready.set()
                elif line.startswith(b"data:") and b'"type":"line"' in line:
                    self._note(line, time.perf_counter())
        finally:
            writer.close()

    def _note(self, line: bytes, now: float) -> None:
        for part in line.split(b'"type":"line","line":{"id":"')[1:]:
            name = part[:20].decode()
            self.heard[name] = self.heard.get(name, 0) + 1
            self.last[name] = now
            if self.heard[name] == self.size:
                self.complete.set()


def main() -> int:
    """Measure and print; 1 when the bound is broken or something was lost."""
    feeds = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    messages = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    with running("demo", "--no-robots") as program:
        stall = program.stall("Bench", stock=1)
        people = [program.sign_up(f"p{n}", f"p{n}@example.com") for n in range(-(-messages // SPEAKERS_SAY))]
        tokens = [person.headers["Authorization"] for person in people]
        path = f"/api/v1/shows/{stall.show_id}"
        times = asyncio.run(_measure(program.port, path, tokens, feeds, messages))
    with _floor() as port:
        floor = asyncio.run(_measure(port, "", ["nobody"], feeds, messages))
    held = table(
        f"A message from POST to the last of {feeds} open feeds, {messages} messages",
        [
            Row("p50", 1000 * times[len(times) // 2], "ms"),
            Row("p95", 1000 * times[int(len(times) * 0.95)], "ms", BOUND_MS),
            Row("slowest", 1000 * times[-1], "ms"),
            Row("floor, bytes handed on at once: p50", 1000 * floor[len(floor) // 2], "ms"),
            Row("floor, bytes handed on at once: p95", 1000 * floor[int(len(floor) * 0.95)], "ms"),
        ],
    )
    return 0 if held else 1


async def _measure(port: int, path: str, tokens: list[str], feeds: int, messages: int) -> list[float]:
    """Seconds each message took, the quickest first."""
    crowd = Crowd(feeds)
    joined = [asyncio.Event() for _ in range(feeds)]
    listening = [asyncio.create_task(crowd.listen("127.0.0.1", port, f"{path}/feed", ready)) for ready in joined]
    async with asyncio.timeout(PATIENCE_S):
        await asyncio.gather(*(ready.wait() for ready in joined))
    await asyncio.sleep(0.5)  # the ticks about who has come are over
    times = []
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        for number in range(messages):
            token = tokens[number % len(tokens)]
            times.append(await _say(client, crowd, f"{path}/messages", token, f"message {number}"))
            await asyncio.sleep(PAUSE_S)
    for task in listening:
        task.cancel()
    await asyncio.gather(*listening, return_exceptions=True)
    return sorted(times)


async def _say(client: httpx.AsyncClient, crowd: Crowd, path: str, token: str, text: str) -> float:
    """Seconds until the last feed had it."""
    crowd.complete.clear()
    begun = time.perf_counter()
    answer = await client.post(path, json={"text": text}, headers={"Authorization": token})
    answer.raise_for_status()
    name = answer.json()["id"]
    async with asyncio.timeout(PATIENCE_S):
        while crowd.heard.get(name, 0) < crowd.size:
            await crowd.complete.wait()
            crowd.complete.clear()
    return crowd.last[name] - begun


@contextlib.contextmanager
def _floor() -> Iterator[int]:
    """The floor's server in a process of its own; its port."""
    port = spare_port()
    process = subprocess.Popen([sys.executable, "-m", "bench.feed.floor", str(port)])
    try:
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=10)


if __name__ == "__main__":
    sys.exit(main())
