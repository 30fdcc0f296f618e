"""The two-way bootstrap: readers and cases drawn independently, the same draw for both modalities.

Source: Owen 2007, Ann Appl Stat 1:386. Conservative for a difference (the residual is counted three times), so it is
the default only for statistics without an analytic interval. Shape letters: B replicates, J readers, K cases.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from readerstudy.statistics.estimate import CONFIDENCE

REPLICATES = 2_000
UNDEFINED_SHARE = 0.05  # more replicates than this without a value: no interval
METHOD = "two_way_bootstrap_percentile"
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Draws:
    """How often each reader and each case was drawn in each replicate."""

    readers_BJ: Floats
    cases_BK: Floats

    def of(self, readers: NDArray[np.bool_], cases: NDArray[np.bool_]) -> "Draws":
        """The draws of some strata: whole groups of readers, whole data sets."""
        return Draws(self.readers_BJ[:, readers], self.cases_BK[:, cases])


@dataclass(frozen=True, slots=True)
class Interval:
    """Percentile limits, or None with the reason. undefined: replicates without a value, left out."""

    low: float | None
    high: float | None
    undefined: int
    reason: str | None = None


def two_way_draws(
    reader_strata: Sequence[Hashable], case_strata: Sequence[Hashable], *, seed: int, replicates: int = REPLICATES
) -> Draws:
    """Draw readers within their strata and cases within theirs; one stratum label each. The seed fixes every byte."""
    rng = np.random.Generator(np.random.PCG64(seed))
    return Draws(_counts(reader_strata, rng, replicates), _counts(case_strata, rng, replicates))


def totals(values_JK: Floats, draws: Draws) -> Floats:
    """w_R' X w_C for every replicate, without gathering an index."""
    return np.einsum("bk,bk->b", draws.readers_BJ @ values_JK, draws.cases_BK)


def ratio_interval(
    numerator_JK: Floats, denominator_JK: Floats, draws: Draws, *, confidence: float = CONFIDENCE
) -> Interval:
    """Interval of sum(numerator) / sum(denominator)."""
    below = totals(denominator_JK, draws)
    with np.errstate(invalid="ignore", divide="ignore"):
        return percentile(totals(numerator_JK, draws) / np.where(below > 0, below, np.nan), confidence=confidence)


def percentile(replicates_B: Floats, *, confidence: float = CONFIDENCE) -> Interval:
    """Percentile limits of the replicates that have a value."""
    defined = replicates_B[np.isfinite(replicates_B)]
    undefined = int(replicates_B.size - defined.size)
    if undefined > UNDEFINED_SHARE * replicates_B.size:
        reason = (
            f"{undefined} of {replicates_B.size} bootstrap replicates have no value: too few readings for an interval"
        )
        return Interval(None, None, undefined, reason)
    low, high = np.quantile(defined, ((1 - confidence) / 2, (1 + confidence) / 2))
    return Interval(float(low), float(high), undefined)


def exact_variance(values_JK: Floats) -> float:
    """What the bootstrap variance of the mean of a complete table converges to."""
    e = values_JK - values_JK.mean()
    readers, cases = e.shape
    by_reader, by_case = (e.mean(axis=1) ** 2).mean(), (e.mean(axis=0) ** 2).mean()
    return float(((e**2).mean() + (cases - 1) * by_reader + (readers - 1) * by_case) / (readers * cases))


def _counts(strata: Sequence[Hashable], rng: np.random.Generator, replicates: int) -> Floats:
    labels = list(dict.fromkeys(strata))
    of_stratum = np.array([labels.index(label) for label in strata])
    counts = np.zeros((replicates, len(strata)))
    for stratum in range(len(labels)):
        members = np.flatnonzero(of_stratum == stratum)
        counts[:, members] = rng.multinomial(members.size, np.full(members.size, 1 / members.size), size=replicates)
    return counts
