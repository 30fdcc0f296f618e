"""Small sets of images in memory, squashed to one square size. Shapes: N images, S side."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps


def squashed(image: Image.Image, side: int) -> Image.Image:
    """Upright, RGB, on white where it was transparent, and a square of `side` pixels whatever its aspect was."""
    image = ImageOps.exif_transpose(image)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB").resize((side, side), Image.Resampling.BICUBIC, reducing_gap=3.0)


def load_images(paths: Sequence[Path], side: int) -> NDArray[np.uint8]:
    """(N, S, S, 3) in the order of the paths."""

    def load(path: Path) -> NDArray[np.uint8]:
        with Image.open(path) as image:
            image.draft("RGB", (2 * side, 2 * side))  # lets JPEG decode at a fraction of its size
            return np.asarray(squashed(image, side))

    with ThreadPoolExecutor(2) as threads:
        return np.stack(list(threads.map(load, paths)))


def load_masks(paths: Sequence[Path], side: int) -> NDArray[np.float32]:
    """(N, S, S), the share of each cell that the lesion covers."""

    def load(path: Path) -> NDArray[np.float32]:
        with Image.open(path) as mask:
            grey = mask.convert("L").resize((side, side), Image.Resampling.BOX)
        return np.asarray(grey, dtype=np.float32) / np.float32(255)

    with ThreadPoolExecutor(2) as threads:
        return np.stack(list(threads.map(load, paths)))
