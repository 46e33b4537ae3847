"""Real footage as a fake camera, and whether one picture shows what another does."""

from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

import ennichi.demo

BOTTLES = Path(next(iter(ennichi.demo.__path__))) / "bottles.mp4"
CAMERA = (640, 360)
SMALL = (32, 18)
RATE = 15
SECONDS = 6

Picture = NDArray[np.float64]
"""Brightness of SMALL, row by row."""


def camera_file(folder: Path) -> tuple[Path, list[Picture]]:
    """A Y4M file for Chromium's fake camera, and the small pictures that are in it."""
    path = folder / "camera.y4m"
    pictures = []
    with av.open(str(BOTTLES)) as source, path.open("wb") as out:
        stream = source.streams.video[0]
        step = max(1, round((stream.average_rate or Fraction(30)) / RATE))
        out.write(f"YUV4MPEG2 W{CAMERA[0]} H{CAMERA[1]} F{RATE}:1 Ip A1:1 C420jpeg\n".encode())
        for frame in islice(source.decode(stream), 0, RATE * SECONDS * step, step):
            plain = frame.reformat(width=CAMERA[0], height=CAMERA[1], format="yuv420p").to_ndarray()
            out.write(b"FRAME\n" + plain.tobytes())
            small = frame.reformat(width=SMALL[0], height=SMALL[1], format="gray").to_ndarray()
            pictures.append(small.astype(np.float64))
    return path, pictures


def likeness(seen: Picture, pictures: list[Picture]) -> float:
    """How well `seen` correlates with the one of `pictures` it is most like; 1 is the same."""
    if seen.std() < 1:
        return 0.0
    return max(float(np.corrcoef(seen.ravel(), picture.ravel())[0, 1]) for picture in pictures)
