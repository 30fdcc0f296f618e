"""Intervals for k right of n: for one reader, one case, or the AI alone, whose cases are independent.

Never for readings pooled over readers: those share cases and readers (see mrmc.py).
"""

import math

import numpy as np
import scipy  # scipy.stats loads with its first use: it takes a second, and a web process starts without it
from numpy.typing import ArrayLike

from readerstudy.statistics.estimate import CONFIDENCE, Estimate, quantile

NO_READINGS = "no readings"


def wilson(k: float, n: float, *, confidence: float = CONFIDENCE) -> Estimate:
    """Score interval. Source: Wilson 1927, J Am Stat Assoc 22:209. Raises ValueError unless 0 <= k <= n."""
    _check(k, n)
    if n == 0:
        return Estimate(None, method="wilson", reason=NO_READINGS)
    low, high = _wilson_limits(k / n, n, quantile(None, confidence))
    # exact ends: rounding gives 1e-17 in their place
    return _proportion(k, n, 0.0 if k == 0 else low, 1.0 if k == n else high, "wilson")


def clopper_pearson(k: float, n: float, *, confidence: float = CONFIDENCE) -> Estimate:
    """Exact interval from Beta quantiles. Source: Clopper & Pearson 1934, Biometrika 26:404."""
    _check(k, n)
    if n == 0:
        return Estimate(None, method="clopper_pearson", reason=NO_READINGS)
    tail = (1 - confidence) / 2
    low = 0.0 if k == 0 else float(scipy.stats.beta.ppf(tail, k, n - k + 1))
    high = 1.0 if k == n else float(scipy.stats.beta.isf(tail, k + 1, n - k))
    return _proportion(k, n, low, high, "clopper_pearson")


def jeffreys(k: float, n: float, *, confidence: float = CONFIDENCE) -> Estimate:
    """Beta(k + 1/2, n - k + 1/2) quantiles, ends set at k = 0 and k = n. Source: Brown, Cai & DasGupta 2001."""
    _check(k, n)
    if n == 0:
        return Estimate(None, method="jeffreys", reason=NO_READINGS)
    tail = (1 - confidence) / 2
    posterior = scipy.stats.beta(k + 0.5, n - k + 0.5)
    low = 0.0 if k == 0 else float(posterior.ppf(tail))
    high = 1.0 if k == n else float(posterior.isf(tail))
    return _proportion(k, n, low, high, "jeffreys")


def clustered(k: ArrayLike, n: ArrayLike, *, confidence: float = CONFIDENCE) -> tuple[Estimate, float | None]:
    """Proportion right where readings come in clusters g, k_g of n_g; and the design effect.

    Ratio estimator with factor G/(G-1); the interval is Wilson's with n / design effect and a t quantile
    with G - 1 degrees of freedom. None where fewer than two clusters hold readings.
    """
    k_G, n_G = np.asarray(k, dtype=float), np.asarray(n, dtype=float)
    if k_G.shape != n_G.shape or k_G.ndim != 1:
        raise ValueError(f"k has shape {k_G.shape} and n {n_G.shape}; both need one number a cluster.")
    if ((k_G < 0) | (k_G > n_G)).any():
        raise ValueError("k must lie from 0 to n in every cluster.")
    k_G, n_G = k_G[n_G > 0], n_G[n_G > 0]
    if n_G.size == 0:
        return Estimate(None, method="clustered", reason=NO_READINGS), None
    clusters, total = n_G.size, n_G.sum()
    value = float(k_G.sum() / total)
    if clusters == 1:
        return Estimate(value, method="clustered", reason="one cluster: no variance can be estimated"), None
    se = math.sqrt(clusters / (clusters - 1) * ((k_G - n_G * value) ** 2).sum()) / total
    if value in (0.0, 1.0) or se == 0:
        return Estimate(value, se=se, method="clustered", reason="no variation between clusters"), None
    effect = se**2 / (value * (1 - value) / total)
    low, high = _wilson_limits(value, total / effect, quantile(clusters - 1, confidence))
    return Estimate(value, se=se, df=clusters - 1, ci_low=low, ci_high=high, method="clustered"), effect


def _check(k: float, n: float) -> None:
    if not 0 <= k <= n:
        raise ValueError(f"k = {k} must lie from 0 to n = {n}.")


def _wilson_limits(p: float, n: float, z: float) -> tuple[float, float]:
    centre = p + z**2 / (2 * n)
    spread = z * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return (centre - spread) / (1 + z**2 / n), (centre + spread) / (1 + z**2 / n)


def _proportion(k: float, n: float, low: float, high: float, method: str) -> Estimate:
    p = k / n
    return Estimate(p, se=math.sqrt(p * (1 - p) / n), ci_low=low, ci_high=high, method=method)
