"""Cheap pictures for simulated studies: a blot on skin, some hundred a second. They are nobody's lesion and look it.

A study that people read shall use `webapp.inference.synthetic`, which draws dermoscopy of the classes that it knows.
"""

import io
import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIZE = 256  # pixels a side, as saved
DRAWN = 64  # pixels a side, as computed: a sixteenth of the work
COARSE = 8  # of the mottled skin: makes every fingerprint its own


def picture(name: str, label: str, *, seed: int) -> tuple[bytes, bytes]:
    """A JPEG of one case and a PNG of its lesion's mask. The same arguments give the same bytes."""
    rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
    hue = np.random.default_rng(zlib.crc32(label.encode())).uniform(0.15, 0.75, 3)  # a class has its own colour
    mask_SS = _blot(rng)
    coarse = Image.fromarray(rng.integers(0, 256, (COARSE, COARSE, 3), dtype=np.uint8))
    mottle_SS3 = np.asarray(coarse.resize((DRAWN, DRAWN), Image.Resampling.BICUBIC), dtype=np.float32) / 255 - 0.5
    skin_SS3 = np.array([0.88, 0.70, 0.60], dtype=np.float32) + 0.18 * mottle_SS3
    dark = (0.45 + 0.5 * hue * rng.uniform(0.8, 1.2, 3)).astype(np.float32)
    shown_SS3 = np.where(mask_SS[..., None], skin_SS3 * dark, skin_SS3)
    photo = _enlarged((np.clip(shown_SS3, 0, 1) * 255).astype(np.uint8), Image.Resampling.BICUBIC)
    return _encoded(photo, "JPEG"), _encoded(_enlarged(mask_SS.astype(np.uint8) * 255, Image.Resampling.NEAREST), "PNG")


def _blot(rng: np.random.Generator) -> NDArray[np.bool_]:
    """A closed, wavy outline somewhere near the middle."""
    y, x = np.mgrid[:DRAWN, :DRAWN].astype(np.float32)
    dy, dx = y - DRAWN * rng.uniform(0.4, 0.6), x - DRAWN * rng.uniform(0.4, 0.6)
    angle, distance = np.arctan2(dy, dx), np.hypot(dy, dx)
    radius = DRAWN * rng.uniform(0.18, 0.30)
    for waves in (2, 3, 5):
        radius = radius + DRAWN * 0.03 * rng.normal() * np.cos(waves * angle + rng.uniform(0, 6.3))
    return distance < radius


def _enlarged(pixels: NDArray[np.uint8], how: Image.Resampling) -> Image.Image:
    return Image.fromarray(pixels).resize((SIZE, SIZE), how)


def _encoded(image: Image.Image, kind: str) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **({"quality": 90} if kind == "JPEG" else {"compress_level": 1}))
    return file.getvalue()
