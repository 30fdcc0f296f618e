"""Planned power of a difference between two modalities, from variance components that were known beforehand.

Never of an observed effect: "achieved power" only says the p-value again. Source: Hillis, Obuchowski & Berbaum 2011,
Acad Radiol 18:129 (two modalities, Obuchowski-Rockette, Hillis' degrees of freedom).
"""

from collections.abc import Callable
from dataclasses import dataclass

import scipy  # scipy.stats loads with its first use: it takes a second, and a web process starts without it

from readerstudy.statistics.mrmc import Analysis, Components

MOST_READERS, MOST_CASES = 2_000, 1_000_000


@dataclass(frozen=True, slots=True)
class Power:
    """Chance of p < alpha if the difference is as stated. df: of the denominator; None where it is infinite."""

    power: float
    noncentrality: float
    df: float | None


def planned_power(
    *,
    readers: int,
    cases: int,
    difference: float,
    components: Components,
    alpha: float = 0.05,
    pilot_cases: int | None = None,
    analysis: Analysis = "rrrc",
) -> float:
    """The chance to find `difference` (a fraction) in a study of every reader on every case in both modalities.

    components: of a pilot with `pilot_cases` cases (None: as many as planned). Raises ValueError for a study that
    cannot be: under two readers or cases, alpha outside (0, 1), components without a reader part.
    """
    return power_of(
        readers=readers,
        cases=cases,
        difference=difference,
        components=components,
        alpha=alpha,
        pilot_cases=pilot_cases,
        analysis=analysis,
    ).power


def power_of(
    *,
    readers: int,
    cases: int,
    difference: float,
    components: Components,
    alpha: float = 0.05,
    pilot_cases: int | None = None,
    analysis: Analysis = "rrrc",
) -> Power:
    """The same, with noncentrality and degrees of freedom."""
    interaction, between = _checked(readers, cases, alpha, components)
    scale = (pilot_cases or cases) / cases  # error variance falls with the number of cases
    own = scale * (components.error - (components.cov1 or 0.0))
    shared = scale * between
    if analysis == "rrfc":
        spread, df = interaction + own - shared, readers - 1.0
    elif analysis == "frrc":
        spread, df = own + (readers - 1) * shared, None
    else:
        spread = interaction + own + (readers - 1) * shared
        mean_square = interaction + own - shared
        df = spread**2 * (readers - 1) / mean_square**2 if mean_square > 0 else None
    if spread <= 0:
        raise ValueError(f"components {components} leave no variance to plan with. Give components of a real pilot.")
    noncentrality = difference**2 * readers / (2 * spread)
    return Power(_tail(noncentrality, df, alpha), noncentrality, df)


def readers_needed(
    *,
    power: float,
    cases: int,
    difference: float,
    components: Components,
    alpha: float = 0.05,
    pilot_cases: int | None = None,
) -> int | None:
    """The smallest number of readers that reaches `power`; None: no number does, more cases are needed."""

    def enough(readers: int) -> bool:
        found = planned_power(
            readers=readers,
            cases=cases,
            difference=difference,
            components=components,
            alpha=alpha,
            pilot_cases=pilot_cases,
        )
        return found >= power

    return _smallest(enough, MOST_READERS)


def cases_needed(
    *,
    power: float,
    readers: int,
    difference: float,
    components: Components,
    pilot_cases: int,
    alpha: float = 0.05,
    analysis: Analysis = "rrrc",
) -> int | None:
    """The smallest number of cases that reaches `power`; None: no number does, more readers are needed."""

    def enough(cases: int) -> bool:
        found = planned_power(
            readers=readers,
            cases=cases,
            difference=difference,
            components=components,
            alpha=alpha,
            pilot_cases=pilot_cases,
            analysis=analysis,
        )
        return found >= power

    return _smallest(enough, MOST_CASES)


def assumed_components(
    *,
    accuracy: float,
    cases: int,
    reader_sd: float = 0.05,
    treatment_reader_sd: float = 0.03,
    same_reader: float = 0.5,
    other_reader: float = 0.4,
    both_other: float = 0.3,
) -> Components:
    """Components for planning where no pilot exists: the binomial error of `accuracy` and assumed correlations.

    same_reader, other_reader, both_other: of errors on the same cases with another modality, another reader, both
    (the r1, r2, r3 of Obuchowski & Rockette 1995). They are assumptions: say so where the power is printed.
    """
    if not 0 < accuracy < 1:
        raise ValueError(f"accuracy {accuracy} must lie between 0 and 1, such as 0.7.")
    error = accuracy * (1 - accuracy) / cases
    return Components(
        reader=reader_sd**2,
        treatment_reader=treatment_reader_sd**2,
        error=error,
        cov1=same_reader * error,
        cov2=other_reader * error,
        cov3=both_other * error,
    )


def _checked(readers: int, cases: int, alpha: float, components: Components) -> tuple[float, float]:
    """(treatment x reader variance, what other readers' errors add), neither below 0."""
    if readers < 2 or cases < 2:
        raise ValueError(f"{readers} readers and {cases} cases: planned power needs two of each.")
    if not 0 < alpha < 1:
        raise ValueError(f"alpha {alpha} must lie between 0 and 1, such as 0.05.")
    if components.treatment_reader is None or components.cov2 is None or components.cov3 is None:
        raise ValueError("components have no reader part: a pilot of one reader cannot plan a study of several.")
    return max(components.treatment_reader, 0.0), max(components.cov2 - components.cov3, 0.0)


def _tail(noncentrality: float, df: float | None, alpha: float) -> float:
    if df is None:
        return float(scipy.stats.ncx2.sf(scipy.stats.chi2.isf(alpha, 1), 1, noncentrality))
    return float(scipy.stats.ncf.sf(scipy.stats.f.isf(alpha, 1, df), 1, df, noncentrality))


def _smallest(enough: Callable[[int], bool], most: int) -> int | None:
    """The smallest number from 2 that is enough, by bisection: power rises with it."""
    if not enough(most):
        return None
    low, high = 1, most  # low is not enough, high is
    while high - low > 1:
        middle = (low + high) // 2
        if enough(middle):
            high = middle
        else:
            low = middle
    return high
