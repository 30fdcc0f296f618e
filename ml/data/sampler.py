"""Which images a step sees: a pure function of seed and step, so that resuming needs no memory and ranks agree."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray


def step_batch(images: int, batch: int, *, seed: int, step: int, rank: int = 0, ranks: int = 1) -> NDArray[np.int64]:
    """Positions (2, batch) of one rank's images: their index, and the epoch in which each is met.

    batch: images a rank. The batch over all ranks is the same however many ranks share it; epochs follow one another
    without a gap, each with its own order.
    """
    start = step * batch * ranks + rank * batch
    epochs, places = np.divmod(np.arange(start, start + batch), images)
    index = [_order(images, seed, int(epoch))[place] for epoch, place in zip(epochs, places, strict=True)]
    return np.stack([np.array(index, dtype=np.int64), epochs])


def sample_rng(seed: int, epoch: int, index: int) -> np.random.Generator:
    """The generator of one image's augmentation in one epoch, whichever worker or rank draws it."""
    return np.random.Generator(np.random.Philox(key=[(seed << 32) + epoch, index]))


@lru_cache(maxsize=4)
def _order(images: int, seed: int, epoch: int) -> NDArray[np.int64]:
    return np.random.Generator(np.random.Philox(key=[seed, epoch])).permutation(images)
