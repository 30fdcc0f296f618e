"""Which patches the student does not see. Block masks as in BEiT and iBOT (arXiv:2106.08254, 2111.07832), numpy only.

Shapes: C crops (all global crops of a step), N = rows x columns patches, M masked patches of all crops.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEAST_BLOCK = 4  # patches
LONGEST_SIDE_RATIO = 1 / 0.3
TRIES = 10


@dataclass(frozen=True, slots=True, eq=False)
class Masks:
    """masks_CN: hidden patches; index_M: their places in the flattened (C, N); weight_M: 1 / hidden of that crop."""

    masks_CN: NDArray[np.bool_]
    index_M: NDArray[np.int64]
    weight_M: NDArray[np.float32]


def draw_masks(
    rng: np.random.Generator, crops: int, grid: int, *, share: float = 0.5, ratios: tuple[float, float] = (0.1, 0.5)
) -> Masks:
    """Masks for one step: a share of the crops gets one, their ratios spread evenly over the range."""
    masked = int(crops * share)
    edges = np.linspace(*ratios, masked + 1)
    masks = np.zeros((crops, grid, grid), dtype=bool)
    for i in range(masked):
        masks[i] = block_mask(rng, grid, int(grid * grid * rng.uniform(edges[i], edges[i + 1])))
    masks_CN = masks[rng.permutation(crops)].reshape(crops, -1)
    hidden_C = masks_CN.sum(axis=1)
    weight_CN = np.repeat(1 / np.maximum(hidden_C, 1), grid * grid).reshape(masks_CN.shape)
    return Masks(masks_CN, np.flatnonzero(masks_CN), weight_CN[masks_CN].astype(np.float32))


def block_mask(rng: np.random.Generator, grid: int, target: int) -> NDArray[np.bool_]:
    """A (grid, grid) mask of rectangles with `target` patches, or a few less where no further rectangle fits."""
    mask, done = np.zeros((grid, grid), dtype=bool), 0
    while done < target:
        added = _add_block(rng, mask, min(target - done, grid * grid // 2))
        if added == 0:
            break
        done += added
    return mask


def _add_block(rng: np.random.Generator, mask: NDArray[np.bool_], most: int) -> int:
    """Add one rectangle that hides between 1 and `most` new patches; returns how many, 0 when all tries failed."""
    grid, slant = len(mask), math.log(LONGEST_SIDE_RATIO)
    for _ in range(TRIES):
        area, aspect = rng.uniform(*sorted((LEAST_BLOCK, most))), math.exp(rng.uniform(-slant, slant))
        height, width = round(math.sqrt(area * aspect)), round(math.sqrt(area / aspect))
        if height >= grid or width >= grid:
            continue
        top, left = rng.integers(0, grid - height, endpoint=True), rng.integers(0, grid - width, endpoint=True)
        block = mask[top : top + height, left : left + width]
        new = int(block.size - block.sum())
        if 0 < new <= most:
            block[:] = True
            return new
    return 0
