"""Synthetic dermoscopy images: drawn, not photographed, and called synthetic wherever they are shown.

They let a fresh clone run its study and train its model without anybody's pictures. Two data sets with the class lists
of the paper's reader study (5 skin tumours, 2 scalp diseases); see looks.py. Knows numpy and Pillow only.
"""

import csv
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ml.data import dermoscopy as art
from ml.data.looks import DATASETS, LOOKS, Attributes, Structure, caption, sample

__all__ = ["COLUMNS", "DATASETS", "Drawn", "draw", "evenly", "write_folder"]

COLUMNS = ("image", "dataset", "diagnosis", "mask", "caption", "age", "sex", "site")

# Light that pigment and blood take away (red, green, blue), relative to one another: why melanin is brown, blood red.
MELANIN = np.array([0.55, 0.95, 1.30], dtype=np.float32)
BLOOD = np.array([0.16, 0.92, 0.78], dtype=np.float32)
# Skin from light to dark, and how often each is met.
SKIN_TONES = np.array(
    [[236, 200, 180], [228, 184, 160], [214, 166, 138], [190, 138, 108], [152, 104, 78]], dtype=np.float32
)
SKIN_SHARES = (0.3, 0.32, 0.2, 0.12, 0.06)

WHITE = np.array([238, 228, 220], dtype=np.float32)
CHALK = np.array([247, 244, 238], dtype=np.float32)
YELLOW = np.array([232, 205, 140], dtype=np.float32)
STRAW = np.array([226, 196, 140], dtype=np.float32)
VEIL = np.array([126, 125, 137], dtype=np.float32)
SLATE = np.array([88, 88, 100], dtype=np.float32)
CRUST = np.array([112, 38, 26], dtype=np.float32)
HAIR = np.array([38, 28, 24], dtype=np.float32)
INK = np.array([30, 30, 34], dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """One synthetic picture and the truth about it. mask: (S, S) bool, the lesion."""

    image: Image.Image
    mask: NDArray[np.bool_]
    caption: str
    attributes: Attributes


def draw(dataset: str, diagnosis: str, rng: np.random.Generator, size: int = 256) -> Drawn:
    """Draw one square picture of `size` pixels. Raises ValueError for an unknown data set or diagnosis."""
    seen = sample(dataset, diagnosis, rng)
    words = caption(seen, rng)
    form = art.outline(rng, size, irregularity=seen.irregularity, radius=seen.radius)
    lit_SS3, tan_SS, redness_SS = _skin(rng, size)
    melanin_SS, blood_SS = _densities(seen, form, rng)
    plugs_SS, net_SS = art.follicles(rng, size)
    if Structure.STRAWBERRY in seen.structures:
        blood_SS, melanin_SS = blood_SS * (0.55 + 0.75 * net_SS), melanin_SS * (0.6 + 0.5 * net_SS)
    melanin_SS, blood_SS = melanin_SS + tan_SS, blood_SS + redness_SS
    canvas_SS3 = lit_SS3 * np.exp(-melanin_SS[..., None] * MELANIN - blood_SS[..., None] * BLOOD)
    _surface(canvas_SS3, seen, form, plugs_SS, rng)
    _around(canvas_SS3, rng, scalp=LOOKS[dataset][diagnosis].scalp)
    canvas_SS3 += (rng.standard_normal((size, size), dtype=np.float32) * rng.uniform(1.0, 3.0))[..., None]
    image = Image.fromarray(np.clip(canvas_SS3, 0, 255).astype(np.uint8))
    return Drawn(image, form.mask_SS, words, seen)


def evenly(total: int) -> dict[str, dict[str, int]]:
    """Counts for `write_folder` that give every diagnosis of both data sets the same share of `total`."""
    diagnoses = sum(len(labels) for labels in DATASETS.values())
    return {name: {label: total // diagnoses for label in labels} for name, labels in DATASETS.items()}


def write_folder(folder: Path, counts: Mapping[str, Mapping[str, int]], seed: int, size: int = 256) -> Path:
    """Write images/, masks/ and cases.csv with `counts[dataset][diagnosis]` pictures; returns the path of cases.csv.

    Rows and file names are in random order and tell nothing; the same arguments give the same bytes.
    """
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    part, table = folder / "cases.csv.part", folder / "cases.csv"
    with part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(_write_cases(folder, counts, seed, size))
    return part.replace(table)  # a table that can be read is complete


def _write_cases(
    folder: Path, counts: Mapping[str, Mapping[str, int]], seed: int, size: int
) -> Iterator[dict[str, object]]:
    wanted = [(name, label) for name, labels in counts.items() for label, count in labels.items() for _ in range(count)]
    order = np.random.default_rng(seed).permutation(len(wanted))

    def write(position: int) -> dict[str, object]:
        dataset, diagnosis = wanted[order[position]]
        rng = np.random.default_rng([seed, position])
        stem = f"synthetic-{rng.bytes(6).hex()}"
        drawn = draw(dataset, diagnosis, rng, size)
        image, mask = f"images/{stem}.jpg", f"masks/{stem}.png"
        drawn.image.save(folder / image, quality=92)
        Image.fromarray(drawn.mask).save(folder / mask)
        seen = drawn.attributes
        row = (image, dataset, diagnosis, mask, drawn.caption, seen.age, seen.sex, seen.site)
        return dict(zip(COLUMNS, row, strict=True))

    with ThreadPoolExecutor(os.cpu_count()) as threads:  # Pillow and numpy let go of the interpreter lock
        yield from threads.map(write, range(len(wanted)))


def _skin(rng: np.random.Generator, size: int) -> tuple[NDArray[np.float32], art.Map, art.Map]:
    """Skin under uneven light, (S, S, 3) in 0-255, and its own mottled pigment and blood, each (S, S)."""
    tone = SKIN_TONES[rng.choice(len(SKIN_TONES), p=SKIN_SHARES)] + rng.normal(0, 5, 3).astype(np.float32)
    redness = 0.05 * art.noise(rng, size, 5) + 0.035 * art.noise(rng, size, 24) + rng.uniform(0, 0.12)
    tan = 0.03 * art.noise(rng, size, 10) + 0.02 * art.noise(rng, size, 45)
    tan += art.network(rng, size, atypical=True) * rng.uniform(0.01, 0.05)
    light = 1 + 0.05 * art.noise(rng, size, 2) + 0.018 * art.noise(rng, size, size // 3)
    return light[..., None] * tone, tan.astype(np.float32), redness.astype(np.float32)


def _densities(seen: Attributes, form: art.Outline, rng: np.random.Generator) -> tuple[art.Map, art.Map]:
    """How much pigment and blood lies in the tissue, each (S, S)."""
    size, has = len(form.depth_SS), set(seen.structures)
    inside = form.cover(seen.softness)
    uneven = 0.25 + 0.55 * seen.irregularity
    patches = np.clip(1 + uneven * art.noise(rng, size, 4) + 0.25 * art.noise(rng, size, 11), 0.15, 2.2)
    melanin = seen.melanin * inside * patches * (0.65 + 0.5 * np.clip(form.depth_SS, 0, 1))
    flush = np.clip(1 + 0.35 * art.noise(rng, size, 5) + 0.2 * art.noise(rng, size, 22), 0.2, 2)
    blood = seen.blood * inside * flush
    rim = inside * (1.1 - np.clip(form.depth_SS, 0, 1))
    if Structure.REGULAR_NETWORK in has:
        melanin += art.network(rng, size, atypical=False) * rim * rng.uniform(0.4, 0.6)
    if Structure.ATYPICAL_NETWORK in has:
        melanin += art.network(rng, size, atypical=True) * inside * rng.uniform(0.5, 0.85)
    if Structure.GLOBULES in has:
        melanin += art.spots(rng, inside, count=int(rng.integers(18, 50)), radius=(2.4, 5.6)) * rng.uniform(0.6, 1.0)
    if Structure.STREAKS in has:
        melanin += art.streaks(rng, form, count=int(rng.integers(9, 20))) * rng.uniform(0.7, 1.1)
    if Structure.LEAVES in has:
        melanin += art.leaves(rng, rim * (form.depth_SS < 0.5), count=int(rng.integers(2, 5))) * rng.uniform(0.6, 0.9)
    _vessels(blood, has, inside, form, rng)
    return melanin.astype(np.float32), blood.astype(np.float32)


def _vessels(
    blood_SS: art.Map, has: set[Structure], inside: art.Map, form: art.Outline, rng: np.random.Generator
) -> None:
    """Add the vessels that are shown to the blood of the tissue."""
    if Structure.ARBORIZING in has:
        trees = art.branches(
            rng, inside * (form.depth_SS < 0.8), trees=int(rng.integers(3, 7)), width=rng.uniform(3.6, 5.4)
        )
        blood_SS += trees * (0.3 + 0.7 * inside) * rng.uniform(0.7, 1.2)
    if Structure.GLOMERULAR in has:
        clusters = int(rng.integers(5, 12))
        blood_SS += art.coils(rng, inside, clusters=clusters, each=int(rng.integers(4, 9))) * rng.uniform(0.7, 1.1)
    if Structure.DOTTED in has:
        dots = art.spots(rng, inside, count=int(rng.integers(45, 110)), radius=(1.7, 2.9), blur=0.5)
        blood_SS += dots * rng.uniform(0.6, 1.0)
    if Structure.HAIRPIN in has:
        rim = inside * (1.1 - np.clip(form.depth_SS, 0, 1))
        blood_SS += art.hairpins(rng, rim, count=int(rng.integers(10, 24))) * rng.uniform(0.8, 1.2)


def _surface(
    canvas_SS3: NDArray[np.float32], seen: Attributes, form: art.Outline, plugs_SS: art.Map, rng: np.random.Generator
) -> None:
    """Lay what hides the tissue over it: veil, scars, nests, crust, keratin, scale."""
    size, has = len(form.depth_SS), set(seen.structures)
    inside, unit = form.cover(seen.softness), size / 256
    if Structure.NESTS in has:
        nests = art.spots(rng, inside, count=int(rng.integers(3, 9)), radius=(5, 12), blur=1.8)
        _lay(canvas_SS3, SLATE, nests * inside * rng.uniform(0.65, 0.9))
    if Structure.VEIL in has:
        area = art.smoothstep(art.noise(rng, size, 5) + 1.2 * form.depth_SS, 0.2, 1.5) * inside
        _lay(canvas_SS3, VEIL, area * rng.uniform(0.65, 0.9))
    if Structure.REGRESSION in has:
        area = art.smoothstep(art.noise(rng, size, 6), 0.0, 1.1) * inside
        _lay(canvas_SS3, WHITE, area * rng.uniform(0.35, 0.55))
    if Structure.STRAWBERRY in has:
        _lay(canvas_SS3, STRAW, plugs_SS * inside * rng.uniform(0.45, 0.75))
    if Structure.ULCER in has:
        shift = form.depth_SS + 0.3 * art.noise(rng, size, 6) + 0.12 * art.noise(rng, size, 28)
        crust = art.smoothstep(shift, *(np.array([0.5, 0.85]) + rng.uniform(-0.1, 0.12)))
        _lay(canvas_SS3, CRUST + 26 * art.noise(rng, size, 30)[..., None], crust * rng.uniform(0.7, 0.92))
    if Structure.KERATIN in has:
        mass = art.smoothstep(
            form.depth_SS + 0.25 * art.noise(rng, size, 7) + 0.1 * art.noise(rng, size, 30), 0.45, 0.85
        )
        _lay(canvas_SS3, STRAW + 18 * art.noise(rng, size, 26)[..., None], mass * rng.uniform(0.7, 0.95))
    for structure, colour in ((Structure.WHITE_SCALE, CHALK), (Structure.YELLOW_SCALE, YELLOW)):
        if structure in has:
            patchy = inside * art.smoothstep(art.noise(rng, size, 5), -0.3, 0.6)
            count = int(rng.integers(35, 95) * (seen.radius / 0.3) ** 2)
            plates = art.flakes(rng, patchy, count=count)
            glint = 14 * unit * art.noise(rng, size, size // 4)[..., None]
            _lay(canvas_SS3, colour + glint, plates * rng.uniform(0.75, 0.95))


def _around(canvas_SS3: NDArray[np.float32], rng: np.random.Generator, *, scalp: bool) -> None:
    """Add what the instrument and the body put before the lesion: hair, fluid, scale, dark corners."""
    size = len(canvas_SS3)
    shade = HAIR + rng.uniform(-8, 70) * np.array([1.0, 0.72, 0.5], dtype=np.float32)
    if scalp:
        hair = art.hairs(rng, size, count=int(rng.integers(18, 42)), width=(1.6, 3.2), parallel=rng.uniform(0.6, 0.95))
        _lay(canvas_SS3, shade, hair * 0.92)
    elif rng.random() < 0.45:
        hair = art.hairs(rng, size, count=int(rng.integers(2, 14)), width=(0.9, 2.2), parallel=rng.uniform(0.2, 0.9))
        _lay(canvas_SS3, shade, hair * 0.85)
    if rng.random() < 0.25:
        rims, shine = art.bubbles(rng, size, count=int(rng.integers(3, 22)))
        _lay(canvas_SS3, HAIR, rims * 0.35)
        _lay(canvas_SS3, CHALK, shine * 0.75)
    if rng.random() < 0.2:
        _lay(canvas_SS3, INK, art.ruler(rng, size))
    axis_S = (np.arange(size, dtype=np.float32) + 0.5) / size - 0.5
    off_x, off_y = rng.normal(0, 0.02, 2).astype(np.float32)
    away = np.hypot(axis_S + off_x, axis_S[:, None] + off_y)
    canvas_SS3 *= (1 - rng.uniform(0.1, 0.45) * np.clip(away * 1.42, 0, 1) ** 3)[..., None]
    if rng.random() < 0.22:
        edge = rng.uniform(0.5, 0.62)
        canvas_SS3 *= 1 - 0.97 * art.smoothstep(away, edge, edge + 0.03)[..., None]


def _lay(canvas_SS3: NDArray[np.float32], colour: NDArray[np.float32], cover_SS: art.Map) -> None:
    canvas_SS3 += cover_SS[..., None] * (colour - canvas_SS3)
