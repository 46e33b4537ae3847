"""A relay on loopback and the people at both ends of it: real sessions, nothing pretended."""

import asyncio
from contextlib import asynccontextmanager, suppress
from inspect import iscoroutinefunction
from pathlib import Path

import moq
import pytest

import ennichi.demo
from ennichi.kit.clock import SystemClock
from ennichi.media import Relay, Tickets

KEY = b"k" * 32
BOTTLES = Path(next(iter(ennichi.demo.__path__))) / "bottles.mp4"
PATIENCE = 5


async def until(condition):
    """Wait for something nobody announces; what `condition` comes to, once it is true."""
    async with asyncio.timeout(PATIENCE):
        while not (found := await condition() if iscoroutinefunction(condition) else condition()):  # noqa: ASYNC110 (no event)
            await asyncio.sleep(0.02)
        return found


async def closed(client):
    """Waits for the end of a session; raises moq.Error with the peer's reason."""
    assert client.session is not None
    await client.session.closed()


class Ends:
    """What publishers and viewers of a relay do."""

    def __init__(self, relay):
        self.relay = relay

    @asynccontextmanager
    async def session(self, ticket):
        """An open session with this ticket."""
        client = moq.Client(ticket.url, tls_fingerprints=[ticket.fingerprint], websocket_enabled=False, reconnect=False)
        async with asyncio.timeout(PATIENCE):
            await client.__aenter__()
        try:
            yield client
        finally:
            await client.__aexit__(None, None, None)

    @asynccontextmanager
    async def publisher(self, show_id, *, words=b"hello", name="live", ticket=None):
        """Sends `words` over and over on the track "words" of the broadcast `name`."""
        async with self.session(ticket or self.relay.issue(show_id, "publish", "localhost")) as client:
            broadcast = client.create_broadcast(name)
            track = broadcast.publish_track("words")
            broadcast.announce()

            async def talk():
                while True:
                    track.write_frame(words)
                    await asyncio.sleep(0.02)

            talking = asyncio.create_task(talk())
            try:
                yield client
            finally:
                talking.cancel()
                await asyncio.gather(talking, return_exceptions=True)
                # Held until here: the broadcast ends when nothing refers to it.
                broadcast.close()

    async def hears(self, show_id, *, name="live", seconds=PATIENCE, role="watch"):
        """The first words a fresh session of this show gets, None when it gets none in time."""
        async with self.session(self.relay.issue(show_id, role, "localhost")) as client:
            with suppress(TimeoutError, moq.Error):
                async with asyncio.timeout(seconds):
                    broadcast = await client.announced_broadcast(name).available()
                    track = await broadcast.subscribe_track("words")
                    frame = await track.read_frame()
                    return frame.payload if frame else None
        return None

    async def is_refused(self, url):
        """Whether a session to this address is closed by the relay instead of staying open."""
        client = moq.Client(url, tls_fingerprints=[self.relay.fingerprint], websocket_enabled=False, reconnect=False)
        try:
            async with asyncio.timeout(PATIENCE):
                await client.__aenter__()
        except moq.Error:
            return True
        try:
            await asyncio.wait_for(closed(client), 0.5)
        except TimeoutError:
            return False
        except moq.Error:
            return True
        finally:
            await client.__aexit__(None, None, None)
        return True


@pytest.fixture
async def relay():
    clock = SystemClock()
    relay = Relay("127.0.0.1", 0, Tickets(KEY, clock), clock, limit=3)
    await relay.start()
    yield relay
    await relay.stop()


@pytest.fixture
async def ends(relay):
    return Ends(relay)
