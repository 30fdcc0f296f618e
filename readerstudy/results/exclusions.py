"""The rules of exclusion: what each took out, and the main estimate under stricter ones."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from readerstudy.results.change import compared, paired
from readerstudy.results.context import Excluded
from readerstudy.results.grid import NO_ANSWER, Flags, Grid, Round
from readerstudy.results.lines import Measure, changed
from readerstudy.statistics.mrmc import Comparison
from readerstudy.statistics.resampling import Draws
from readerstudy.table.status import Status

RECORDED = "a recorded decision: its readings stand in no table"
ONE_ROUND = "one round: there is no change to test"


def exclusion_rows(
    grid: Grid, draws: Draws, exclusions: Sequence[Excluded], valid_shares: Sequence[float]
) -> list[dict[str, Any]]:
    """The recorded exclusions, then the accuracy of the last round and the change under each rule for sessions.

    A session is valid by the share of its readings that were answered; where every reading was, no rule matters and
    none is listed. n: sessions that the rule takes out.
    """
    rows = [
        {"rule": one.rule, "scope": one.scope, "n": one.n, **_nothing(RECORDED)} for one in exclusions
    ]  # fmt: skip
    share_R = _valid_share(grid)
    if not grid.has_truth or (share_R == 1.0).all():
        return rows
    for least in valid_shares:
        rule = {0.0: "sessions_any_valid", 1.0: "sessions_all_valid"}.get(
            least, f"sessions_{100 * least:g}_percent_valid"
        )
        kept_R = share_R > 0 if least == 0 else share_R >= least
        dropped = int(np.unique(grid.session_R[~kept_R]).size)
        rows.append({"rule": rule, "scope": "session", "n": dropped, **_estimate(grid, draws, kept_R)})
    return rows


def _valid_share(grid: Grid) -> np.ndarray:
    """Of each row: the share of its session's readings that were answered."""
    answered_R = np.array([row.status is Status.ANSWERED for row in grid.rows], dtype=float)
    planned, answered = np.bincount(grid.session_R), np.bincount(grid.session_R, weights=answered_R)
    return (answered / np.maximum(planned, 1))[grid.session_R]


def _estimate(grid: Grid, draws: Draws, kept_R: Flags) -> dict[str, Any]:
    rounds = tuple(_kept(one, kept_R) for one in (grid.rounds[0], grid.rounds[-1]))
    measure = Measure(grid, draws, {one.number: one.outcome_JK for one in rounds}, "share")
    comparison = (
        compared(paired(rounds[1].outcome_JK, rounds[0].outcome_JK))
        if len(grid.rounds) > 1
        else Comparison(None, reason=ONE_ROUND)
    )
    return {
        "round": rounds[1].number,
        **measure.line(rounds[1], np.isfinite(rounds[1].outcome_JK)),
        **changed(comparison),
    }


def _kept(one: Round, kept_R: Flags) -> Round:
    return one.where((one.row_JK != NO_ANSWER) & kept_R[one.row_JK])


def _nothing(reason: str) -> dict[str, Any]:
    fields = ("round", "readers", "sessions", "cases", "readings", "value", "ci_low", "ci_high", "ci_method")
    change = ("change", "change_ci_low", "change_ci_high", "change_p_value", "change_method")
    return {**dict.fromkeys(fields), "reason": reason, **dict.fromkeys(change), "change_reason": reason}
