"""The program ends soon after it is told to, with every stream still open, and leaves nothing behind."""

import asyncio
import json
import signal
import socket
import sys
from pathlib import Path

import httpx
import pytest

pytestmark = pytest.mark.faults

STARTED_WITHIN_S = 90
STOPPED_WITHIN_S = 5


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def live_show(market: httpx.AsyncClient) -> str:
    async with asyncio.timeout(STARTED_WITHIN_S):
        while True:
            try:
                live = (await market.get("/api/v1/market")).json()["live"]
            except httpx.TransportError:
                live = []
            if live:
                return str(live[0]["id"])
            await asyncio.sleep(0.1)


async def test_a_market_full_of_listeners_closes_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    port = free_port()
    command = [sys.executable, "-m", "ennichi", "demo", "--port", str(port)]
    program = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as market:
            feed = f"/api/v1/shows/{await live_show(market)}/feed"
            listeners = [asyncio.create_task(listen(market, feed)) for _ in range(10)]
            await asyncio.sleep(0.5)
            program.send_signal(signal.SIGTERM)
            async with asyncio.timeout(STOPPED_WITHIN_S):
                assert await program.wait() == 0
            endings = await asyncio.gather(*listeners)
        assert all("event: bye" in heard for heard in endings)
        assert all(json.loads(heard.rsplit("data: ", 1)[1])["retry_ms"] > 0 for heard in endings)
        assert not list(tmp_path.glob("ennichi-*"))
    finally:
        if program.returncode is None:
            program.kill()
            await program.wait()


async def listen(market: httpx.AsyncClient, feed: str) -> str:
    """Everything that the feed says until it ends."""
    async with market.stream("GET", feed) as answer:
        return (await answer.aread()).decode()
