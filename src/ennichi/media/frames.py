"""Watching the encoded frames of a live show from inside the process.

Nothing is decoded while frames pass. The watch knows when the last frame came, so that viewers can be told
"the stall is away for a moment" long before a dead connection times out, and keeps the newest keyframe, of which
one picture every few seconds is decoded when somebody asks for it.
"""

import asyncio
import io
from collections.abc import Callable

import av
import moq
import structlog
from PIL import Image

from ennichi.media.model import BROADCAST

log = structlog.get_logger(__name__)

AwayHandler = Callable[[str, bool], None]

AWAY_SECONDS = 2.0
PICTURE_SECONDS = 3.0
PICTURE_SIDE = 720
RETRY_SECONDS = 0.2
_CATCH_UP = moq.Subscription(max_age_us=2_000_000)


class FrameWatch:
    """Follows the frames of one show until `run` is cancelled.

    `away` is False at first, and True once there has been no frame for two seconds, also when there never was one.
    `on_away(show_id, away)` is called at each change.
    """

    def __init__(self, show_id: str, origin: moq.OriginProducer, on_away: AwayHandler) -> None:
        self._show_id = show_id
        self._origin = origin
        self._on_away = on_away
        self._last = 0.0
        self._keyframe: bytes | None = None
        self._picture: bytes | None = None
        self._pictured = -PICTURE_SECONDS
        self._picturing = asyncio.Lock()
        self.away = False
        self._here = asyncio.Event()
        self._here.set()

    async def run(self) -> None:
        """Follow one publisher after the other, for ever."""
        self._last = asyncio.get_running_loop().time()
        checking = asyncio.create_task(self._check())
        try:
            while True:
                try:
                    await self._follow()
                except moq.Error as ending:
                    log.debug("media.frames_ended", show=self._show_id, reason=str(ending))
                await asyncio.sleep(RETRY_SECONDS)
        finally:
            checking.cancel()

    async def jpeg(self) -> bytes | None:
        """The newest keyframe as JPEG, at most a few seconds old when frames flow; None before the first one.

        Decoding happens in a thread and at most once in three seconds, however many ask.
        """
        async with self._picturing:
            now = asyncio.get_running_loop().time()
            keyframe = self._keyframe
            if keyframe is not None and now - self._pictured >= PICTURE_SECONDS:
                self._pictured = now
                fresh = await asyncio.to_thread(decode_jpeg, keyframe)
                self._picture = fresh or self._picture
            return self._picture

    async def _follow(self) -> None:
        """Read the frames of the publisher that is there now, until it goes or changes its tracks."""
        broadcast = await self._origin.consume().announced_broadcast(BROADCAST).available()
        async with await broadcast.subscribe_catalog() as catalogs:
            reading: asyncio.Task[None] | None = None
            track: tuple[str, moq.Video] | None = None
            try:
                # The first catalogs of a browser are empty or know only sound.
                async for catalog in catalogs:
                    found = next(iter(catalog.video.items()), None)
                    if found is None or (track is not None and found[0] == track[0] and reading and not reading.done()):
                        continue
                    if reading is not None:
                        reading.cancel()
                    track = found
                    reading = asyncio.create_task(self._read(broadcast, *found))
            finally:
                if reading is not None:
                    reading.cancel()
                    await asyncio.gather(reading, return_exceptions=True)

    async def _read(self, broadcast: moq.BroadcastConsumer, name: str, video: moq.Video) -> None:
        loop = asyncio.get_running_loop()
        async with await broadcast.subscribe_media(name, video, _CATCH_UP) as frames:
            async for frame in frames:
                self._last = loop.time()
                if frame.keyframe and video.codec.startswith("avc"):
                    self._keyframe = frame.payload
                if self.away:
                    self._turn(False)

    async def _check(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._here.wait()
            if (left := self._last + AWAY_SECONDS - loop.time()) > 0:
                await asyncio.sleep(left)
            else:
                self._turn(True)

    def _turn(self, away: bool) -> None:
        self.away = away
        if away:
            self._here.clear()
        else:
            self._here.set()
        self._on_away(self._show_id, away)


def decode_jpeg(keyframe: bytes) -> bytes | None:
    """One H.264 keyframe (Annex B, with parameter sets) as a JPEG of at most 720 pixels; None if it cannot be read."""
    try:
        decoder = av.CodecContext.create("h264", "r")
        pictures = [*decoder.decode(av.Packet(keyframe)), *decoder.decode(None)]
    except av.FFmpegError as problem:
        log.warning("media.keyframe_unreadable", problem=str(problem))
        return None
    if not pictures:
        return None
    image: Image.Image = pictures[0].to_image()  # type: ignore[no-untyped-call]
    image.thumbnail((PICTURE_SIDE, PICTURE_SIDE))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()
