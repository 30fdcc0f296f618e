"""Single structures of synthetic dermoscopy images, each a map of strengths in [0, 1] with shape (S, S).

S: side of the square image in pixels. Lengths are given for a side of 256 and grow with it (`unit` pixels each).
What a structure means for a diagnosis, and how structures become one picture, is not known here: see looks.py and
synthetic.py.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Map = NDArray[np.float32]
SMOOTH = 2  # strokes are drawn this much larger and then averaged


@dataclass(frozen=True, slots=True)
class Outline:
    """Where the lesion lies. depth: positive inside, 0 at the border, about 1 in the centre (in lesion radii)."""

    depth_SS: Map
    centre: tuple[float, float]  # x, y in pixels
    radius: float

    @property
    def mask_SS(self) -> NDArray[np.bool_]:
        return self.depth_SS > 0

    def cover(self, softness: float) -> Map:
        """How much of the lesion is seen: 1 inside, 0 outside, half at the border; softness in lesion radii."""
        return 1 / (1 + np.exp(-np.clip(self.depth_SS / softness, -30, 30)))


def noise(rng: np.random.Generator, size: int, cells: int) -> Map:
    """Smooth random field of mean 0 and deviation about 0.7, with `cells` bumps along a side."""
    grid = Image.fromarray(rng.standard_normal((cells + 2, cells + 2), dtype=np.float32))
    pitch = size / cells
    if pitch > 12:  # few bumps: the last, linear step is then invisible and half the work
        grid = grid.resize(((cells + 2) * 4,) * 2, Image.Resampling.BICUBIC)
        filtered, border, side = Image.Resampling.BILINEAR, 4, cells * 4 + 4
    else:
        filtered, border, side = Image.Resampling.BICUBIC, 1, cells + 1
    return np.asarray(grid.resize((size, size), filtered, box=(border, border, side, side)))


def smoothstep(values: Map, low: float | Map, high: float | Map) -> Map:
    """0 below `low`, 1 above `high`, an S-curve between."""
    t = np.clip((values - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def outline(rng: np.random.Generator, size: int, *, irregularity: float, radius: float) -> Outline:
    """A closed form around the middle; radius as a share of the side, irregularity from 0 (ellipse) to 1 (jagged)."""
    centre = size * (0.5 + rng.uniform(-0.07, 0.07, 2))
    y_SS, x_SS = _axes(size)
    turn, stretch = rng.uniform(0, math.pi), rng.uniform(1.0, 1.45)
    x_SS, y_SS = x_SS - np.float32(centre[0]), y_SS - np.float32(centre[1])
    along = (x_SS * math.cos(turn) + y_SS * math.sin(turn)) / math.sqrt(stretch)
    across = (y_SS * math.cos(turn) - x_SS * math.sin(turn)) * math.sqrt(stretch)
    angle = np.arctan2(across, along)
    reach = np.ones_like(angle)
    for waves in (2, 3, 5):
        reach += irregularity * rng.uniform(0, 0.32) / math.sqrt(waves) * np.cos(waves * angle + rng.uniform(0, 6.3))
    reach += irregularity * (0.14 * noise(rng, size, 7) + 0.07 * noise(rng, size, 17)) + 0.03 * noise(rng, size, 12)
    depth = reach - np.hypot(along, across) / (radius * size)
    return Outline(depth.astype(np.float32), (float(centre[0]), float(centre[1])), radius * size)


def network(rng: np.random.Generator, size: int, *, atypical: bool) -> Map:
    """Pigment network: a honeycomb of lines; atypical lines vary in width, spacing and strength."""
    unit = size / 256
    spacing, warp = rng.uniform(14, 19) * unit, (6.5 if atypical else 2.6) * unit
    y_SS, x_SS = _axes(size)
    x_SS, y_SS = x_SS + warp * noise(rng, size, 9), y_SS + warp * noise(rng, size, 9)
    waves = np.zeros((size, size), dtype=np.float32)
    start = rng.uniform(0, math.pi)
    for third in range(3):
        angle, pitch = start + third * math.pi * 2 / 3, 2 * math.pi / spacing / 0.866
        waves += np.cos(x_SS * (pitch * math.cos(angle)) + y_SS * (pitch * math.sin(angle)))
    width = 0.55 + (0.5 if atypical else 0.12) * noise(rng, size, 6)
    lines = smoothstep(-waves, 0.75 - width, 1.45 - width)
    patchy = smoothstep(noise(rng, size, 4), -0.5, 0.5) if atypical else 1.0
    return (lines * patchy).astype(np.float32)


def spots(
    rng: np.random.Generator, where_SS: Map, *, count: int, radius: tuple[float, float], blur: float = 0.6
) -> Map:
    """Round spots at places drawn by the weights `where_SS`; radius range and blur at side 256."""

    def stroke(draw: ImageDraw.ImageDraw, unit: float) -> None:
        for x, y in places(rng, where_SS, count):
            r, squeeze = rng.uniform(*radius) * unit, rng.uniform(0.75, 1.3)
            box = (
                x * SMOOTH - r * squeeze,
                y * SMOOTH - r / squeeze,
                x * SMOOTH + r * squeeze,
                y * SMOOTH + r / squeeze,
            )
            draw.ellipse(box, fill=int(rng.uniform(140, 255)))

    return _strokes(len(where_SS), stroke, blur=blur)


def coils(rng: np.random.Generator, where_SS: Map, *, clusters: int, each: int) -> Map:
    """Glomerular vessels: small coiled loops in groups."""

    def stroke(draw: ImageDraw.ImageDraw, unit: float) -> None:
        for cx, cy in places(rng, where_SS, clusters):
            for _ in range(each):
                x, y = (np.array([cx, cy]) + rng.normal(0, 12 * unit / SMOOTH, 2)) * SMOOTH
                turns = np.linspace(0, rng.uniform(8, 12), 16) + rng.uniform(0, 6.3)
                r = np.linspace(0.8, rng.uniform(4.8, 7.0), 16) * unit
                points = np.stack([x + r * np.cos(turns), y + r * np.sin(turns)], axis=1)
                draw.line(points.ravel().tolist(), fill=int(rng.uniform(150, 240)), width=round(1.8 * unit))

    return _strokes(len(where_SS), stroke, blur=0.3)


def hairpins(rng: np.random.Generator, where_SS: Map, *, count: int) -> Map:
    """Hairpin vessels: narrow bent loops, which in a keratinising tumour point outwards from its centre."""

    def stroke(draw: ImageDraw.ImageDraw, unit: float) -> None:
        middle = len(where_SS) / 2
        for x, y in places(rng, where_SS, count):
            angle = math.atan2(y - middle, x - middle) + rng.normal(0, 0.35)
            length, gap = rng.uniform(15, 27) * unit, rng.uniform(3.6, 5.6) * unit
            t = np.linspace(-1, 1, 13)
            along, across = length * (1 - np.abs(t) ** 3) - length / 2, gap * np.sign(t) * np.sqrt(np.abs(t))
            along, across = along + rng.normal(0, 0.5 * unit, 13), across + rng.normal(0, 0.4 * unit, 13)
            px = x * SMOOTH + along * math.cos(angle) - across * math.sin(angle)
            py = y * SMOOTH + along * math.sin(angle) + across * math.cos(angle)
            points = np.stack([px, py], axis=1)
            draw.line(points.ravel().tolist(), fill=int(rng.uniform(190, 255)), width=round(2.8 * unit), joint="curve")

    return _strokes(len(where_SS), stroke, blur=0.4)


def branches(rng: np.random.Generator, where_SS: Map, *, trees: int, width: float, depth: int = 3) -> Map:
    """Arborizing vessels: stems that divide into ever thinner ones; width of a stem at side 256."""

    def grow(draw: ImageDraw.ImageDraw, unit: float, x: float, y: float, angle: float, thick: float, left: int) -> None:
        bend, points = rng.normal(0, 0.12), [(x, y)]
        for _ in range(int(rng.integers(4, 8))):
            bend = 0.6 * bend + rng.normal(0, 0.16)
            angle += bend
            x, y = x + 6.5 * unit * math.cos(angle), y + 6.5 * unit * math.sin(angle)
            points.append((x, y))
        draw.line(points, fill=int(150 + 30 * left), width=max(1, round(thick * unit)), joint="curve")
        if left:
            for side in (-1, 1):
                grow(draw, unit, x, y, angle + side * rng.uniform(0.25, 0.8), thick * 0.68, left - 1)

    def stroke(draw: ImageDraw.ImageDraw, unit: float) -> None:
        middle = len(where_SS) / 2
        for x, y in places(rng, where_SS, trees):
            inwards = math.atan2(middle - y, middle - x) + rng.normal(0, 0.6)
            grow(draw, unit, x * SMOOTH, y * SMOOTH, inwards, width, depth)

    return _strokes(len(where_SS), stroke, blur=0.5)


def streaks(rng: np.random.Generator, form: Outline, *, count: int) -> Map:
    """Streaks and pseudopods: short thick lines that leave the border, grouped on one side."""
    size = len(form.depth_SS)

    def stroke(draw: ImageDraw.ImageDraw, unit: float) -> None:
        first, span = rng.uniform(0, 2 * math.pi), rng.uniform(1.2, 3.2)
        for angle in first + span * np.sort(rng.uniform(0, 1, count)):
            cos, sin = math.cos(angle), math.sin(angle)
            steps = np.arange(2, size)
            x = np.clip(form.centre[0] + steps * cos, 0, size - 1).astype(int)
            y = np.clip(form.centre[1] + steps * sin, 0, size - 1).astype(int)
            edge = float(steps[np.argmax(form.depth_SS[y, x] < 0.06)])
            lean, length = rng.normal(0, 0.2), rng.uniform(9, 19) * unit / SMOOTH
            start = (form.centre[0] + (edge - 6) * cos, form.centre[1] + (edge - 6) * sin)
            end = (start[0] + (length + 6) * math.cos(angle + lean), start[1] + (length + 6) * math.sin(angle + lean))
            flat = [value * SMOOTH for value in (*start, *end)]
            draw.line(flat, fill=230, width=round(rng.uniform(3.6, 5.4) * unit))
            if rng.random() < 0.6:
                bulb = rng.uniform(3.0, 4.4) * unit
                draw.ellipse((flat[2] - bulb, flat[3] - bulb, flat[2] + bulb, flat[3] + bulb), fill=240)

    return _strokes(size, stroke, blur=0.9)


def leaves(rng: np.random.Generator, where_SS: Map, *, count: int) -> Map:
    """Leaf-like areas: bulbs joined at one base, like the fingers of a glove."""

    def stroke(draw: ImageDraw.ImageDraw, unit: float) -> None:
        for x, y in places(rng, where_SS, count):
            heading = rng.uniform(0, 2 * math.pi)
            for finger in np.linspace(-1.0, 1.0, int(rng.integers(3, 6))):
                angle, length = heading + finger, rng.uniform(7, 13) * unit
                tip = (x * SMOOTH + length * math.cos(angle), y * SMOOTH + length * math.sin(angle))
                draw.line([(x * SMOOTH, y * SMOOTH), tip], fill=210, width=round(3.2 * unit))
                bulb = rng.uniform(2.6, 4.2) * unit
                draw.ellipse((tip[0] - bulb, tip[1] - bulb, tip[0] + bulb, tip[1] + bulb), fill=225)

    return _strokes(len(where_SS), stroke, blur=1.2)


def flakes(rng: np.random.Generator, where_SS: Map, *, count: int) -> Map:
    """Scale: angular plates of unequal brightness with finely broken edges."""

    def stroke(draw: ImageDraw.ImageDraw, unit: float) -> None:
        for x, y in places(rng, where_SS, count):
            corners = int(rng.integers(5, 9))
            angles = np.sort(rng.uniform(0, 2 * math.pi, corners))
            reach = rng.uniform(2.0, 8.5) * unit * rng.uniform(0.5, 1.1, corners)
            points = zip(x * SMOOTH + 1.35 * reach * np.cos(angles), y * SMOOTH + reach * np.sin(angles), strict=True)
            draw.polygon(list(points), fill=int(rng.uniform(110, 240)))

    size = len(where_SS)
    broken = smoothstep(noise(rng, size, size // 5), -0.9, 0.5)
    return _strokes(size, stroke, blur=0.7) * (0.45 + 0.55 * broken)


def follicles(rng: np.random.Generator, size: int) -> tuple[Map, Map]:
    """Follicle openings of facial skin on a jittered grid: (plugs, the tissue between them as a net)."""
    unit = size / 256
    spacing = rng.uniform(20, 27) * unit
    y_SS, x_SS = _axes(size)
    x_SS, y_SS = x_SS + 5 * unit * noise(rng, size, 8), y_SS + 5 * unit * noise(rng, size, 8)
    row = np.floor(y_SS / spacing)
    dx = (x_SS / spacing + 0.5 * (row % 2)) % 1 - 0.5
    away = np.hypot(dx, y_SS / spacing - row - 0.5)
    plug = 1 - smoothstep(away, 0.10, 0.24)
    return plug.astype(np.float32), smoothstep(away, 0.2, 0.42)


def hairs(rng: np.random.Generator, size: int, *, count: int, width: tuple[float, float], parallel: float) -> Map:
    """Hairs across the picture; parallel from 0 (any direction) to 1 (combed)."""
    combed = rng.uniform(0, 2 * math.pi)

    def stroke(draw: ImageDraw.ImageDraw, unit: float) -> None:
        for _ in range(count):
            angle = combed + (1 - parallel) * rng.uniform(-math.pi, math.pi) + rng.normal(0, 0.18)
            x, y = rng.uniform(-0.1, 1.1, 2) * size * SMOOTH
            bend, points = rng.normal(0, 0.05), [(x, y)]
            for _ in range(int(rng.integers(6, 16))):
                angle += bend
                x, y = x + 12 * unit * math.cos(angle), y + 12 * unit * math.sin(angle)
                points.append((x, y))
            draw.line(
                points, fill=int(rng.uniform(190, 255)), width=max(1, round(rng.uniform(*width) * unit)), joint="curve"
            )

    return _strokes(size, stroke, blur=0.35)


def ruler(rng: np.random.Generator, size: int) -> Map:
    """A millimetre scale along one side, as the contact plate carries it."""

    def stroke(draw: ImageDraw.ImageDraw, unit: float) -> None:
        edge, gap = rng.uniform(6, 16) * unit, rng.uniform(9, 14) * unit
        for tick in range(int(size * SMOOTH / gap)):
            length = (11 if tick % 5 == 0 else 6) * unit
            draw.line([(tick * gap, edge), (tick * gap, edge + length)], fill=225, width=round(1.2 * unit))

    return np.rot90(_strokes(size, stroke, blur=0.3), int(rng.integers(0, 4)))


def bubbles(rng: np.random.Generator, size: int, *, count: int) -> tuple[Map, Map]:
    """Air bubbles in the immersion fluid: (dark rims, bright crescents)."""
    discs = [(*rng.uniform(0, size, 2), rng.uniform(2.5, 9) * SMOOTH * size / 256) for _ in range(count)]

    def rims(draw: ImageDraw.ImageDraw, unit: float) -> None:
        for x, y, r in discs:
            box = (x * SMOOTH - r, y * SMOOTH - r, x * SMOOTH + r, y * SMOOTH + r)
            draw.ellipse(box, outline=150, width=max(1, round(0.9 * unit)))

    def shine(draw: ImageDraw.ImageDraw, unit: float) -> None:
        for x, y, r in discs:
            box = (x * SMOOTH - 0.75 * r, y * SMOOTH - 0.75 * r, x * SMOOTH + 0.75 * r, y * SMOOTH + 0.75 * r)
            draw.arc(box, 190, 280, fill=235, width=max(1, round(1.3 * unit)))

    return _strokes(size, rims, blur=0.5), _strokes(size, shine, blur=0.5)


def places(rng: np.random.Generator, where_SS: Map, count: int) -> list[tuple[float, float]]:
    """`count` points (x, y) in pixels, drawn with the weights of a map; none where the map is empty."""
    coarse = where_SS[::4, ::4].ravel().astype(np.float64)
    total = coarse.cumsum()
    if total[-1] <= 0 or count == 0:
        return []
    chosen = np.minimum(np.searchsorted(total, rng.uniform(0, total[-1], count)), len(total) - 1)
    side = where_SS[::4, ::4].shape[1]
    jitter = rng.uniform(0, 4, (count, 2))
    return [(float(c % side * 4 + dx), float(c // side * 4 + dy)) for c, (dx, dy) in zip(chosen, jitter, strict=True)]


def _axes(size: int) -> tuple[Map, Map]:
    """Pixel rows (S, 1) and columns (1, S), ready to broadcast."""
    axis = np.arange(size, dtype=np.float32)
    return axis[:, None], axis[None, :]


def _strokes(size: int, stroke: Callable[[ImageDraw.ImageDraw, float], None], *, blur: float) -> Map:
    """Run `stroke(draw, unit)` on an enlarged sheet and average it down; unit is in pixels of that sheet."""
    sheet = Image.new("L", (size * SMOOTH, size * SMOOTH))
    stroke(ImageDraw.Draw(sheet), size * SMOOTH / 256)
    soft = sheet.reduce(SMOOTH).filter(ImageFilter.GaussianBlur(blur * size / 256))
    return np.asarray(soft, dtype=np.float32) / np.float32(255)
