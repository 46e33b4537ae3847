"""Turns whatever a camera made into plain pictures: upright, sRGB, without metadata, in three sizes.

Works on bytes alone and takes long; call it in a thread. A picture is decoded only after its header has said how
many pixels it holds, so that a small file cannot become a mountain of memory.
"""

import base64
import functools
from io import BytesIO

import pillow_heif
from msgspec import Struct
from PIL import Image, ImageCms, ImageFilter, ImageOps

from ennichi.photos.errors import Unreadable
from ennichi.photos.model import LONG_SIDES, Size

FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
MAX_PIXELS = 64_000_000
MAX_SIDE = 20_000
MAX_RATIO = 40
PLACEHOLDER_SIDE = 16


class Rendered(Struct, frozen=True):
    """A picture in all its sizes, as WebP."""

    width: int
    height: int
    placeholder: str
    sizes: dict[Size, bytes]


def render(data: bytes) -> Rendered:
    """Read a picture and make its sizes. Raises Unreadable for whatever cannot be read or is too large."""
    image = _fit(_read(data), LONG_SIDES["l"])
    width, height = image.size
    sizes: dict[Size, bytes] = {}
    for size in sorted(LONG_SIDES, key=LONG_SIDES.__getitem__, reverse=True):
        image = _fit(image, LONG_SIDES[size])
        sizes[size] = _webp(image, quality=82)
    return Rendered(width=width, height=height, placeholder=_placeholder(image), sizes=sizes)


def _read(data: bytes) -> Image.Image:
    _know_heif()
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            _check_size(*image.size)
            # A JPEG can be decoded at an eighth, a quarter or half of its size, which is all that is needed here.
            image.draft("RGB", (LONG_SIDES["l"], LONG_SIDES["l"]))
            image.load()
            return _plain(image)
    except Unreadable:
        raise
    except Exception as broken:  # decoders raise anything: OSError, SyntaxError, struct.error, ValueError, ...
        raise Unreadable from broken


def _check_size(width: int, height: int) -> None:
    short, long = sorted((width, height))
    if short < 1 or long > MAX_SIDE or width * height > MAX_PIXELS or long > short * MAX_RATIO:
        raise Unreadable(width=width, height=height)


def _plain(image: Image.Image) -> Image.Image:
    """Upright, on white where it was see-through, in sRGB, with nothing attached."""
    upright = ImageOps.exif_transpose(image)
    profile = image.info.get("icc_profile")
    if upright.mode.startswith("I"):  # 16 bits a pixel
        upright = upright.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if upright.has_transparency_data:
        layer = upright.convert("RGBA")
        upright = Image.new("RGBA", layer.size, "white")
        upright.alpha_composite(layer)
        upright = upright.convert("RGB")
    plain = _to_srgb(upright, profile)
    plain.info.clear()
    return plain


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if profile and image.mode in ("RGB", "CMYK", "L"):
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            converted = ImageCms.profileToProfile(image, source, _srgb(), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError):
            pass  # a broken profile does not make the picture unreadable
        else:
            if converted is not None:
                return converted
    return image.convert("RGB")


def _fit(image: Image.Image, long_side: int) -> Image.Image:
    image.thumbnail((long_side, long_side), Image.Resampling.LANCZOS)
    return image


def _webp(image: Image.Image, quality: int) -> bytes:
    out = BytesIO()
    # Method 2 takes half the time of the usual 4, for a few per cent more bytes.
    image.save(out, "WEBP", quality=quality, method=2)
    return out.getvalue()


def _placeholder(image: Image.Image) -> str:
    tiny = image.copy()
    tiny.thumbnail((PLACEHOLDER_SIDE, PLACEHOLDER_SIDE))
    tiny = tiny.filter(ImageFilter.GaussianBlur(0.6))
    return "data:image/webp;base64," + base64.b64encode(_webp(tiny, quality=20)).decode()


@functools.cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


@functools.cache
def _know_heif() -> None:
    pillow_heif.register_heif_opener(thumbnails=False)
