"""Files as they are sent: seamless over rounds, decodable from every keyframe, with or without sound."""

from collections import defaultdict
from itertools import islice, pairwise
from pathlib import Path

import av
import numpy as np
import pytest

import ennichi.demo
from ennichi.media import FootageUnusable
from ennichi.media.footage import Footage
from ennichi.media.tone import opus_head, tone_packets

BOTTLES = Path(next(iter(ennichi.demo.__path__))) / "bottles.mp4"
FRAMES = 1189
FRAME_US = 33_520


def by_kind(samples):
    found = defaultdict(list)
    for sample in samples:
        found[sample.kind].append(sample)
    return found


def test_rounds_follow_each_other_without_a_jump():
    video = list(islice(Footage(BOTTLES).samples(loop=True), 2 * FRAMES + 100))
    assert all(later.due_us > sooner.due_us for sooner, later in pairwise(video))
    # Frames are sent in decoding order; put into the order of showing, no two are further apart than a frame.
    shown = sorted(sample.timestamp_us for sample in video[: 2 * FRAMES])
    assert max(later - sooner for sooner, later in pairwise(shown)) <= FRAME_US + 1
    assert min(later - sooner for sooner, later in pairwise(shown)) >= FRAME_US - 1


def test_a_round_is_shown_after_the_last_frame_of_the_one_before(tmp_path):
    path = tmp_path / "short.mp4"
    remux(BOTTLES, path)
    samples = list(islice(Footage(path).samples(loop=True), 90))
    keyframes = [index for index, sample in enumerate(samples) if sample.keyframe]
    assert keyframes == [0, 30, 60]
    for start in keyframes[1:]:
        assert samples[start].timestamp_us > max(sample.timestamp_us for sample in samples[:start])
        assert samples[start].due_us > samples[start - 1].due_us


def test_without_loop_it_ends():
    assert len(list(Footage(BOTTLES).samples(loop=False))) == FRAMES


def test_every_keyframe_can_be_decoded_alone():
    keyframes = [sample for sample in Footage(BOTTLES).samples(loop=False) if sample.keyframe]
    assert len(keyframes) == 5
    for keyframe in keyframes:
        decoder = av.CodecContext.create("h264", "r")
        pictures = [*decoder.decode(av.Packet(keyframe.payload)), *decoder.decode(None)]
        assert [(picture.width, picture.height) for picture in pictures] == [(640, 360)]


def test_the_tone_runs_beside_the_picture_and_ends_with_it():
    found = by_kind(Footage(BOTTLES, tone=True).samples(loop=False))
    assert len(found["video"]) == FRAMES
    assert found["audio"][-1].timestamp_us == pytest.approx(found["video"][-1].due_us, abs=40_000)
    assert all(later.timestamp_us - sooner.timestamp_us == 20_000 for sooner, later in pairwise(found["audio"]))


def test_the_tone_is_quiet_but_heard_and_always_the_same():
    packets = [packet for _, packet in islice(tone_packets(), 200)]
    decoder = av.CodecContext.create("opus", "r")
    decoder.extradata = opus_head()
    frames = [frame for packet in packets for frame in decoder.decode(av.Packet(packet))]
    assert 0.02 < max(np.abs(frame.to_ndarray()).max() for frame in frames) < 0.2
    assert packets == [packet for _, packet in islice(tone_packets(), 200)]


def test_sound_of_the_file_is_passed_through(tmp_path):
    path = tmp_path / "with-opus.mp4"
    remux(BOTTLES, path, sound="libopus")
    footage = Footage(path, tone=True)
    assert footage.sound is not None
    assert footage.sound.startswith(b"OpusHead")
    found = by_kind(footage.samples(loop=False))
    assert len(found["audio"]) == pytest.approx(50, abs=3)


@pytest.mark.parametrize("content", [b"", b"this is no film", b"\0" * 4096])
def test_what_is_no_film_is_said_clearly(tmp_path, content):
    path = tmp_path / "film.mp4"
    path.write_bytes(content)
    with pytest.raises(FootageUnusable, match="cannot be opened"):
        Footage(path)


def test_another_codec_is_said_clearly(tmp_path):
    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for index in range(3):
            frame = av.VideoFrame(64, 64, "yuv420p")
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(FootageUnusable, match=r"only H\.264"):
        Footage(path)


def remux(source, target, sound=None):
    """One second of the source's video, perhaps with an encoded sound beside it."""
    with av.open(str(source)) as reading, av.open(str(target), "w") as writing:
        video = writing.add_stream_from_template(reading.streams.video[0])
        audio = writing.add_stream(sound, rate=48_000) if sound else None
        for packet in islice(reading.demux(reading.streams.video[0]), 30):
            packet.stream = video
            writing.mux(packet)
        if audio is None:
            return
        for index in range(50):
            frame = av.AudioFrame(format="s16", layout="stereo", samples=960)
            for plane in frame.planes:
                plane.update(bytes(plane.buffer_size))
            frame.sample_rate, frame.pts = 48_000, index * 960
            writing.mux(audio.encode(frame))
        writing.mux(audio.encode(None))
