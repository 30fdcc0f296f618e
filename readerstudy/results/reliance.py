"""What readers did with the AI: before, AI, after."""

from dataclasses import asdict
from typing import Any

import numpy as np

from readerstudy.results.grid import Grid, Round
from readerstudy.results.groups import ALL
from readerstudy.statistics import reliance
from readerstudy.statistics.reliance import FEW_CASES, FEW_READINGS, Pairs
from readerstudy.statistics.resampling import Draws

NO_AIDED_ROUND = "nobody read a case unaided in one round and aided in a later one"


def reliance_section(grid: Grid, draws: Draws) -> dict[str, Any]:
    """The contract's reliance over all cases, with the same for each data set in `by_dataset`."""
    first, last = grid.rounds[0], grid.rounds[-1]
    by_dataset = {
        name: _section(_pairs(grid, first, last, cases_K), draws)
        for name, cases_K in grid.case_selections()
    }  # fmt: skip
    return {
        "from_round": first.number,
        "to_round": last.number,
        **by_dataset.pop(ALL),
        "by_dataset": by_dataset,
    }


def _pairs(grid: Grid, first: Round, last: Round, cases_K: np.ndarray) -> Pairs:
    """Only readings before without and after with the AI; a control arm's second look has no advice to rely on."""
    unaided = list(grid.unaided)
    advised_JK = np.isin(first.modality_JK, unaided) & ~np.isin(last.modality_JK, ["", *unaided])
    read_JK = np.isfinite(first.outcome_JK) & np.isfinite(last.outcome_JK)
    return Pairs(
        usable=advised_JK & read_JK & (grid.ai_JK >= 0) & (grid.truth_K >= 0) & cases_K,
        before_code=first.answer_JK,
        ai_code=grid.ai_JK,
        after_code=last.answer_JK,
        truth_code=np.broadcast_to(grid.truth_K, grid.ai_JK.shape),
    )


def _section(pairs: Pairs, draws: Draws) -> dict[str, Any]:
    wrong_JK = pairs.usable & (pairs.ai_code != pairs.truth_code)
    readings, cases = int(wrong_JK.sum()), int(wrong_JK.any(axis=0).sum())
    usable = int(pairs.usable.sum())
    rates = {name: asdict(rate) for name, rate in reliance.rates(pairs, draws).items()}
    best = reliance.summary(reliance.table(pairs)).best_possible_team
    return {
        "pairs": usable,
        "ai_wrong_cases": cases,
        "ai_wrong_readings": readings,
        "table": reliance.table(pairs),
        **rates,
        "best_possible_team": best,
        "warning": _warning(readings, cases) if usable else None,
        "reason": None if usable else NO_AIDED_ROUND,
    }


def _warning(readings: int, cases: int) -> str | None:
    """What rests on the AI's errors rests on few of them."""
    if readings >= FEW_READINGS and cases >= FEW_CASES:
        return None
    return (
        f"The AI was wrong on {cases} cases, {readings} readings: "
        "what is said here about following a wrong AI rests on these alone."
    )
