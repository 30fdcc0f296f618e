"""The AI as an adviser that was sometimes made false, and as a competitor that was not shown."""

from collections.abc import Callable
from typing import Any

import numpy as np

from readerstudy.results.accuracy import answers_differ
from readerstudy.results.change import Floats
from readerstudy.results.grid import NO_ANSWER, Flags, Grid, Round
from readerstudy.results.lines import Measure, changed, replicated_mean
from readerstudy.statistics import u_statistic
from readerstudy.statistics.estimate import Estimate
from readerstudy.statistics.mrmc import Comparison
from readerstudy.statistics.resampling import METHOD, Draws, percentile
from readerstudy.table.row import Row

SEVERAL_AIS = "a case has different AI answers in different arms: there is no one AI to compare with"
NO_BOTH = "readings with a false and with an honest aid are needed for a difference"


def false_aid_rows(
    grid: Grid, draws: Draws, false_aids: frozenset[tuple[str, str]], source_of: Callable[[Row], str]
) -> list[dict[str, Any]]:
    """Accuracy and change from the first round where the aid was false, where it was honest, and the difference."""
    if not false_aids:
        return []
    measure = Measure(grid, draws, {one.number: one.outcome_JK for one in grid.rounds}, "share")
    first, rows = grid.rounds[0], []
    for one in grid.rounds[1:]:
        false_JK, honest_JK = _aided(grid, one, false_aids, source_of)
        for group, readers_J in grid.reader_selections():
            where = {"round": one.number, "modality": "all", "group": group}
            parts = {"false": false_JK & readers_J[:, None], "honest": honest_JK & readers_J[:, None]}
            for aid, used_JK in parts.items():
                if np.isfinite(one.outcome_JK[used_JK]).any():
                    rows.append(
                        {**where, "aid": aid} | measure.line(one, used_JK) | measure.change(first, one, used_JK)
                    )
            if any((used_JK & np.isfinite(one.outcome_JK)).any() for used_JK in parts.values()):
                rows.append({**where, "aid": "false_minus_honest"} | _difference(grid, one, parts, draws))
    return rows


def competitor_rows(grid: Grid) -> list[dict[str, Any]]:
    """Readers of the first round less the AI on the very cases that each of them read.

    The AI is scored once a case, never drawn anew; readers and cases are random (U-statistic). A reader without AI
    help is meant: later rounds say nothing about a competitor.
    """
    first = grid.rounds[0]
    known_JK = (grid.ai_JK != NO_ANSWER) & (grid.truth_K != NO_ANSWER) & np.isfinite(first.outcome_JK)
    known_JK &= np.isin(first.modality_JK, list(grid.unaided))
    if not known_JK.any():
        return []
    several = answers_differ(grid, grid.ai_JK != NO_ANSWER)
    ai_JK = (grid.ai_JK == grid.truth_K).astype(float)
    rows = []
    for group, readers_J in grid.reader_selections():
        used_JK = known_JK & readers_J[:, None]
        row = {"round": first.number, "group": group, **grid.sizes(first.row_JK, used_JK)}
        if several:
            return [row | _compared(None, None, SEVERAL_AIS)]
        if used_JK.any():
            own_JK, other_JK = (np.where(used_JK, one, np.nan) for one in (first.outcome_JK, ai_JK))
            rows.append(row | _compared(own_JK, other_JK, None))
    return rows


def _compared(own_JK: Floats | None, ai_JK: Floats | None, reason: str | None) -> dict[str, Any]:
    if own_JK is None or ai_JK is None:
        comparison, means, above = Comparison(None, reason=reason), (None, None), (None, None, None)
    else:
        comparison = u_statistic.compare_accuracy(own_JK, ai_JK)
        means = float(np.nanmean(own_JK)), float(np.nanmean(ai_JK))
        more_J = np.nansum(own_JK - ai_JK, axis=1)[np.isfinite(own_JK).any(axis=1)]
        above = int((more_J > 0).sum()), int((more_J == 0).sum()), int((more_J < 0).sum())
    return {
        "reader_accuracy": means[0],
        "ai_accuracy": means[1],
        "difference": comparison.difference,
        "se": comparison.se,
        "df": comparison.df,
        "ci_low": comparison.ci_low,
        "ci_high": comparison.ci_high,
        "p_value": comparison.p_value,
        "method": comparison.method,
        "readers_above": above[0],
        "readers_tied": above[1],
        "readers_below": above[2],
        "reason": comparison.reason,
    }


def _aided(
    grid: Grid, one: Round, false_aids: frozenset[tuple[str, str]], source_of: Callable[[Row], str]
) -> tuple[Flags, Flags]:
    """Readings of the round with a false aid, and with an honest one."""
    aided_JK = ~np.isin(one.modality_JK, ["", *grid.unaided])
    false_JK = grid.layer(one, lambda row: float((source_of(row), row.case) in false_aids)) == 1
    return aided_JK & false_JK, aided_JK & ~false_JK


def _difference(grid: Grid, one: Round, parts: dict[str, Flags], draws: Draws) -> dict[str, Any]:
    """False less honest: of the accuracy, and of the change from the first round; two-way bootstrap."""
    gain_JK = one.outcome_JK - grid.rounds[0].outcome_JK
    used_JK = (parts["false"] | parts["honest"]) & np.isfinite(one.outcome_JK)
    level, change = (
        _minus(np.where(parts["false"], of_JK, np.nan), np.where(parts["honest"], of_JK, np.nan), draws)
        for of_JK in (one.outcome_JK, gain_JK)
    )
    return {
        **grid.sizes(one.row_JK, used_JK),
        "value": level.value,
        "ci_low": level.ci_low,
        "ci_high": level.ci_high,
        "ci_method": level.method,
        "reason": level.reason,
        **changed(
            Comparison(
                change.value,
                ci_low=change.ci_low,
                ci_high=change.ci_high,
                method=change.method,
                reason=change.reason,
            )
        ),
    }


def _minus(false_JK: Floats, honest_JK: Floats, draws: Draws) -> Estimate:
    if not (np.isfinite(false_JK).any() and np.isfinite(honest_JK).any()):
        return Estimate(None, reason=NO_BOTH)
    interval = percentile(replicated_mean(false_JK, draws) - replicated_mean(honest_JK, draws))
    value = float(np.nanmean(false_JK) - np.nanmean(honest_JK))
    return Estimate(value, ci_low=interval.low, ci_high=interval.high, method=METHOD, reason=interval.reason)
