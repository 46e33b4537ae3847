"""A busy room whose server is killed, and one with a client that stops reading."""

import asyncio
import contextlib
import json
import signal
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
import pytest
from tests.support.running import Program, Stall, demo_on, fresh_database, running, started
from tests.support.waiting import until

pytestmark = pytest.mark.faults

SPEAKERS, LINES_EACH, VIEWERS = 10, 9, 12
STUCK, EDITS, EDIT_BYTES = 40, 300, 1900
PATIENCE_S = 90.0


class Viewer:
    """Keeps a room's lines up to date as a page does, through whatever happens to the server."""

    def __init__(self, url: str, show_id: str, name: str) -> None:
        self._url = f"{url}/api/v1/shows/{show_id}"
        self._name = name
        self.position = ""
        self.lines: dict[str, int] = {}
        self.came_back = 0

    async def watch(self) -> None:
        """Until cancelled."""
        async with httpx.AsyncClient(trust_env=False, timeout=httpx.Timeout(5, read=None)) as client:
            while True:
                try:
                    if not self.position:
                        await self._look(client)
                    async for kind, fields in self._frames(client):
                        self._take(kind, fields)
                except (httpx.TransportError, httpx.HTTPStatusError):
                    self.came_back += 1
                    await asyncio.sleep(0.1)

    async def _look(self, client: httpx.AsyncClient) -> None:
        answer = await client.get(f"{self._url}/snapshot")
        now = answer.raise_for_status().json()
        self.lines = {}
        for line in now["lines"]:
            self._put(line)
        self.position = f"{now['epoch']}-{now['offset']}"

    async def _frames(self, client: httpx.AsyncClient) -> AsyncIterator[tuple[str, dict[str, str]]]:
        asked = {"from": self.position, "who": self._name}
        async with client.stream("GET", f"{self._url}/feed", params=asked) as answer:
            answer.raise_for_status()
            fields: dict[str, str] = {}
            async for part in answer.aiter_lines():
                if part and not part.startswith(":"):
                    name, _, fields[name] = part.partition(": ")
                elif fields:
                    yield fields.pop("event"), fields
                    fields = {}

    def _take(self, kind: str, fields: dict[str, str]) -> None:
        if kind == "reset":
            self.position = ""
        if kind != "tick":
            return
        epoch, offset = fields["id"].rsplit("-", 1)
        known_epoch, known = self.position.rsplit("-", 1)
        if epoch == known_epoch and int(offset) > int(known):
            for event in json.loads(fields["data"]):
                if event["type"] == "line":
                    self._put(event["line"])
            self.position = fields["id"]

    def _put(self, line: dict[str, Any]) -> None:
        assert line["id"] not in self.lines, "a line came twice"
        assert line["offset"] > max(self.lines.values(), default=-1), "a line came out of its order"
        self.lines[line["id"]] = line["offset"]


class Speaker:
    """Says one thing after the other, whether the server is there or not; knows what was accepted."""

    def __init__(self, url: str, show_id: str, name: str, token: str) -> None:
        self._url = f"{url}/api/v1/shows/{show_id}/messages"
        self._name = name
        self._headers = {"Authorization": token}
        self.accepted: dict[str, bool] = {}
        self.lost = 0
        self._said = 0

    async def talk(self, lines: int) -> None:
        """So many lines, every third a question."""
        async with httpx.AsyncClient(headers=self._headers, trust_env=False, timeout=10) as client:
            for _ in range(lines):
                asks = self._said % 3 == 0
                text = f"{self._name} says {self._said}" + ("?" if asks else "")
                self._said += 1
                try:
                    answer = await client.post(self._url, json={"text": text})
                except httpx.TransportError:
                    self.lost += 1
                else:
                    assert answer.status_code == 201, answer.text
                    self.accepted[answer.json()["id"]] = asks
                await asyncio.sleep(0.05)


async def test_killing_the_server_in_a_busy_room_loses_nothing_that_was_accepted(
    postgres_url: str, migrated: str, tmp_path: Path
) -> None:
    with fresh_database(postgres_url, migrated, "killed") as database:
        environ = {"DATABASE_URL": database}
        with running("demo", "--no-robots", environ=environ) as first:
            stall, speakers = room_of(first)
            viewers = [Viewer(first.url, stall.show_id, f"v{n}") for n in range(VIEWERS)]
            watching = [asyncio.create_task(viewer.watch()) for viewer in viewers]
            talking = [asyncio.create_task(speaker.talk(LINES_EACH)) for speaker in speakers]
            await until(
                lambda: sum(len(speaker.accepted) for speaker in speakers) >= SPEAKERS * LINES_EACH // 2,
                within=PATIENCE_S,
            )
            first.process.send_signal(signal.SIGKILL)
            first.process.wait()
        await asyncio.gather(*talking)
        before = sum(len(speaker.accepted) for speaker in speakers)
        assert sum(speaker.lost for speaker in speakers) > 0, "the kill came too late to hurt"
        with started("up", first.port, "--data", str(tmp_path), environ=environ), stall.seller:
            await asyncio.gather(*(speaker.talk(3) for speaker in speakers))
            accepted = {key: asks for speaker in speakers for key, asks in speaker.accepted.items()}
            assert len(accepted) == before + 3 * SPEAKERS
            last = kept_lines(database, stall.show_id)[-1][0]
            await until(lambda: all(last in viewer.lines for viewer in viewers), within=PATIENCE_S)
            await done(watching)
            questions = stall.seller.ask("GET", f"/shows/{stall.show_id}/snapshot")["questions"]
        kept = kept_lines(database, stall.show_id)
    ids, places = [key for key, _ in kept], [place for _, place in kept]
    assert set(accepted) <= set(ids)
    assert len(set(ids)) == len(ids)
    assert places == sorted(set(places)), "places are in the order things were said, each given once"
    assert {key for key, asks in accepted.items() if asks} <= {question["id"] for question in questions}
    assert all(viewer.came_back for viewer in viewers)
    newest = ids[-30:]
    assert all([key for key in viewer.lines if key in newest] == newest for viewer in viewers)


async def test_a_client_that_stops_reading_does_not_grow_the_server(postgres_url: str, migrated: str) -> None:
    with demo_on(postgres_url, migrated, "stuck") as program, contextlib.ExitStack() as sockets:
        stall, speakers = room_of(program)
        sockets.enter_context(stall.seller)
        healthy = Viewer(program.url, stall.show_id, "healthy")
        watching = [asyncio.create_task(healthy.watch())]
        await until(lambda: bool(healthy.position), within=PATIENCE_S)
        await asyncio.gather(*(speaker.talk(2) for speaker in speakers))
        for n in range(STUCK):
            sockets.enter_context(stuck_feed(program.port, stall.show_id, n))
        process = psutil.Process(program.process.pid)
        await many_edits(program, stall, EDITS)  # what lies on the way to them is full now
        before = process.memory_info().rss
        await many_edits(program, stall, 2 * EDITS)
        grown = process.memory_info().rss - before
        await asyncio.gather(*(speaker.talk(2) for speaker in speakers))
        accepted = {key for speaker in speakers for key in speaker.accepted}
        await until(lambda: accepted <= set(healthy.lines), within=PATIENCE_S)
        await done(watching)
        # Kept for each of them it would be more than ten times this.
        assert grown < 8 * 1024 * 1024, f"{grown / 1024:.0f} kB more"


async def many_edits(program: Program, stall: Stall, edits: int) -> None:
    """Change the listing's story so often: each time the whole line-up, `EDIT_BYTES` of it, goes to everyone."""
    address = f"{program.url}/api/v1/listings/{stall.listing['id']}"
    async with httpx.AsyncClient(headers={"Authorization": bearer(stall)}, trust_env=False, timeout=30) as client:
        for number in range(edits):
            answer = await client.patch(address, json={"story": f"{number} ".ljust(EDIT_BYTES, "x")})
            assert answer.is_success, answer.text


def room_of(program: Program) -> tuple[Stall, list[Speaker]]:
    """A live stall and people who will talk there."""
    stall = program.stall("Busy")
    speakers = []
    for n in range(SPEAKERS):
        with program.sign_up(f"s{n}", f"s{n}@example.com") as person:
            speakers.append(Speaker(program.url, stall.show_id, f"s{n}", person.headers["Authorization"]))
    return stall, speakers


def stuck_feed(port: int, show_id: str, number: int) -> socket.socket:
    """A feed that is opened and never read, with as little room on the way as there can be."""
    one = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    one.connect(("127.0.0.1", port))
    one.sendall(
        f"GET /api/v1/shows/{show_id}/feed?who=stuck{number} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
    )
    return one


def bearer(stall: Stall) -> str:
    """What the seller signs in with."""
    return str(stall.seller.headers["Authorization"])


def kept_lines(database: str, show_id: str) -> list[tuple[str, int]]:
    """Identifier and place of every line in the database, in the order they were said."""
    with psycopg.connect(database) as conn:
        rows = conn.execute("select id, place from lines where show_id = %s order by place", [show_id])
        return [(str(key), int(place)) for key, place in rows]


async def done(tasks: list[asyncio.Task[None]]) -> None:
    """End them; what one of them found wrong is raised."""
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if result is not None and not isinstance(result, asyncio.CancelledError):
            raise result
