"""What is asked beside the first diagnosis: the ranked list, the management, the graded score."""

from collections.abc import Callable
from typing import Any

import numpy as np

from readerstudy.results.change import Floats
from readerstudy.results.context import Rubric
from readerstudy.results.grid import NO_ANSWER, Grid
from readerstudy.results.lines import Measure
from readerstudy.statistics.proportions import wilson
from readerstudy.statistics.resampling import Draws
from readerstudy.table.row import Row
from readerstudy.table.status import Status

RANKS = (1, 2, 3, 4, 5)
GRADES = ("optimal", "appropriate", "inappropriate", "dangerous")


def top_k_rows(grid: Grid, draws: Draws) -> list[dict[str, Any]]:
    """The truth among the first k of the reader's list, the same k in every round; and at equal length of list.

    More entries find more: so the mean length stands beside, and `equal_length` lines cut both lists of a reader and
    case to the shorter one. A time-out counts as an empty list.
    """
    length = _layers(grid, _length)
    longest = int(max((np.nanmax(one, initial=0) for one in length.values()), default=0))
    if longest < 2 or not grid.has_truth:
        return []
    lengths = Measure(grid, draws, length, "mean").lines()
    mean_of = {(row["round"], row["modality"], row["group"]): row["value"] for row in lengths}
    place = _layers(grid, _place)
    rows = [
        row
        for k in RANKS[:longest]
        for row in Measure(grid, draws, _within(place, k), "share").lines(k=k, equal_length=False)
    ]
    if len(grid.rounds) > 1:
        rows += _at_equal_length(grid, draws, place, length)
    return [{**row, "mean_list_length": mean_of[row["round"], row["modality"], row["group"]]} for row in rows]


def _at_equal_length(
    grid: Grid, draws: Draws, place: dict[int, Floats], length: dict[int, Floats]
) -> list[dict[str, Any]]:
    """The last round's lists against the first round's, both as long as the shorter one."""
    ends = grid.rounds[0].number, grid.rounds[-1].number
    shorter_JK = np.fmin(length[ends[0]], length[ends[1]])
    both_JK = np.isfinite(length[ends[0]]) & np.isfinite(length[ends[1]])
    cut = {
        number: np.where(both_JK & np.isfinite(place_JK), place_JK <= shorter_JK, np.nan)
        for number, place_JK in place.items()
    }
    two = grid.with_rounds(one for one in grid.rounds if one.number in ends)
    return Measure(two, draws, cut, "share").lines(k=None, equal_length=True)


def score_rows(grid: Grid, draws: Draws) -> list[dict[str, Any]]:
    """The mean of the column `score` by round, modality and group."""
    score = _layers(grid, lambda row: row.score)
    if not any(np.isfinite(one).any() for one in score.values()):
        return []
    return Measure(grid, draws, score, "mean").lines()


def management_rows(grid: Grid, draws: Draws, rubric: Rubric, ai_scores: dict[str, float]) -> list[dict[str, Any]]:
    """Shares of each grade of the rubric; sensitivity and specificity of active management; the AI at that point."""
    rows: list[dict[str, Any]] = []
    if rubric.grades:
        for grade in GRADES:
            layers = _layers(grid, lambda row, grade=grade: _graded(row, rubric, grade))
            rows += _counted(Measure(grid, draws, layers, "share").lines(measure=grade))
    if rubric.malignant and rubric.active:
        for measure, wanted in (("sensitivity", True), ("specificity", False)):
            layers = _layers(grid, lambda row, wanted=wanted: _acted(row, rubric, malignant=wanted))
            rows += _counted(Measure(grid, draws, layers, "share").lines(measure=measure))
        rows += [
            line
            for row in list(rows)
            if row["measure"] in ("sensitivity", "specificity") and row["value"] is not None
            for line in _ai_at(grid, row, rubric, ai_scores)
        ]
    return rows


def _counted(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "count": None if row["value"] is None else round(row["value"] * row["readings"])} for row in rows]


def _ai_at(
    grid: Grid, row: dict[str, Any], rubric: Rubric, ai_scores: dict[str, float]
) -> list[dict[str, Any]]:  # fmt: skip
    """The AI's specificity at the readers' sensitivity, or the other way round, over the cases with a score."""
    known = [
        (ai_scores[case], grid.labels[truth] in rubric.malignant)
        for case, truth in zip(grid.cases, grid.truth_K, strict=True)
        if case in ai_scores and truth != NO_ANSWER
    ]
    held = row["measure"] == "sensitivity"
    fixed = np.sort([score for score, malignant in known if malignant == held])
    other = np.array([score for score, malignant in known if malignant != held])
    if fixed.size == 0 or other.size == 0:
        return []
    needed = min(int(np.ceil(row["value"] * fixed.size - 1e-9)), fixed.size)
    if held:  # the threshold that still calls as many malignant cases as the readers
        threshold = fixed[fixed.size - needed] if needed else np.inf
        right = int((other < threshold).sum())
    else:  # the smallest threshold that leaves as many benign cases alone
        threshold = np.nextafter(fixed[needed - 1], np.inf) if needed else -np.inf
        right = int((other >= threshold).sum())
    estimate = wilson(right, other.size)
    name = "ai_specificity_at_readers_sensitivity" if held else "ai_sensitivity_at_readers_specificity"
    return [
        {
            **{name: row[name] for name in ("round", "modality", "group")},
            "measure": name,
            "readers": 0,
            "sessions": 0,
            "cases": other.size,
            "readings": other.size,
            "count": right,
            "value": estimate.value,
            "ci_low": estimate.ci_low,
            "ci_high": estimate.ci_high,
            "ci_method": estimate.method,
            "reason": estimate.reason,
        }
    ]


def _layers(grid: Grid, value: Callable[[Row], float | None]) -> dict[int, Floats]:
    return {one.number: grid.layer(one, value) for one in grid.rounds}


def _within(place: dict[int, Floats], k: int) -> dict[int, Floats]:
    return {number: np.where(np.isfinite(one), one <= k, np.nan) for number, one in place.items()}


def _place(row: Row) -> float | None:
    """Where the truth stands in the list, from 1; 9 where it does not."""
    if row.truth is None or not _counts(row):
        return None
    return row.ranked.index(row.truth) + 1.0 if row.truth in row.ranked else 9.0


def _length(row: Row) -> float | None:
    return float(len(row.ranked)) if _counts(row) else None


def _counts(row: Row) -> bool:
    return row.status in (Status.ANSWERED, Status.TIMEOUT)


def _graded(row: Row, rubric: Rubric, grade: str) -> float | None:
    if row.truth is None or row.management is None:
        return None
    found = rubric.grades.get((row.truth, row.management))
    return None if found is None else float(found == grade)


def _acted(row: Row, rubric: Rubric, *, malignant: bool) -> float | None:
    """Right management of a malignant case is an active one, of a benign case any other; a time-out is neither."""
    if row.truth is None or (row.truth in rubric.malignant) != malignant or not _counts(row):
        return None
    if row.management is None:
        return 0.0 if row.status is Status.TIMEOUT else None
    return float((row.management in rubric.active) == malignant)
