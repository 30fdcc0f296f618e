"""From an unknown file to bare pixels. What is not a pixel does not get past this file."""

import struct
import zlib
from dataclasses import dataclass
from io import BytesIO

from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps

from webapp.imagery.errors import BadImage

FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "BMP")
SMALLEST_SIDE = 16
# What Pillow's decoders raise on broken files, seen or documented.
BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    EOFError,
    OverflowError,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class Limits:
    max_bytes: int
    max_pixels: int


def rebuild(data: bytes, *, mode: str, limits: Limits) -> Image.Image:
    """The picture in `data` as a new image of `mode` (RGB, RGBA or L) that carries nothing else. Raises BadImage."""
    _require_size(data, limits)
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as opened:
            _require_dimensions(opened, limits)
            opened.load()
            upright = ImageOps.exif_transpose(opened)
            return _bare(_to_mode(_to_srgb(upright) if mode != "L" else upright, mode))
    except BadImage:
        raise
    except Image.DecompressionBombError as bomb:
        raise BadImage(
            _("The image has more than %(limit)d million pixels. Save it smaller.")
            % {"limit": limits.max_pixels // 1_000_000}
        ) from bomb
    except Image.UnidentifiedImageError as unknown:
        raise BadImage(
            _("This file is no JPEG, PNG, TIFF, WebP or BMP image. Save it as JPEG and try again.")
        ) from unknown
    except BROKEN as broken:
        raise BadImage(_("The image is damaged or cut short. Open it, save it anew and try again.")) from broken


def shrunk(image: Image.Image, longest: int) -> Image.Image:
    """The image itself where it fits, else a copy whose longer side is `longest` px."""
    if max(image.size) <= longest:
        return image
    scale = longest / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.NEAREST if image.mode == "L" else Image.Resampling.LANCZOS)


def encoded(image: Image.Image) -> bytes:
    """RGB as JPEG, all others as PNG. One quality for all, so that it tells nothing about the source."""
    out = BytesIO()
    if image.mode == "RGB":
        image.save(out, "JPEG", quality=95, subsampling=0)
    else:
        image.save(out, "PNG")
    return out.getvalue()


def _require_size(data: bytes, limits: Limits) -> None:
    if not data:
        raise BadImage(_("The file is empty. Choose the image again."))
    if len(data) > limits.max_bytes:
        raise BadImage(
            _("The file is larger than %(limit)d MB. Save it as JPEG or with fewer pixels.")
            % {"limit": limits.max_bytes // 1024**2}
        )


def _require_dimensions(opened: Image.Image, limits: Limits) -> None:
    """By the header, before any pixel is decoded."""
    width, height = opened.size
    if width * height > limits.max_pixels:
        raise BadImage(
            _("The image has %(width)d x %(height)d pixels, more than %(limit)d million. Save it smaller.")
            % {"width": width, "height": height, "limit": limits.max_pixels // 1_000_000}
        )
    if min(width, height) < SMALLEST_SIDE:
        raise BadImage(
            _("The image has only %(width)d x %(height)d pixels. Send the original photograph.")
            % {"width": width, "height": height}
        )
    frames = getattr(opened, "n_frames", 1)
    if frames > 1 and opened.format != "MPO":  # a phone's MPO: the photograph and its preview
        raise BadImage(
            _("The file holds %(frames)d pictures. Save the one you mean as JPEG or PNG.") % {"frames": frames}
        )


def _to_srgb(image: Image.Image) -> Image.Image:
    """Colours as the profile means them; without this, a phone's wide-gamut red would turn pale."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in ("RGB", "RGBA", "CMYK"):
        return image
    try:
        target = "RGBA" if image.mode == "RGBA" else "RGB"
        return ImageCms.profileToProfile(
            image, ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode=target
        )
    except (ImageCms.PyCMSError, OSError):
        return image  # a broken profile says nothing: the numbers stand as they are


def _to_mode(image: Image.Image, mode: str) -> Image.Image:
    if image.mode.startswith("I;16"):
        image = image.point(lambda value: value / 256).convert("L")  # convert() alone would clip at 255
    if mode == "RGB" and ("A" in image.getbands() or "transparency" in image.info):
        over = image.convert("RGBA")
        image = Image.new("RGBA", over.size, "white")
        image.alpha_composite(over)
    return image.convert(mode)


def _bare(image: Image.Image) -> Image.Image:
    """A new object from the raw samples: Pillow's save() would write comments and profiles that an old one holds."""
    return Image.frombytes(image.mode, image.size, image.tobytes())
