"""A folder of small pictures and its CSV, as somebody might send it."""

from collections.abc import Sequence
from pathlib import Path
from random import Random

from PIL import Image as Picture

HEADER = "image,dataset,diagnosis,mask,age,sex"


def picture(path: Path, seed: int) -> Path:
    """An image that no other seed gives."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = Random(seed)
    small = Picture.frombytes("RGB", (8, 8), bytes(rng.randrange(256) for _ in range(192)))
    small.resize((48, 48), Picture.Resampling.BICUBIC).save(path)
    return path


def mask(path: Path, seed: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    outline = Picture.new("L", (48, 48))
    outline.paste(255, (seed, seed, 40, 40))
    outline.save(path)
    return path


def table(folder: Path, lines: Sequence[str], *, header: str = HEADER, encoding: str = "utf-8") -> Path:
    file = folder / "cases.csv"
    file.write_bytes("\n".join([header, *lines, ""]).encode(encoding))
    return file


def three_cases(folder: Path) -> Path:
    """Three good rows; the second has a mask."""
    for seed, name in enumerate(("a", "b", "c")):
        picture(folder / f"{name}.png", seed)
    mask(folder / "b_mask.png", 8)
    rows = ["a.png,set,melanoma,,61,female", "b.png,set,nevus,b_mask.png,,male", "c.png,set,nevus,,30,"]
    return table(folder, rows)
