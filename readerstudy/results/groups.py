"""Groups of readers by years of experience: half-open, so that nobody counts twice."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

ALL = "all"


@dataclass(frozen=True, slots=True)
class Group:
    """Readers with low <= years < high."""

    low: float
    high: float

    @property
    def name(self) -> str:
        return f"[{self.low:g},{'inf' if math.isinf(self.high) else f'{self.high:g}'})"

    def holds(self, years: float | None) -> bool:
        """A reader whose years are unknown belongs to no group."""
        return years is not None and self.low <= years < self.high


def experience_groups(bounds: Sequence[float]) -> tuple[Group, ...]:
    """From lower bounds, ascending; none from none. Raises ValueError for bounds negative, equal or out of order."""
    if any(not 0 <= bound < math.inf for bound in bounds):
        raise ValueError(f"groups {list(bounds)}: bounds are years, from 0.")
    if list(bounds) != sorted(set(bounds)):
        raise ValueError(f"groups {list(bounds)}: bounds must rise, each once, such as 0,3,5.")
    return tuple(Group(low, high) for low, high in zip(bounds, [*bounds[1:], math.inf], strict=False))
