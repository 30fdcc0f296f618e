"""Values that change with the step: pure functions of it, so that a resumed run needs no memory of them."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cosine:
    """A linear warm-up, its end included, then a half cosine from `base` to `final`; `final` from `total` on.

    Source: DINOv2's CosineScheduler (arXiv:2304.07193).
    """

    base: float
    final: float
    total: int
    warmup: int = 0
    start: float = 0.0

    def __call__(self, step: int) -> float:
        if step >= self.total:
            return self.final
        if step < self.warmup:
            return self.start + (self.base - self.start) * (step / (self.warmup - 1) if self.warmup > 1 else 0.0)
        turn = math.pi * (step - self.warmup) / (self.total - self.warmup)
        return self.final + 0.5 * (self.base - self.final) * (1 + math.cos(turn))


@dataclass(frozen=True, slots=True)
class Frozen:
    """Another schedule, 0 during the first `steps`."""

    schedule: Cosine
    steps: int

    def __call__(self, step: int) -> float:
        return 0.0 if step < self.steps else self.schedule(step)
