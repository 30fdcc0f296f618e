"""How far readers agree, a round at a time: six coefficients, each group, each data set."""

from typing import Any

from readerstudy.results.grid import NO_ANSWER, Grid
from readerstudy.results.groups import ALL
from readerstudy.statistics import agreement
from readerstudy.statistics.agreement import Ratings
from readerstudy.statistics.estimate import Estimate
from readerstudy.statistics.resampling import Draws

COEFFICIENTS = {
    "percent": agreement.percent_agreement,
    "fleiss_kappa": agreement.fleiss_kappa,
    "conger_kappa": agreement.conger_kappa,
    "mean_cohen_kappa": agreement.mean_cohen_kappa,
    "krippendorff_alpha": agreement.krippendorff_alpha,
    "gwet_ac1": agreement.gwet_ac1,
}
NOT_POOLED = "the data sets have different class lists: pooling them inflates kappa, see each data set"
NO_INTERVAL = "no interval is computed for this coefficient"


def agreement_rows(grid: Grid, draws: Draws) -> list[dict[str, Any]]:
    """The contract's agreement[]. A time-out is a missing rating, whatever the rule for accuracy."""
    rows: list[dict[str, Any]] = []
    poolable = len(set(grid.classes.values())) == 1
    for one in grid.rounds:
        for group, readers_J in grid.reader_selections():
            for dataset, cases_K in grid.case_selections():
                readers_J_here = readers_J & (one.answer_JK[:, cases_K] != NO_ANSWER).any(axis=1)
                rated = agreement.ratings(one.answer_JK[readers_J_here][:, cases_K].T)
                estimates = _estimates(rated, draws.of(readers_J_here, cases_K))
                if dataset == ALL and not poolable:
                    pooled = Estimate(None, reason=NOT_POOLED)
                    estimates = {name: pooled if name != "percent" else one for name, one in estimates.items()}
                rows += [_row(one.number, group, dataset, name, rated, found) for name, found in estimates.items()]
    return rows


def _estimates(rated: Ratings, draws: Draws) -> dict[str, Estimate]:
    found = {name: coefficient(rated) for name, coefficient in COEFFICIENTS.items()}
    if found["percent"].value is None:
        return found
    replicates = agreement.bootstrap(rated, draws)
    return {
        name: agreement.with_interval(estimate, replicates[name]) if name in replicates else _without_interval(estimate)
        for name, estimate in found.items()
    }


def _without_interval(estimate: Estimate) -> Estimate:
    return estimate if estimate.value is None else Estimate(estimate.value, reason=estimate.reason or NO_INTERVAL)


def _row(number: int, group: str, dataset: str, statistic: str, rated: Ratings, found: Estimate) -> dict[str, Any]:
    return {
        "round": number,
        "group": group,
        "dataset": dataset,
        "statistic": statistic,
        "value": found.value,
        "se": found.se,
        "ci_low": found.ci_low,
        "ci_high": found.ci_high,
        "ci_method": found.method if found.ci_low is not None else None,
        "raters": rated.raters,
        "subjects": rated.subjects,
        "reason": found.reason,
    }
