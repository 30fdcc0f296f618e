"""What every statistic hands back: a value with its uncertainty, or None with the reason."""

from dataclasses import dataclass

import scipy  # scipy.stats loads with its first use: it takes a second, and a web process starts without it

CONFIDENCE = 0.95
ROUNDING = 1e-18  # a variance below this is floating-point dust of readers or cases that do not vary


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value, its standard error and two-sided interval. What does not exist is None, and `reason` says why.

    df: degrees of freedom of the interval and test; None where they are infinite (normal).
    """

    value: float | None
    se: float | None = None
    df: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    p_value: float | None = None
    method: str | None = None
    reason: str | None = None


def quantile(df: float | None, confidence: float = CONFIDENCE) -> float:
    """The two-sided quantile of t with df (normal where df is None)."""
    level = (1 + confidence) / 2
    return float(scipy.stats.norm.ppf(level) if df is None else scipy.stats.t.ppf(level, df))


def two_sided_p(statistic: float, df: float | None) -> float:
    """From the survival function: 1 - cdf would print 0 below 1e-16."""
    tail = scipy.stats.norm.sf(abs(statistic)) if df is None else scipy.stats.t.sf(abs(statistic), df)
    return float(2 * tail)
