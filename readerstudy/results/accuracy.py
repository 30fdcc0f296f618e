"""Accuracy by round, modality, group, data set and reader; and the AI alone."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from readerstudy.results.grid import Flags, Grid, Round
from readerstudy.results.groups import ALL
from readerstudy.statistics import mrmc, u_statistic
from readerstudy.statistics.estimate import Estimate
from readerstudy.statistics.proportions import NO_READINGS, wilson


def accuracy_rows(grid: Grid) -> list[dict[str, Any]]:
    """The contract's accuracy[]: groups x data sets pooled over readers, then each reader x data set."""
    rows = []
    for number, modality, one in _conditions(grid):
        for group, readers_J in grid.reader_selections():
            for dataset, cases_K in grid.case_selections():
                rows.append(_row(grid, number, modality, group, dataset, ALL, one, np.ix_(readers_J, cases_K)))
        for j, reader in enumerate(grid.readers):
            for dataset, cases_K in grid.case_selections():
                rows.append(_row(grid, number, modality, ALL, dataset, reader, one, np.ix_([j], cases_K)))
    return rows


def pooled_accuracy(outcome_JK: NDArray[np.float64]) -> Estimate:
    """Share right with readers and cases random; Wilson for one reader; any design where readings are missing."""
    read_JK = np.isfinite(outcome_JK)
    outcome = outcome_JK[read_JK.any(axis=1)][:, read_JK.any(axis=0)]
    if outcome.size == 0:
        return Estimate(None, reason=NO_READINGS)
    if outcome.shape[0] == 1:
        return wilson(float(np.nansum(outcome)), int(np.isfinite(outcome).sum()))
    if np.isnan(outcome).any() or outcome.shape[1] == 1:
        return u_statistic.accuracy(outcome)
    return mrmc.logit_interval(mrmc.single(mrmc.accuracy_fit(outcome[None]), 0), cases=outcome.shape[1])


def ai_alone_rows(grid: Grid) -> list[dict[str, Any]]:
    """The contract's ai_alone[]: one row for all cases and each data set where the AI's answers are known."""
    rows = []
    for dataset, cases_K in grid.case_selections():
        known_JK = (grid.ai_JK >= 0) & cases_K & (grid.truth_K >= 0)
        if not known_JK.any():
            continue
        if answers_differ(grid, known_JK):
            reason = "a case has different AI answers in different arms: there is no one AI to count"
            rows.append(_ai_row(dataset, int(known_JK.any(axis=0).sum()), None, (None, None, None), reason))
            continue
        known_K = known_JK.any(axis=0)
        right_K = known_K & (grid.ai_JK.max(axis=0) == grid.truth_K)
        rows.append(_ai_row(dataset, int(known_K.sum()), int(right_K.sum()), _readers_beaten(grid, known_K, right_K)))
    return rows


def _conditions(grid: Grid) -> list[tuple[int, str, Round]]:
    return [(one.number, name, one.in_modality(name)) for one in grid.rounds for name in one.modalities]


def _row(
    grid: Grid, number: int, modality: str, group: str, dataset: str, reader: str, one: Round, where: Any
) -> dict[str, Any]:
    outcome_JK = one.outcome_JK[where]
    estimate = pooled_accuracy(outcome_JK)
    return {
        "round": number,
        "modality": modality,
        "group": group,
        "dataset": dataset,
        "reader": reader,
        **grid.sizes(one.row_JK[where], np.isfinite(outcome_JK)),
        "correct": int(np.nansum(outcome_JK)),
        "accuracy": estimate.value,
        "se": estimate.se,
        "df": estimate.df,
        "ci_low": estimate.ci_low,
        "ci_high": estimate.ci_high,
        "ci_method": estimate.method if estimate.ci_low is not None else None,
        "reason": estimate.reason,
    }


def answers_differ(grid: Grid, known_JK: Flags) -> bool:
    highest = np.where(known_JK, grid.ai_JK, -1).max(axis=0)
    return bool((known_JK & (grid.ai_JK != highest)).any())


def _readers_beaten(grid: Grid, known_K: Flags, right_K: Flags) -> tuple[int, int, int]:
    """Readers strictly below the AI, level with it, and compared: each on the cases of round 1 that both answered."""
    first = grid.rounds[0].outcome_JK[:, known_K]
    read_J = np.isfinite(first).any(axis=1)
    ai_J = (np.isfinite(first) & right_K[known_K]).sum(axis=1)[read_J]
    reader_J = np.nansum(first, axis=1)[read_J]
    return int((ai_J > reader_J).sum()), int((ai_J == reader_J).sum()), int(read_J.sum())


def _ai_row(
    dataset: str,
    cases: int,
    correct: int | None,
    beaten: tuple[int | None, int | None, int | None],
    reason: str | None = None,
) -> dict[str, Any]:
    estimate = Estimate(None) if correct is None else wilson(correct, cases)
    return {
        "dataset": dataset,
        "cases": cases,
        "correct": correct,
        "accuracy": estimate.value,
        "ci_low": estimate.ci_low,
        "ci_high": estimate.ci_high,
        "ci_method": estimate.method,
        "readers_beaten": beaten[0],
        "readers_tied": beaten[1],
        "readers": beaten[2],
        "reason": reason,
    }
