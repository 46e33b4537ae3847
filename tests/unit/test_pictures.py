"""Whatever a camera, or somebody with bad intentions, sends."""

import base64
import struct
import zlib
from io import BytesIO

import pillow_heif
import pytest
from PIL import Image, ImageCms

from ennichi.photos import Unreadable
from ennichi.photos.picture import Rendered, render

RED, BLUE = (200, 30, 30), (30, 30, 200)


def halves(size: tuple[int, int] = (400, 200)) -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, *size))
    return image


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def opened(made: Rendered, size: str = "l") -> Image.Image:
    image = Image.open(BytesIO(made.sizes[size]))  # type: ignore[index]
    image.load()
    return image


def close(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    return all(abs(x - y) < 30 for x, y in zip(a, b, strict=True))


def heic(image: Image.Image, **options: object) -> bytes:
    file = BytesIO()
    pillow_heif.from_pillow(image).save(file, **options)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIC"])
def test_formats(kind: str) -> None:
    data = heic(halves()) if kind == "HEIC" else saved(halves(), kind)
    made = render(data)
    assert (made.width, made.height) == (400, 200)
    image = opened(made)
    assert image.format == "WEBP"
    assert close(image.getpixel((50, 100)), RED)  # type: ignore[arg-type]
    assert close(image.getpixel((350, 100)), BLUE)  # type: ignore[arg-type]


def test_three_sizes_and_a_placeholder() -> None:
    made = render(saved(halves((3000, 1500)), "JPEG"))
    assert {size: opened(made, size).size for size in "sml"} == {"s": (160, 80), "m": (640, 320), "l": (1600, 800)}
    assert len(made.placeholder) < 400
    kind, data = made.placeholder.split(",")
    assert kind == "data:image/webp;base64"
    tiny = Image.open(BytesIO(base64.b64decode(data)))
    assert max(tiny.size) == 16


def test_small_pictures_are_not_blown_up() -> None:
    made = render(saved(halves((100, 50)), "PNG"))
    assert {opened(made, size).size for size in "sml"} == {(100, 50)}


def test_upright_and_without_metadata() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter to the right
    exif[0x010F] = "SecretMaker"
    exif.get_ifd(0x8825)[2] = (35.0, 40.0, 1.0)
    made = render(saved(halves(), "JPEG", exif=exif))
    image = opened(made)
    assert (made.width, made.height) == image.size == (200, 400)
    assert close(image.getpixel((100, 50)), RED)  # type: ignore[arg-type]
    assert close(image.getpixel((100, 350)), BLUE)  # type: ignore[arg-type]
    assert not image.getexif()
    assert all(b"SecretMaker" not in data and b"Exif" not in data for data in made.sizes.values())


def test_a_turned_heic() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    image = opened(render(heic(halves(), exif=exif.tobytes())))  # written as the file's own turn, as phones do
    assert image.size == (200, 400)
    assert close(image.getpixel((100, 50)), RED)  # type: ignore[arg-type]
    assert not image.getexif()


def test_colours_become_srgb() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    made = render(saved(halves(), "JPEG", icc_profile=b"not a profile"))
    assert close(opened(made).getpixel((50, 100)), RED)  # type: ignore[arg-type]
    made = render(saved(halves(), "PNG", icc_profile=profile))
    assert "icc_profile" not in opened(made).info


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_modes_of_png(mode: str) -> None:
    image = Image.new(mode, (60, 40), 40_000) if mode == "I;16" else halves((60, 40)).convert(mode)
    result = opened(render(saved(image, "PNG")))
    assert (result.mode, result.size) == ("RGB", (60, 40))
    if mode == "I;16":
        assert close(result.getpixel((5, 5)), (156, 156, 156))  # type: ignore[arg-type]


def test_what_is_see_through_lies_on_white() -> None:
    made = render(saved(Image.new("RGBA", (50, 50), (0, 0, 0, 0)), "PNG"))
    assert opened(made).getpixel((25, 25)) == (255, 255, 255)


def test_cmyk() -> None:
    assert close(
        opened(render(saved(Image.new("CMYK", (50, 50), (0, 255, 255, 0)), "JPEG"))).getpixel((5, 5)),  # type: ignore[arg-type]
        (255, 0, 0),
    )


def bomb() -> bytes:
    """A few kilobytes that say they are 30,000 by 30,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello, this is a text file named .jpg",
        b"<svg xmlns='http://www.w3.org/2000/svg' width='10' height='10'/>",
        b"\xff\xd8\xff\xe0",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
        saved(halves((800, 800)), "JPEG", quality=95)[:3000],
        saved(Image.effect_noise((300, 300), 90), "PNG")[:5000],
        saved(Image.effect_noise((300, 300), 90), "WEBP")[:3000],
        heic(halves((800, 800)))[:400],
        bomb(),
        saved(Image.new("RGB", (4000, 20)), "PNG"),
        saved(halves(), "GIF"),
        saved(halves(), "TIFF"),
        saved(halves(), "BMP"),
    ],
    ids=[
        "empty", "text", "svg", "jpeg-start", "png-start", "cut-jpeg", "cut-png", "cut-webp", "cut-heic", "bomb",
        "sliver", "gif", "tiff", "bmp",
    ],
)  # fmt: skip
def test_what_is_no_picture(data: bytes) -> None:
    with pytest.raises(Unreadable):
        render(data)
