"""How long readers took. Time-outs are censored at the limit, so they are counted, not averaged."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds over the answered readings; None where there are none."""

    readings: int
    timeouts: int
    median_ms: float | None
    q1_ms: float | None
    q3_ms: float | None
    reason: str | None = None


def timing(times_ms: Sequence[float], *, timeouts: int = 0) -> Timing:
    """Median and quartiles (linear interpolation) of the answered readings' times. Raises ValueError below 0."""
    times = np.asarray(times_ms, dtype=float)
    if times.size == 0:
        return Timing(0, timeouts, None, None, None, reason="no answered reading with a time")
    if not (times >= 0).all():
        raise ValueError("times_ms must be 0 or more, without gaps.")
    q1, median, q3 = (float(one) for one in np.quantile(times, (0.25, 0.5, 0.75)))
    return Timing(int(times.size), timeouts, median, q1, q3)
