"""Who gets in, who reads what, who takes over from whom."""

import asyncio
from datetime import UTC, datetime, timedelta

import moq
import pytest
from tests.media.conftest import KEY, PATIENCE, Ends, closed, until

from ennichi.kit.clock import FixedClock, SystemClock
from ennichi.kit.tls import own_certificate
from ennichi.media import Relay, RelayFull, Tickets

SHOW, OTHER = "0" * 20, "1" * 20


async def test_a_viewer_hears_the_publisher(relay, ends):
    async with ends.publisher(SHOW):
        assert await ends.hears(SHOW) == b"hello"


async def test_a_viewer_who_is_early_hears_the_publisher_when_it_comes(relay, ends):
    waiting = asyncio.create_task(ends.hears(SHOW))
    await asyncio.sleep(0.2)
    async with ends.publisher(SHOW):
        assert await waiting == b"hello"


async def test_without_a_good_ticket_nobody_gets_in(relay, ends):
    good = relay.issue(SHOW, "watch", "localhost").url
    token = good.partition("token=")[2]
    base = f"https://127.0.0.1:{relay.port}"
    past = FixedClock(datetime.now(UTC) - timedelta(minutes=10))
    stale, _ = Tickets(KEY, past).sign(SHOW, "watch")
    forged, _ = Tickets(b"x" * 32, SystemClock()).sign(SHOW, "watch")
    for url in (
        base,
        f"{base}/watch/{SHOW}",
        f"{base}/watch/{SHOW}?token=",
        f"{base}/watch/{SHOW}?token={stale}",
        f"{base}/watch/{SHOW}?token={forged}",
        f"{base}/watch/{OTHER}?token={token}",
        f"{base}/publish/{SHOW}?token={token}",
        f"{base}/?token={token}",
    ):
        assert await ends.is_refused(url), url
    assert not await ends.is_refused(good)


async def test_a_show_is_not_readable_with_another_show_s_ticket(relay, ends):
    async with ends.publisher(SHOW):
        assert await ends.hears(OTHER, seconds=0.5) is None
        assert await ends.hears(SHOW) == b"hello"


async def test_what_a_viewer_publishes_reaches_nobody(relay, ends):
    async with (
        ends.publisher(SHOW),
        ends.publisher(SHOW, words=b"evil", ticket=relay.issue(SHOW, "watch", "localhost")),
    ):
        await asyncio.sleep(0.2)
        assert await ends.hears(SHOW) == b"hello"
    async with ends.publisher(SHOW, words=b"evil", ticket=relay.issue(SHOW, "watch", "localhost")):
        assert await ends.hears(SHOW, seconds=0.5) is None


async def test_a_publisher_reads_nothing(relay, ends):
    async with ends.publisher(SHOW):
        reader = relay.issue(OTHER, "publish", "localhost")
        async with ends.session(reader) as client:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(client.announced_broadcast("live").available(), 0.3)


async def test_a_publisher_that_announces_another_name_is_cut_off(relay, ends):
    async with ends.publisher(SHOW, name="sidechannel") as client:
        with pytest.raises(moq.Error):
            await asyncio.wait_for(closed(client), PATIENCE)
    assert await ends.hears(SHOW, name="sidechannel", seconds=0.3) is None


async def test_a_newer_publisher_takes_over_at_once(relay, ends):
    async with ends.publisher(SHOW, words=b"old") as older:
        assert await ends.hears(SHOW) == b"old"
        async with ends.publisher(SHOW, words=b"new"):
            with pytest.raises(moq.Error):
                await asyncio.wait_for(closed(older), PATIENCE)
            assert await ends.hears(SHOW) == b"new"


async def test_a_viewer_stays_through_a_takeover(relay, ends):
    async with ends.session(relay.issue(SHOW, "watch", "localhost")) as viewer:
        for words in (b"one", b"two"):
            async with ends.publisher(SHOW, words=words), asyncio.timeout(PATIENCE):
                broadcast = await viewer.announced_broadcast("live").available()
                frame = await (await broadcast.subscribe_track("words")).read_frame()
                assert frame.payload == words


async def test_closing_a_show_ends_its_sessions_for_good(relay, ends):
    later = relay.issue(SHOW, "watch", "localhost")
    async with ends.publisher(SHOW) as publisher, ends.session(relay.issue(SHOW, "watch", "localhost")) as viewer:
        await relay.close_show(SHOW)
        for client in (publisher, viewer):
            with pytest.raises(moq.Error):
                await asyncio.wait_for(closed(client), PATIENCE)
    assert await ends.is_refused(later.url)
    assert relay.viewers == 0
    async with ends.publisher(OTHER):
        assert await ends.hears(OTHER) == b"hello"


async def test_viewers_are_admitted_up_to_the_limit(relay, ends):
    spare = relay.issue(SHOW, "watch", "localhost")
    async with (
        ends.session(relay.issue(SHOW, "watch", "localhost")),
        ends.session(relay.issue(SHOW, "watch", "localhost")),
        ends.session(relay.issue(OTHER, "watch", "localhost")),
    ):
        await until(lambda: relay.viewers == 3)
        with pytest.raises(RelayFull):
            relay.issue(SHOW, "watch", "localhost")
        assert await ends.is_refused(spare.url)
        async with ends.publisher(SHOW):
            pass
    await until(lambda: relay.viewers == 0)
    assert not await ends.is_refused(relay.issue(SHOW, "watch", "localhost").url)


async def test_the_certificate_is_renewed_without_disturbing_anybody(relay, ends):
    before = relay.fingerprint
    async with ends.publisher(SHOW) as publisher:
        relay._own.renew()
        assert relay.fingerprint != before
        await _until_hears(ends)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(closed(publisher), 0.2)


async def test_a_restarted_relay_takes_new_tickets_on_the_same_port(relay, ends):
    await relay.stop()
    clock = SystemClock()
    again = Relay("127.0.0.1", relay.port, Tickets(KEY, clock), clock)
    await again.start()
    try:
        after = Ends(again)
        async with after.publisher(SHOW):
            assert await after.hears(SHOW) == b"hello"
    finally:
        await again.stop()


async def test_a_taken_port_is_said_at_the_start(relay):
    clock = SystemClock()
    with pytest.raises(OSError, match=str(relay.port)):
        await Relay("127.0.0.1", relay.port, Tickets(KEY, clock), clock).start()


@pytest.mark.parametrize(
    ("host", "expected"),
    [("localhost", "127.0.0.1"), ("shop.example", "shop.example"), ("192.168.1.5", "192.168.1.5"), ("::1", "[::1]")],
)
async def test_the_ticket_names_the_host_the_visitor_used(relay, host, expected):
    assert relay.issue(SHOW, "watch", host).url.startswith(f"https://{expected}:{relay.port}/watch/{SHOW}?token=")


async def _until_hears(ends):
    """The relay notices the replaced files within moments, not at once."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                assert await ends.hears(SHOW) == b"hello"
                return
            except moq.Error:
                await asyncio.sleep(0.05)


async def test_with_a_given_certificate_browsers_trust_it_by_themselves_and_this_machine_by_its_pin(tmp_path):
    files = own_certificate(tmp_path, ["market.example"], datetime.now(UTC))
    tickets = Tickets(KEY, SystemClock())
    relay = Relay("127.0.0.1", 0, tickets, SystemClock(), certificate=(files.certificate, files.key))
    await relay.start()
    try:
        ticket = relay.issue(SHOW, "publish", "127.0.0.1")
        assert ticket.fingerprint is None
        async with moq.Client(
            ticket.url, tls_fingerprints=[relay.pin], websocket_enabled=False, reconnect=False
        ) as here:
            assert here.session is not None
    finally:
        await relay.stop()
