"""Change between rounds, the two MRMC analyses, and the same under other rules for what is missing."""

from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from readerstudy.results.grid import NO_ANSWER, Grid, Round
from readerstudy.results.groups import ALL
from readerstudy.statistics import mrmc, u_statistic
from readerstudy.statistics.mrmc import Analysis, Comparison
from readerstudy.statistics.multiplicity import holm
from readerstudy.statistics.resampling import METHOD, Draws, ratio_interval

Floats = NDArray[np.float64]
NO_PAIR = "no reader has readings in both rounds"
ONE_ROUND = "one round: there is no change to test"


def change_rows(grid: Grid) -> list[dict[str, Any]]:
    """The contract's change[]: each later round against the first, all and each group and data set."""
    rows: list[dict[str, Any]] = []
    for later in grid.rounds[1:]:
        of_round = [
            {
                "from_round": grid.rounds[0].number,
                "to_round": later.number,
                "group": group,
                "dataset": dataset,
                **_public(compared(pair_of(grid.rounds[0], later, np.ix_(readers_J, cases_K)))),
            }
            for group, readers_J in grid.reader_selections()
            for dataset, cases_K in grid.case_selections()
        ]
        _adjust([row for row in of_round if row["group"] == ALL and row["dataset"] != ALL])
        _adjust([row for row in of_round if row["dataset"] == ALL and row["group"] != ALL])
        rows += of_round
    return rows


def mrmc_analyses(grid: Grid, draws: Draws) -> dict[str, Any]:
    """The contract's mrmc: the last round against the first, readers and cases random; other analyses in `beside`."""
    if len(grid.rounds) < 2:
        nothing = _public(Comparison(None, reason=ONE_ROUND), components=True)
        return {
            "from_round": None,
            "to_round": None,
            "obuchowski_rockette": nothing,
            "u_statistic": nothing,
            "beside": [],
        }
    pair = pair_of(grid.rounds[0], grid.rounds[-1])
    rockette = _public(_rockette(pair), components=True)
    beside = [_public(_rockette(pair, analysis), components=True) for analysis in ("frrc", "rrfc")]
    if rockette["readers"] < 2 or rockette["cases"] < 2:
        beside = []  # one reader or one case: the main analysis has already fixed what it must
    return {
        "from_round": grid.rounds[0].number,
        "to_round": grid.rounds[-1].number,
        "obuchowski_rockette": rockette,
        "u_statistic": _public(u_statistic.compare_accuracy(pair[0], pair[1]), components=True),
        "beside": [*beside, _bootstrapped(grid, draws)],
    }


def sensitivity_rows(grid: Grid) -> list[dict[str, Any]]:
    """The last round against the first under each rule for time-outs and missing readings."""
    if len(grid.rounds) < 2:
        return []
    first, last = grid.rounds[0], grid.rounds[-1]
    worst = [one.gaps_as_wrong(grid.truth_K != NO_ANSWER) for one in (first, last)]
    without = first.without_timeouts(), last.without_timeouts()
    return [
        _sensitivity("timeouts_incorrect", first, last, compared(pair_of(first, last))),
        _sensitivity("timeouts_excluded", *without, compared(pair_of(*without))),
        _sensitivity("complete_cases", first, last, _rockette(pair_of(first, last)), complete=True),
        _sensitivity("timeouts_excluded_complete_cases", *without, _rockette(pair_of(*without)), complete=True),
        _sensitivity("all_missing_incorrect", worst[0], worst[1], compared(pair_of(worst[0], worst[1]))),
    ]


def pair_of(first: Round, later: Round, where: Any = ...) -> Floats:
    """(2, J, K), later first; readers and cases without any reading in one of the two rounds are dropped."""
    return paired(later.outcome_JK[where], first.outcome_JK[where])


def paired(later_JK: Floats, first_JK: Floats) -> Floats:
    """The same of two tables."""
    outcomes = np.stack([later_JK, first_JK])
    readers_J = np.isfinite(outcomes).any(axis=2).all(axis=0)
    outcomes = outcomes[:, readers_J]
    cases_K = np.isfinite(outcomes).any(axis=1).all(axis=0)
    return outcomes[:, :, cases_K]


def compared(pair_2JK: Floats) -> Comparison:
    """Obuchowski-Rockette where every reader read every case, else the U-statistic, which takes any design."""
    if pair_2JK.size == 0:
        return Comparison(None, reason=NO_PAIR)
    if pair_2JK.shape[1] > 1 and np.isnan(pair_2JK).any():
        result = u_statistic.compare_accuracy(pair_2JK[0], pair_2JK[1])
        if result.se is not None:
            return result
    return _rockette(pair_2JK)


def _rockette(pair_2JK: Floats, analysis: Analysis = "rrrc") -> Comparison:
    if pair_2JK.size == 0:
        return Comparison(None, reason=NO_PAIR, analysis=analysis)
    return mrmc.obuchowski_rockette(pair_2JK, complete="cases", analysis=analysis)


def _bootstrapped(grid: Grid, draws: Draws) -> dict[str, Any]:
    """The two-way bootstrap of the difference; conservative, so it stands beside."""
    first, last = grid.rounds[0], grid.rounds[-1]
    both_JK = np.isfinite(first.outcome_JK) & np.isfinite(last.outcome_JK)
    if not both_JK.any():
        return _public(Comparison(None, method=METHOD, reason="no reading in both rounds"), components=True)
    gain_JK = np.where(both_JK, last.outcome_JK - first.outcome_JK, 0.0)
    interval = ratio_interval(gain_JK, both_JK.astype(float), draws)
    comparison = Comparison(
        float(gain_JK.sum() / both_JK.sum()),
        ci_low=interval.low,
        ci_high=interval.high,
        method=METHOD,
        readers=int(both_JK.any(axis=1).sum()),
        cases=int(both_JK.any(axis=0).sum()),
        reason=interval.reason,
    )
    return _public(comparison, components=True)


def _sensitivity(
    rule: str, first: Round, last: Round, compared: Comparison, *, complete: bool = False
) -> dict[str, Any]:
    outcomes = np.stack([first.outcome_JK, last.outcome_JK])
    if complete:
        pair = pair_of(first, last)
        outcomes = pair[::-1, :, ~np.isnan(pair).any(axis=(0, 1))]
    readings = [int(np.isfinite(one).sum()) for one in outcomes]
    correct = [int(np.nansum(one)) for one in outcomes]
    return {
        "rule": rule,
        "rounds": [
            {"round": number, "readings": n, "correct": k, "accuracy": k / n if n else None}
            for number, n, k in zip((first.number, last.number), readings, correct, strict=True)
        ],
        **_public(compared),
    }


def _adjust(rows: list[dict[str, Any]]) -> None:
    for row, adjusted in zip(rows, holm([row["p_value"] for row in rows]), strict=True):
        row["p_value_holm"] = adjusted


def _public(comparison: Comparison, *, components: bool = False) -> dict[str, Any]:
    """The comparison as the contract writes it."""
    fields = asdict(comparison)
    parts = fields.pop("components")
    if components:
        negative = list(comparison.components.negative) if comparison.components else []
        return {**fields, "components": {**parts, "negative": negative} if parts else None}
    return {**fields, "p_value_holm": None}
