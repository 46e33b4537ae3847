"""Sending a file into a live show, at its own pace and without re-encoding.

The file needs H.264; Opus sound is passed through. Time runs on without a jump when the file begins again, so
viewers see one endless stream.
"""

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import NamedTuple, cast

import av
import moq
import structlog
from av.bitstream import BitStreamFilterContext

from ennichi.media.errors import FootageUnusable
from ennichi.media.model import Ticket
from ennichi.media.tone import opus_head, tone_packets

log = structlog.get_logger(__name__)

RETRY_SECONDS = 1.0
TicketSource = Callable[[], Awaitable[Ticket]]


class Sample(NamedTuple):
    """One encoded frame."""

    due_us: int
    """When to send it, from the beginning of the first round."""
    order: int
    timestamp_us: int
    """When to show it, on the same line of time."""
    kind: str
    """"video" or "audio"."""
    keyframe: bool
    payload: bytes


class Footage:
    """A file that can be sent; raises `FootageUnusable` when it cannot.

    `tone` adds a quiet synthesised sound track when the file has no sound of its own that can be passed through.
    """

    def __init__(self, path: Path, *, tone: bool = False) -> None:
        self.path = path
        with self._open() as container:
            video = _h264(container, path)
            audio = _opus(container)
            self.width, self.height = video.width, video.height
            self.frame_rate = float(video.average_rate or 30)
            self.sound = bytes(audio.codec_context.extradata or b"") if audio else None
        self._tone = tone and self.sound is None
        if self._tone:
            self.sound = opus_head()

    def samples(self, *, loop: bool) -> Iterator[Sample]:
        """All frames in the order they are to be sent; without end when `loop`."""
        own = self._rounds(loop)
        if not self._tone:
            return own
        bells = (Sample(at, -1, at, "audio", True, packet) for at, packet in tone_packets())
        return self._until_own_ends(own, bells)

    def _until_own_ends(self, own: Iterator[Sample], bells: Iterator[Sample]) -> Iterator[Sample]:
        """Both by time; the bells alone would go on for ever."""
        left = True

        def noting_the_end() -> Iterator[Sample]:
            nonlocal left
            yield from own
            left = False

        for sample in heapq.merge(noting_the_end(), bells):
            if not left:
                return
            yield sample

    def _rounds(self, loop: bool) -> Iterator[Sample]:
        offset = 0
        order = count()
        while True:
            sent_until = shown_until = 0
            shown_from: int | None = None
            for due, shown, length, kind, keyframe, payload in self._one_round():
                sent_until = max(sent_until, due + length)
                shown_until = max(shown_until, shown + length)
                shown_from = shown if shown_from is None else shown_from
                yield Sample(offset + due, next(order), offset + shown, kind, keyframe, payload)
            if not loop:
                return
            # With B-frames the last frame is shown later than it is sent; the next round is shown after it.
            offset += max(sent_until, shown_until - (shown_from or 0))

    def _one_round(self) -> Iterator[tuple[int, int, int, str, bool, bytes]]:
        """(due, shown, length in µs, kind, keyframe, payload) of each frame of the file."""
        with self._open() as container:
            video = _h264(container, self.path)
            audio = _opus(container)
            usual = round(1_000_000 / self.frame_rate)
            annex_b = BitStreamFilterContext("h264_mp4toannexb", video)
            begin: int | None = None
            for packet in container.demux([video, audio] if audio else [video]):
                if packet.dts is None or packet.pts is None:
                    continue
                unit = packet.time_base * 1_000_000
                due, shown = round(packet.dts * unit), round(packet.pts * unit)
                length = round((packet.duration or 0) * unit) or usual
                begin = due if begin is None else begin
                # The filter takes the packet's content away: whatever is needed of it is read before.
                kind, keyframe = packet.stream.type, packet.is_keyframe
                for ready in annex_b.filter(packet) if kind == "video" else [packet]:
                    yield due - begin, max(0, shown - begin), length, kind, keyframe, bytes(ready)

    def _open(self) -> av.container.InputContainer:
        try:
            return av.open(str(self.path))
        except (av.FFmpegError, OSError) as problem:
            raise FootageUnusable(f"{self.path} cannot be opened as a video file: {problem}") from problem


async def publish_file(
    path: Path,
    ticket_source: TicketSource,
    *,
    loop: bool = False,
    stop: asyncio.Event | None = None,
    tone: bool = False,
) -> None:
    """Send a file into a show until it ends or `stop` is set; with `loop` it begins again at its end.

    `ticket_source` is asked for a publishing ticket at the start and again whenever the connection was lost; what
    it raises comes out of here. Raises `FootageUnusable` for a file that cannot be sent.
    """
    stop = stop or asyncio.Event()
    footage = await asyncio.to_thread(Footage, path, tone=tone)
    run = _Run(footage.samples(loop=loop))
    # The first sound is encoded off the event loop; after that each frame costs next to nothing.
    await asyncio.to_thread(run.advance)
    run.began = asyncio.get_running_loop().time()
    while run.next is not None and not stop.is_set():
        ticket = await ticket_source()
        try:
            pins = [ticket.fingerprint] if ticket.fingerprint else None
            async with moq.Client(
                ticket.url, tls_fingerprints=pins, websocket_enabled=False, reconnect=False
            ) as client:
                await _Sender(client, ticket.broadcast, footage).send(run, stop)
        except moq.Error as problem:
            log.info("media.sending_interrupted", file=path.name, problem=str(problem))
        if run.next is not None:
            await _pause(RETRY_SECONDS, stop)


class _Run:
    """How far the sending of a file has come; outlives the connections it is sent over."""

    def __init__(self, samples: Iterator[Sample]) -> None:
        self._samples = samples
        self.began = 0.0
        self.next: Sample | None = None
        self.since_keyframe: list[Sample] = []
        """What a decoder that joins now needs before `next`."""

    def ahead(self, now: float) -> float:
        """Seconds until `next` is due; negative when it is late."""
        return self.next.due_us / 1e6 - (now - self.began) if self.next is not None else 0.0

    def advance(self) -> None:
        if self.next is not None and self.next.kind == "video":
            if self.next.keyframe:
                self.since_keyframe.clear()
            self.since_keyframe.append(self.next)
        self.next = next(self._samples, None)

    def catch_up(self, now: float) -> None:
        """Leave out what was due while there was no connection."""
        while self.next is not None and self.ahead(now) < 0:
            self.advance()


class _Sender:
    """One connection's worth of sending."""

    def __init__(self, client: moq.Client, name: str, footage: Footage) -> None:
        self._session = cast("moq.Session", client.session)
        self._broadcast = client.create_broadcast(name)
        size = moq.Dimensions(width=footage.width, height=footage.height)
        hint = moq.VideoHint(coded=size, framerate=footage.frame_rate, optimize_for_latency=True)
        self._video = self._broadcast.publish_video(moq.VideoFormat.AVC3, hint=hint)
        self._audio = self._broadcast.publish_audio(moq.AudioFormat.OPUS, footage.sound) if footage.sound else None

    async def send(self, run: _Run, stop: asyncio.Event) -> None:
        """Send at the file's pace until it ends, `stop` is set or the connection is lost."""
        lost = asyncio.ensure_future(self._session.closed())
        loop = asyncio.get_running_loop()
        try:
            run.catch_up(loop.time())
            for sample in run.since_keyframe:
                self._write(sample)
            self._broadcast.announce()
            while run.next is not None:
                if (ahead := run.ahead(loop.time())) > 0:
                    await _pause(ahead, stop)
                if stop.is_set() or lost.done():
                    return
                self._write(run.next)
                run.advance()
        finally:
            lost.cancel()
            with suppress(moq.Error, asyncio.CancelledError):
                await lost
            self._broadcast.close()

    def _write(self, sample: Sample) -> None:
        if sample.kind == "video":
            self._video.write_frame(sample.payload, sample.timestamp_us)
        elif self._audio is not None:
            self._audio.write_frame(sample.payload, sample.timestamp_us)
            # Each packet can be decoded alone: as its own group the relay passes it on without waiting.
            self._audio.cut()


async def _pause(seconds: float, stop: asyncio.Event) -> None:
    """Sleep, but wake up when `stop` is set."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


def _h264(container: av.container.InputContainer, path: Path) -> av.VideoStream:
    videos = container.streams.video
    if not videos:
        raise FootageUnusable(f"{path} has no video track")
    if videos[0].codec_context.name != "h264":
        raise FootageUnusable(
            f"{path} holds {videos[0].codec_context.name} video; only H.264 can be sent. "
            f"Convert it first: ffmpeg -i {path.name} -c:v libx264 -bf 0 -g 60 -c:a libopus {path.stem}-h264.mp4"
        )
    return videos[0]


def _opus(container: av.container.InputContainer) -> av.AudioStream | None:
    return next((audio for audio in container.streams.audio if audio.codec_context.name in ("opus", "libopus")), None)
