"""A quiet sound track for footage that has none: small bells on a pentatonic scale, the same at every start.

Computed once, encoded once to Opus, then repeated for as long as it is needed.
"""

import math
import random
from array import array
from collections.abc import Iterator
from fractions import Fraction
from functools import cache

import av

RATE = 48_000
FRAME = 960
"""Samples in one Opus packet: 20 ms."""
SECONDS = 8
PEAK = 0.09
_SCALE = (587.33, 659.25, 783.99, 880.00, 987.77, 1174.66, 1318.51)
_PARTIALS = ((1.0, 1.0, 0.6), (2.76, 0.35, 0.3), (5.40, 0.12, 0.12))
"""Of a small bell: frequency ratio, loudness, seconds until it has faded to a third."""


def opus_head() -> bytes:
    """The OpusHead that describes the packets of `tone_packets`: one channel, 48 kHz, no skipped samples."""
    return b"OpusHead" + bytes([1, 1]) + (0).to_bytes(2, "little") + RATE.to_bytes(4, "little") + bytes(3)


def tone_packets() -> Iterator[tuple[int, bytes]]:
    """(time in µs, Opus packet) for ever, from 0 on."""
    packets = _encoded()
    index = 0
    while True:
        yield index * FRAME * 1_000_000 // RATE, packets[index % len(packets)]
        index += 1


@cache
def _encoded() -> tuple[bytes, ...]:
    """The whole track as Opus packets."""
    encoder = av.CodecContext.create("libopus", "w")
    assert isinstance(encoder, av.AudioCodecContext)
    encoder.sample_rate, encoder.layout, encoder.format, encoder.bit_rate = RATE, "mono", "s16", 32_000
    encoder.time_base = Fraction(1, RATE)
    samples = _bells()
    packets: list[bytes] = []
    # The beginning is encoded a second time after the end and takes the place of the first packets, so that
    # the encoder's state is right where the track begins again.
    overlap = 10
    total = SECONDS * RATE // FRAME
    for index in range(total + overlap):
        start = index % total * FRAME
        frame = av.AudioFrame(format="s16", layout="mono", samples=FRAME)
        frame.sample_rate, frame.pts = RATE, index * FRAME
        frame.planes[0].update(samples[start : start + FRAME].tobytes().ljust(frame.planes[0].buffer_size, b"\0"))
        packets.extend(bytes(packet) for packet in encoder.encode(frame))
    return tuple(packets[total : total + overlap] + packets[overlap:total])


def _bells() -> "array[int]":
    """One round of bells as 16-bit samples; what rings past the end rings on at the beginning."""
    chance = random.Random("ennichi")  # noqa: S311 - music, not secrets
    length = SECONDS * RATE
    mix = array("f", bytes(4 * length))
    moment = 0.0
    while moment < SECONDS - 0.4:
        pitch = chance.choice(_SCALE)
        loudness = chance.uniform(0.35, 1.0)
        for ratio, level, fade in _PARTIALS:
            _ring(mix, int(moment * RATE), pitch * ratio, level * loudness, fade)
        moment += chance.choice((0.5, 1.0, 1.0, 1.5, 2.0))
    loudest = max(max(mix), -min(mix))
    scale = PEAK * 32767 / loudest
    return array("h", (int(value * scale) for value in mix))


def _ring(mix: "array[float]", start: int, pitch: float, level: float, fade: float) -> None:
    """Add one decaying sine, by the two-term recurrence, which spares a sine for each sample."""
    length = len(mix)
    turn = 2 * math.pi * pitch / RATE
    shrink = math.exp(-1 / (fade * RATE))
    first, second = 2 * shrink * math.cos(turn), -shrink * shrink
    before, now = 0.0, level * math.sin(turn)
    for index in range(start, start + int(fade * 5 * RATE)):
        mix[index % length] += now
        before, now = now, first * now + second * before
