"""How readers used the AI: before, AI and after, right or wrong, and the rates made from these.

Sources: Schemmer et al. 2023, IUI (relative AI and self reliance; binary tasks there: with more classes "after right"
is what counts). Shape letters: J readers, K cases.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from readerstudy.statistics.resampling import METHOD, Draws, ratio_interval

Flags = NDArray[np.bool_]
CELLS: tuple[str, ...] = tuple("_".join(cell) for cell in product(("right", "wrong"), repeat=3))
FEW_READINGS, FEW_CASES = 200, 10  # below either, a statement on wrong AI answers rests on too little

NO_RIGHT_BEFORE = "the AI is never wrong on a case that the reader had right"
NO_WRONG_BEFORE = "the AI is never right on a case that the reader had wrong"
NO_PAIRS = "no reading in both rounds with an AI answer"


@dataclass(frozen=True, slots=True)
class Rate:
    """count of n; limits None where there is no interval; `reason` says what is missing."""

    value: float | None
    count: int
    n: int
    ci_low: float | None = None
    ci_high: float | None = None
    reason: str | None = None
    method: str | None = None


@dataclass(frozen=True, slots=True)
class Pairs:
    """Readings of the same reader and case before and after, J x K, with what the AI said of the case.

    usable: a reading in both rounds and an AI answer. Codes are answers, -1 where none was given (a time-out is wrong).
    """

    usable: Flags
    before_code: NDArray[np.int64]
    ai_code: NDArray[np.int64]
    after_code: NDArray[np.int64]
    truth_code: NDArray[np.int64]

    @property
    def right(self) -> tuple[Flags, Flags, Flags]:
        """Before, AI, after: which were right."""
        return (
            self.before_code == self.truth_code,
            self.ai_code == self.truth_code,
            self.after_code == self.truth_code,
        )


def table(pairs: Pairs) -> dict[str, int]:
    """The 2 x 2 x 2 table: counts by before, AI, after."""
    return {name: int((cell & pairs.usable).sum()) for name, cell in _cells(pairs).items()}


def rates(pairs: Pairs, draws: Draws | None = None) -> dict[str, Rate]:
    """Every rate with its numerator and denominator; with `draws`, the two-way bootstrap interval of each."""
    cells = _cells(pairs)
    before, ai, after = pairs.right
    answered = (pairs.before_code >= 0) & (pairs.after_code >= 0)
    differed = answered & (pairs.before_code != pairs.ai_code)
    adopted = pairs.after_code == pairs.ai_code
    helped = cells["wrong_right_right"], cells["wrong_right_right"] | cells["wrong_right_wrong"], NO_WRONG_BEFORE
    stood = cells["right_wrong_right"], cells["right_wrong_right"] | cells["right_wrong_wrong"], NO_RIGHT_BEFORE
    every = np.ones_like(pairs.usable)
    fractions: dict[str, tuple[Flags, Flags, str]] = {
        "switch_rate": (differed & adopted, differed, "no reader disagreed with the AI at first"),
        "changed_rate": (answered & (pairs.before_code != pairs.after_code), answered, "no pair of two answers"),
        "followed_wrong_ai": (~ai & adopted, ~ai, "the AI is never wrong"),
        "followed_wrong_ai_right_before": (before & ~ai & adopted, before & ~ai, NO_RIGHT_BEFORE),
        "followed_wrong_ai_wrong_before": (~before & ~ai & adopted, ~before & ~ai, "no such pair"),
        "rescue": (~before & after, every, NO_PAIRS),
        "harm": (before & ~after, every, NO_PAIRS),
        "relative_ai_reliance": helped,
        "relative_self_reliance": stood,
        "over_reliance": (stood[1] & ~stood[0], stood[1], stood[2]),
        "under_reliance": (helped[1] & ~helped[0], helped[1], helped[2]),
    }
    return {
        name: _rate(pairs.usable & part, pairs.usable & whole, why, draws)
        for name, (part, whole, why) in fractions.items()
    }


@dataclass(frozen=True, slots=True)
class Summary:
    """What the 2 x 2 x 2 table alone gives; None where a denominator is empty."""

    pairs: int
    relative_ai_reliance: float | None
    relative_self_reliance: float | None
    over_reliance: float | None
    under_reliance: float | None
    accuracy_before: float | None
    accuracy_after: float | None
    accuracy_ai: float | None
    best_possible_team: float | None
    rescue: int
    harm: int


def summary(counts: Mapping[str, int]) -> Summary:
    """From the counts by before, AI, after. The best possible team is right where the reader or the AI was."""
    if set(counts) != set(CELLS):
        raise ValueError(f"counts needs exactly the cells {', '.join(CELLS)}.")
    pairs = sum(counts.values())

    def total(*patterns: str) -> int:
        return sum(counts[cell] for cell in CELLS if any(_matches(cell, pattern) for pattern in patterns))

    ai_reliance = _share(counts["wrong_right_right"], total("wrong_right_*"))
    self_reliance = _share(counts["right_wrong_right"], total("right_wrong_*"))
    return Summary(
        pairs=pairs,
        relative_ai_reliance=ai_reliance,
        relative_self_reliance=self_reliance,
        over_reliance=None if self_reliance is None else 1 - self_reliance,
        under_reliance=None if ai_reliance is None else 1 - ai_reliance,
        accuracy_before=_share(total("right_*_*"), pairs),
        accuracy_after=_share(total("*_*_right"), pairs),
        accuracy_ai=_share(total("*_right_*"), pairs),
        best_possible_team=_share(total("right_*_*", "*_right_*"), pairs),
        rescue=total("wrong_*_right"),
        harm=total("right_*_wrong"),
    )


def _cells(pairs: Pairs) -> dict[str, Flags]:
    flags = {"right": pairs.right, "wrong": tuple(~one for one in pairs.right)}
    return {
        name: np.logical_and.reduce([flags[word][place] for place, word in enumerate(name.split("_"))])
        for name in CELLS
    }


def _rate(part_JK: Flags, whole_JK: Flags, empty: str, draws: Draws | None) -> Rate:
    count, n = int(part_JK.sum()), int(whole_JK.sum())
    if n == 0:
        return Rate(None, count, n, reason=empty)
    if draws is None:
        return Rate(count / n, count, n, reason="no draws were given for an interval")
    interval = ratio_interval(part_JK.astype(float), whole_JK.astype(float), draws)
    return Rate(count / n, count, n, interval.low, interval.high, interval.reason, METHOD)


def _matches(cell: str, pattern: str) -> bool:
    return all(wanted in ("*", word) for word, wanted in zip(cell.split("_"), pattern.split("_"), strict=True))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
