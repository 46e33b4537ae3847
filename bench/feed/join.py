"""A crowd that comes in at once: each viewer takes the snapshot and opens the feed from there, until its first tick."""

import asyncio
import json
import re
import subprocess
import sys
import time

import uvloop
from bench.feed.load import send
from bench.feed.measure import within
from bench.feed.stage import Server
from bench.table import Row, table

VIEWERS = 1000
SIGNED_IN = 200
LINES = 50
BOUND_S = 3.0
PATIENCE_S = 30.0
_PLACE = re.compile(rb'"epoch":"(\w+)","offset":(\d+)')


def beside(server: Server) -> bool:
    """Measure and print; True when the bound is held."""
    asyncio.run(send(server.port, server.saying(LINES), 25))
    server.first += LINES
    before = server.costs
    viewers = {"port": server.port, "show": server.show, "viewers": VIEWERS, "tokens": server.tokens[:SIGNED_IN]}
    command = [sys.executable, "-m", "bench.feed.join"]
    told = json.loads(
        subprocess.run(command, input=json.dumps(viewers), capture_output=True, text=True, check=True).stdout
    )
    costs = server.costs.since(before)
    times = sorted(told["times"])
    rows = [
        Row("the last one is in after", times[-1] if len(times) == VIEWERS else float("inf"), "s", BOUND_S),
        Row("half are in after", within(times, 0.5) / 1000, "s"),
        Row("a snapshot has", told["bytes"] / 1024, "kB"),
        Row("the server, of a core-second", 100 * costs.serving, "%"),
        Row("the database, of a core-second", 100 * costs.database, "%"),
    ]
    return table(f"{VIEWERS} viewers come in at once, {SIGNED_IN} of them signed in", rows)


async def _come(port: int, show: str, number: int, token: str | None) -> int:
    """Be in the room; returns the size of the snapshot."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    bearer = f"Authorization: {token}\r\n" if token else ""
    writer.write(f"GET {show}/snapshot HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{bearer}\r\n".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    body = await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))
    epoch, offset = next(_PLACE.finditer(body)).groups()
    start = f"from={epoch.decode()}-{offset.decode()}&who=j{number}"
    writer.write(f"GET {show}/feed?{start} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{bearer}\r\n".encode())
    await reader.readuntil(b"event: tick")
    _OPEN.append(writer)
    return len(body)


_OPEN: list[asyncio.StreamWriter] = []
"""Whoever is in stays until all are."""


async def _main(port: int, show: str, viewers: int, tokens: list[str]) -> None:
    begun = time.monotonic()

    async def timed(number: int) -> tuple[float, int]:
        size = await _come(port, show, number, tokens[number] if number < len(tokens) else None)
        return time.monotonic() - begun, size

    async with asyncio.timeout(PATIENCE_S):
        found = await asyncio.gather(*(timed(number) for number in range(viewers)))
    print(json.dumps({"times": [took for took, _ in found], "bytes": max(size for _, size in found)}))


if __name__ == "__main__":
    uvloop.run(_main(**json.loads(sys.stdin.read())))
