"""A quiet sound track for footage that has none: small bells on a pentatonic scale, the same at every start.

Computed once, encoded once to Opus, then repeated for as long as it is needed.
"""

import random
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

import av

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATE = 48_000
FRAME = 960
"""Samples in one Opus packet: 20 ms."""
SECONDS = 16
PEAK = 0.09
_SCALE = (587.33, 659.25, 783.99, 880.00, 987.77, 1174.66, 1318.51)
_PARTIALS = ((1.0, 1.0, 0.9), (2.76, 0.35, 0.45), (5.40, 0.12, 0.2))
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
        frame = av.AudioFrame.from_ndarray(samples[None, start : start + FRAME], format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE, index * FRAME
        packets.extend(bytes(packet) for packet in encoder.encode(frame))
    return tuple(packets[total : total + overlap] + packets[overlap:total])


def _bells() -> "NDArray[np.int16]":
    """One round of bells; what rings past the end rings on at the beginning."""
    import numpy as np  # noqa: PLC0415 (a tenth of every start otherwise, for footage without sound alone)

    chance = random.Random("ennichi")  # noqa: S311 (music, not secrets)
    length = SECONDS * RATE
    mix = np.zeros(length)
    moment = 0.0
    while moment < SECONDS - 0.4:
        pitch, loudness = chance.choice(_SCALE), chance.uniform(0.35, 1.0)
        for ratio, level, fade in _PARTIALS:
            times = np.arange(int(fade * 6 * RATE)) / RATE
            ring = level * loudness * np.sin(2 * np.pi * pitch * ratio * times) * np.exp(-times / fade)
            np.add.at(mix, (np.arange(times.size) + int(moment * RATE)) % length, ring)
        moment += chance.choice((0.5, 1.0, 1.0, 1.5, 2.0))
    samples: NDArray[np.int16] = (mix * (PEAK * 32767 / np.abs(mix).max())).astype(np.int16)
    return samples
