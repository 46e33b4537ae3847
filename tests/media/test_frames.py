"""Footage through the relay: away and back, pictures, and frames as a viewer gets them."""

import asyncio
import io
from contextlib import asynccontextmanager
from functools import partial
from itertools import pairwise
from unittest.mock import Mock

import av
import moq
import numpy as np
import pytest
from PIL import Image
from structlog.testing import capture_logs
from tests.media.conftest import BOTTLES, PATIENCE, until

from ennichi.media import publish_file
from ennichi.media.frames import decode_jpeg

SHOW = "0" * 20


@asynccontextmanager
async def robot(relay, path=BOTTLES, *, tone=False):
    """Somebody who sends a file in a loop."""
    stop = asyncio.Event()

    async def ticket():
        return relay.issue(SHOW, "publish", "localhost")

    sending = asyncio.create_task(publish_file(path, ticket, loop=True, stop=stop, tone=tone))
    try:
        yield sending
    finally:
        stop.set()
        await sending


async def frames_of(ends, kind, count):
    """What a viewer gets of the first video or audio track: (timestamp in µs, payload)."""
    async with ends.session(ends.relay.issue(SHOW, "watch", "localhost")) as client, asyncio.timeout(10):
        broadcast = await client.announced_broadcast("live").available()
        async with await broadcast.subscribe_catalog() as catalogs:
            name, track = await anext(found async for catalog in catalogs for found in getattr(catalog, kind).items())
        got = []
        async with await broadcast.subscribe_media(name, track, moq.Subscription(max_age_us=2_000_000)) as frames:
            async for frame in frames:
                got.append((frame.timestamp_us, frame.payload))
                if len(got) == count:
                    return track, got
    raise AssertionError(f"only {len(got)} frames")


async def test_away_is_told_when_frames_stop_and_when_they_are_back(relay):
    told: asyncio.Queue[tuple[str, bool]] = asyncio.Queue()
    relay.on_away(lambda show_id, away: told.put_nowait((show_id, away)))
    relay.open_show(SHOW)
    assert not relay.is_away(SHOW)
    assert await asyncio.wait_for(told.get(), 3) == (SHOW, True)
    async with robot(relay):
        assert await asyncio.wait_for(told.get(), PATIENCE) == (SHOW, False)
        assert not relay.is_away(SHOW)
    gone = asyncio.get_running_loop().time()
    assert await asyncio.wait_for(told.get(), PATIENCE) == (SHOW, True)
    assert 1.5 < asyncio.get_running_loop().time() - gone < 3
    assert told.empty()


async def test_a_handler_that_fails_does_not_stop_the_watch(relay):
    told: asyncio.Queue[tuple[str, bool]] = asyncio.Queue()
    relay.on_away(lambda *_: 1 / 0)
    relay.on_away(lambda *what: told.put_nowait(what))
    with capture_logs() as logged:
        relay.open_show(SHOW)
        assert await asyncio.wait_for(told.get(), 5) == (SHOW, True)
    assert [entry["event"] for entry in logged] == ["media.away_handler_failed"]


async def test_the_picture_of_a_show_is_a_frame_of_the_footage(relay):
    assert await relay.frame_jpeg(SHOW) is None
    async with robot(relay):
        jpeg = await until(partial(relay.frame_jpeg, SHOW))
    picture = Image.open(io.BytesIO(jpeg))
    assert (picture.format, picture.size) == ("JPEG", (640, 360))
    with av.open(str(BOTTLES)) as footage:
        first = next(footage.decode(video=0)).to_image()
    difference = np.abs(np.asarray(picture, dtype=int) - np.asarray(first, dtype=int)).mean()
    assert difference < 4


async def test_pictures_are_decoded_rarely_however_many_ask(relay, monkeypatch):
    decoding = Mock(side_effect=decode_jpeg)
    monkeypatch.setattr("ennichi.media.frames.decode_jpeg", decoding)
    async with robot(relay):
        await until(partial(relay.frame_jpeg, SHOW))
        pictures = await asyncio.gather(*[relay.frame_jpeg(SHOW) for _ in range(50)])
    assert len(set(pictures)) == 1
    assert decoding.call_count == 1


async def test_a_viewer_gets_the_video_as_it_is_in_the_file(relay, ends):
    async with robot(relay):
        track, got = await frames_of(ends, "video", 45)
    assert track.codec.startswith("avc")
    assert (track.coded.width, track.coded.height) == (640, 360)
    decoder = av.CodecContext.create("h264", "r")
    pictures = [frame for _, payload in got for frame in decoder.decode(av.Packet(payload))]
    assert len(pictures) >= 40


async def test_sound_goes_along_without_gaps(relay, ends):
    async with robot(relay, tone=True):
        track, got = await frames_of(ends, "audio", 50)
    assert (track.codec, track.sample_rate, track.channel_count) == ("opus", 48_000, 1)
    assert {later - sooner for (sooner, _), (later, _) in pairwise(got)} == {20_000}


async def test_sending_goes_on_by_itself_after_the_relay_ended_the_session(relay, ends, tmp_path):
    path = tmp_path / "short.mp4"
    with av.open(str(BOTTLES)) as reading, av.open(str(path), "w") as writing:
        video = writing.add_stream_from_template(reading.streams.video[0])
        for index, packet in enumerate(reading.demux(video=0)):
            if index == 30:
                break
            packet.stream = video
            writing.mux(packet)
    async with robot(relay, path):
        _, before = await frames_of(ends, "video", 10)
        relay._stalls[SHOW].publisher.cancel(500)
        await asyncio.sleep(1)
        _, after = await frames_of(ends, "video", 40)
    assert after[0][0] > before[-1][0]


async def test_a_refused_ticket_ends_the_sending():
    async def ticket():
        raise PermissionError("not yours")

    with pytest.raises(PermissionError):
        await publish_file(BOTTLES, ticket)
