"""Parallel arms: accuracy by arm, and what the AI's arm gained beyond the control arm."""

from typing import Any

import numpy as np

from readerstudy.results.change import Floats
from readerstudy.results.grid import Flags, Grid, Round
from readerstudy.results.lines import Measure, replicated_mean
from readerstudy.statistics.resampling import METHOD, Draws, percentile

NO_CONTROL = (
    "there is no control arm: what a second look alone, without AI, would have changed is not known and is part of "
    "every change reported here"
)
NO_AIDED_ARM = "no arm saw the AI: there is nothing to compare with the control arm"
NOT_IN_BOTH = "an arm has no case read in its first and its last round"


def arm_rows(grid: Grid, draws: Draws) -> list[dict[str, Any]]:
    """Accuracy by arm, round, modality and group, with each arm's change from the first round."""
    rows = []
    for arm in grid.arms:
        own = _of_arm(grid, arm)
        rows += Measure(own, draws, {one.number: one.outcome_JK for one in own.rounds}, "share").lines(arm=arm)
    return rows


def difference_rows(grid: Grid, draws: Draws) -> list[dict[str, Any]]:
    """Each aided arm's gain from its first to its last round less the control arm's, all readers and each group.

    Two-way bootstrap: readers drawn within their arm, the same draw of cases for both arms.
    """
    controls = [arm for arm in grid.arms if _seen(grid, arm) <= grid.unaided]
    aided = [arm for arm in grid.arms if arm not in controls]
    if not controls:
        return [_row(None, None, "all", reason=NO_CONTROL)]
    if not aided:
        return [_row(None, controls[0], "all", reason=NO_AIDED_ARM)]
    return [
        _difference(grid, draws, arm, control, group, readers_J)
        for control in controls
        for arm in aided
        for group, readers_J in grid.reader_selections()
    ]


def _difference(
    grid: Grid, draws: Draws, arm: str, control: str, group: str, readers_J: Flags
) -> dict[str, Any]:  # fmt: skip
    gains = [_gain(grid, name, readers_J) for name in (arm, control)]
    sizes = [_sizes(grid, name, gain_JK) for name, gain_JK in zip((arm, control), gains, strict=True)]
    if not all(np.isfinite(gain_JK).any() for gain_JK in gains):
        return _row(arm, control, group, sizes=sizes, reason=NOT_IN_BOTH)
    replicates_B = replicated_mean(gains[0], draws) - replicated_mean(gains[1], draws)
    interval = percentile(replicates_B)
    own, other = (float(np.nanmean(gain_JK)) for gain_JK in gains)
    return {
        **_row(arm, control, group, sizes=sizes, reason=interval.reason),
        "change_arm": own,
        "change_control": other,
        "difference": own - other,
        "se": float(np.nanstd(replicates_B, ddof=1)),
        "ci_low": interval.low,
        "ci_high": interval.high,
        "method": METHOD,
    }


def _row(
    arm: str | None, control: str | None, group: str, *, sizes: list[dict[str, int]] | None = None, reason: str | None
) -> dict[str, Any]:
    nothing = {"readers": 0, "sessions": 0, "cases": 0, "readings": 0}
    own, other = sizes or (nothing, nothing)
    return {
        "arm": arm,
        "control": control,
        "group": group,
        **own,
        **{f"control_{name}": count for name, count in other.items()},
        "change_arm": None,
        "change_control": None,
        "difference": None,
        "se": None,
        "ci_low": None,
        "ci_high": None,
        "method": None,
        "reason": reason,
    }


def _gain(grid: Grid, arm: str, readers_J: Flags) -> Floats:
    """Last less first round of the arm, over the cases that a reader read in both."""
    first, last = _ends(grid, arm)
    kept_J = readers_J & _members(grid, arm)
    return np.where(kept_J[:, None], last.outcome_JK - first.outcome_JK, np.nan)


def _sizes(grid: Grid, arm: str, gain_JK: Floats) -> dict[str, int]:
    return grid.sizes(_ends(grid, arm)[1].row_JK, np.isfinite(gain_JK))


def _ends(grid: Grid, arm: str) -> tuple[Round, Round]:
    """The first and the last round in which the arm has readings."""
    members_J = _members(grid, arm)
    own = [one for one in grid.rounds if (one.modality_JK[members_J] != "").any()]
    return own[0], own[-1]


def _seen(grid: Grid, arm: str) -> set[str]:
    members_J = _members(grid, arm)
    return {name for one in grid.rounds for name in set(one.modality_JK[members_J].ravel()) if name}


def _members(grid: Grid, arm: str) -> Flags:
    return np.array([name == arm for name in grid.arm_J])


def _of_arm(grid: Grid, arm: str) -> Grid:
    """The same grid with the readings of one arm only."""
    members_J = _members(grid, arm)
    kept = [one.where(np.broadcast_to(members_J[:, None], one.outcome_JK.shape)) for one in grid.rounds]
    return grid.with_rounds(kept)
