"""Accuracy of two modalities by one-shot U-statistics: any design, gaps included.

Sources: Gallas 2006, Acad Radiol 13:353; Gallas, Pennello & Myers 2007, JOSA A 24:B70; Gallas & Brown 2008, Neural Netw
21:387. Joint moments: each reading weighs the same. Shape letters: J readers, K cases.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from readerstudy.statistics.estimate import CONFIDENCE, ROUNDING, Estimate, quantile
from readerstudy.statistics.mrmc import Comparison, tested

METHOD = "u_statistic_joint_bdg"
TOO_FEW = "fewer than two readers or two cases: no variance can be estimated"
Floats = NDArray[np.float64]
Four = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Moments:
    """Four second moments and their weights: same reader and case; same reader; same case; neither.

    moments: mean product of outcomes over the pairs of readings of that kind; None where there is no such pair.
    coefficients: their weights in the covariance, the last one less 1.
    covariance: None where no two readings differ in both reader and case, as with one reader or one case.
    """

    moments: tuple[float | None, ...]
    coefficients: Four
    covariance: float | None
    reader_share: float  # biased (V) moments less that of all pairs, and the weight of each kind
    case_share: float
    reader_weight: float
    case_weight: float


def moments(first_JK: ArrayLike, second_JK: ArrayLike) -> Moments:
    """Second moments of two modalities' accuracies over the readings (nan: none). Raises ValueError."""
    first, second = np.asarray(first_JK, dtype=float), np.asarray(second_JK, dtype=float)
    if first.shape != second.shape or first.ndim != 2:
        raise ValueError(f"outcomes have shapes {first.shape} and {second.shape}; both need readers x cases.")
    design = _sums((~np.isnan(first)).astype(float), (~np.isnan(second)).astype(float))
    if design[3] == 0:
        raise ValueError("no readings")
    products = _sums(np.nan_to_num(first), np.nan_to_num(second))
    kinds, kind_design = _by_kind(products), _by_kind(design)
    means = tuple(one / many if many else None for one, many in zip(kinds, kind_design, strict=True))
    weights = [many / design[3] for many in kind_design]
    weights[3] -= 1
    spread = sum(weight * (mean or 0.0) for weight, mean in zip(weights, means, strict=True))
    of_all = products[3] / design[3]
    return Moments(
        moments=means,
        coefficients=(weights[0], weights[1], weights[2], weights[3]),
        covariance=spread if means[3] is not None else None,
        reader_share=products[1] / design[1] - of_all if design[1] else 0.0,
        case_share=products[2] / design[2] - of_all if design[2] else 0.0,
        reader_weight=design[1] / design[3],
        case_weight=design[2] / design[3],
    )


def compare_accuracy(first_JK: ArrayLike, second_JK: ArrayLike, *, confidence: float = CONFIDENCE) -> Comparison:
    """First minus second, readers and cases random, degrees of freedom after BDG. A negative variance gives no se."""
    first, second = np.asarray(first_JK, dtype=float), np.asarray(second_JK, dtype=float)
    if np.isnan(first).all() or np.isnan(second).all():
        return Comparison(None, method=METHOD, reason="no readings")
    parts = moments(first, first), moments(second, second), moments(first, second)
    own, other, cross = (part.covariance for part in parts)
    read_JK = ~(np.isnan(first) & np.isnan(second))
    comparison = Comparison(
        float(np.nanmean(first) - np.nanmean(second)),
        method=METHOD,
        readers=int(read_JK.any(axis=1).sum()),
        cases=int(read_JK.any(axis=0).sum()),
    )
    if own is None or other is None or cross is None:
        return replace(comparison, reason=TOO_FEW)
    variance = own + other - 2 * cross
    return tested(replace(comparison, df=_df(variance, parts[:2], parts[2])), variance, confidence)


def accuracy(outcomes_JK: ArrayLike, *, confidence: float = CONFIDENCE) -> Estimate:
    """One modality's accuracy over all its readings, readers and cases random; interval clipped to [0, 1]."""
    outcomes = np.asarray(outcomes_JK, dtype=float)
    if np.isnan(outcomes).all():
        return Estimate(None, method=METHOD, reason="no readings")
    part = moments(outcomes, outcomes)
    value, variance = float(np.nanmean(outcomes)), part.covariance
    if variance is None:
        return Estimate(value, method=METHOD, reason=TOO_FEW)
    if variance <= ROUNDING or value in (0.0, 1.0):
        reason = "no variation" if value in (0.0, 1.0) else "the estimated variance is not above 0"
        return Estimate(value, method=METHOD, reason=reason)
    se, df = math.sqrt(variance), _df(variance, (part,), None)
    spread = quantile(df, confidence) * se
    low, high = max(value - spread, 0.0), min(value + spread, 1.0)
    method = METHOD if (low, high) == (value - spread, value + spread) else f"{METHOD}_clipped"
    return Estimate(value, se, df, low, high, method=method)


def _sums(first_JK: Floats, second_JK: Floats) -> Four:
    """Sums of products over: the same reading, the same reader, the same case, all pairs (each holds the earlier)."""
    return (
        float((first_JK * second_JK).sum()),
        float(first_JK.sum(axis=1) @ second_JK.sum(axis=1)),
        float(first_JK.sum(axis=0) @ second_JK.sum(axis=0)),
        float(first_JK.sum() * second_JK.sum()),
    )


def _by_kind(sums: Four) -> Four:
    """Inclusion and exclusion: only that kind of pair."""
    same, reader, case, every = sums
    return same, reader - same, case - same, every - reader - case + same


def _df(variance: float, own: tuple[Moments, ...], cross: Moments | None) -> float | None:
    """Satterthwaite over readers and cases; at least the smaller of the two. None: infinite."""

    def combined(share: str) -> float:
        total = sum(getattr(part, share) for part in own)
        return total - 2 * getattr(cross, share) if cross else total

    readers = min(round(1 / part.reader_weight - 1) for part in own)
    cases = min(round(1 / part.case_weight - 1) for part in own)
    if min(readers, cases) < 1 or variance <= ROUNDING:
        return None
    spread = combined("reader_share") ** 2 / readers**3 + combined("case_share") ** 2 / cases**3
    return max(variance**2 / spread, float(min(readers, cases))) if spread > 0 else None
