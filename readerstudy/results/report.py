"""The report of a study: one dict from its rows, from which page, JSON, CSV and file are all made."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, get_args

from readerstudy.results.accuracy import accuracy_rows, ai_alone_rows
from readerstudy.results.agreement import agreement_rows
from readerstudy.results.aid import competitor_rows, false_aid_rows
from readerstudy.results.arms import arm_rows, difference_rows
from readerstudy.results.change import change_rows, mrmc_analyses, sensitivity_rows
from readerstudy.results.context import Context
from readerstudy.results.exclusions import exclusion_rows
from readerstudy.results.grid import NO_ANSWER, NO_TRUTH, Grid, Round, Timeouts, grid
from readerstudy.results.groups import ALL, experience_groups
from readerstudy.results.measures import management_rows, score_rows, top_k_rows
from readerstudy.results.modalities import modality_differences, modality_rows
from readerstudy.results.notes import notes
from readerstudy.results.questions import question_rows
from readerstudy.results.reliance import reliance_section
from readerstudy.results.timing import timing_rows
from readerstudy.statistics.resampling import REPLICATES, Draws, two_way_draws
from readerstudy.table.row import Row
from readerstudy.table.status import Status

SCHEMA = "dermino.analysis/1"
BOOTSTRAP_WORK = 20_000_000  # readers x cases x rounds x classes that 2,000 replicates manage in about 20 seconds
FEWEST_REPLICATES = 200


def report(
    rows: Sequence[Row],
    *,
    groups: Sequence[float] = (0, 3, 5),
    timeouts: Timeouts = "incorrect",
    seed: int = 0,
    context: Context | None = None,
) -> dict[str, Any]:
    """Everything that a study's rows say, JSON-able, under the schema's lists.

    groups: lower bounds of the experience groups, in years. timeouts: whether a time-out counts as wrong or is left
    out. seed: of the bootstrap draws. context: what the rows do not say. What cannot be computed is None with a
    reason. Raises ValueError for no rows, rows of several studies, or an unknown rule.
    """
    context = context or Context()
    if not rows:
        raise ValueError("There are no readings to report on.")
    if timeouts not in get_args(Timeouts):
        raise ValueError(f'timeouts "{timeouts}" is unknown. Use {" or ".join(get_args(Timeouts))}.')
    every = grid(rows, experience_groups(groups), context.unaided)
    used = every if timeouts == "incorrect" else every.with_rounds(one.without_timeouts() for one in every.rounds)
    replicates = _replicates(every)
    draws = two_way_draws(used.strata_J, list(used.dataset_K), seed=seed, replicates=replicates)
    return {
        "schema": SCHEMA,
        "study": _study(every, rows[0].study) | {"simulated": context.simulated},
        "protocol": dict(context.protocol),
        "flow": dict(context.flow),
        "settings": {
            "groups": [group.name for group in every.groups],
            "named_groups": list(every.named_groups),
            "timeouts": timeouts,
            "seed": seed,
            "confidence": 0.95,
            "bootstrap_replicates": replicates,
        },
        "readers": [
            {"reader": reader, "experience_years": years, "group": group, "named_group": named, "arm": arm}
            for reader, years, group, named, arm in zip(
                every.readers, every.years, every.group_J, every.named_J, every.arm_J, strict=True
            )
        ],
        "status_counts": _status_counts(rows),
        **(_of_truth if every.has_truth else _without_truth)(every, used, draws),
        "agreement": agreement_rows(used, draws),
        "timing": timing_rows(every),
        **_further(used, draws, context, seed),
        "notes": notes(every, replicates),
    }


def _of_truth(every: Grid, used: Grid, draws: Draws) -> dict[str, Any]:
    return {
        "accuracy": accuracy_rows(used),
        "change": change_rows(used),
        "ai_alone": ai_alone_rows(used),
        "mrmc": mrmc_analyses(used, draws),
        "reliance": reliance_section(used, draws),
        "sensitivity": sensitivity_rows(every),
    }


def _without_truth(every: Grid, used: Grid, draws: Draws) -> dict[str, Any]:
    """The same lists of a study without a reference standard: empty, or nothing with the reason."""
    found = {"mrmc": mrmc_analyses(used, draws), "reliance": reliance_section(used, draws)}
    for part in (*found["mrmc"].values(), *found["reliance"].values(), found["reliance"]):
        for one in part if isinstance(part, list) else [part]:
            if isinstance(one, dict) and one.get("reason"):
                one["reason"] = NO_TRUTH
    return {"accuracy": [], "change": [], "ai_alone": [], "sensitivity": [], **found}


def _further(used: Grid, draws: Draws, context: Context, seed: int) -> dict[str, Any]:
    """The sections that only some designs fill."""
    truth = used.has_truth
    aided = any(name not in used.unaided for one in used.rounds for name in one.modalities)
    differences = difference_rows(used, draws) if truth and len(used.rounds) > 1 and aided else []
    return {
        "arms": arm_rows(used, draws) if truth and len(used.arms) > 1 else [],
        "difference_of_differences": differences,
        "modalities": modality_rows(used, draws) if truth else [],
        "modality_differences": modality_differences(used) if truth else [],
        "top_k": top_k_rows(used, draws),
        "management": management_rows(used, draws, context.rubric, context.ai_scores) if context.rubric else [],
        "score": score_rows(used, draws),
        "questions": question_rows(context.questions, seed=seed, replicates=draws.cases_BK.shape[0]),
        "false_aid": false_aid_rows(used, draws, context.false_aids, context.source_of),
        "competitor": competitor_rows(used) if truth else [],
        "exclusions": exclusion_rows(used, draws, context.exclusions, context.valid_shares),
    }


def _replicates(every: Grid) -> int:
    """Fewer bootstrap replicates where readers x cases x classes is huge, so that a report stays under a minute."""
    classes = max((len(labels) for labels in every.classes.values()), default=1)
    work = len(every.readers) * len(every.cases) * len(every.rounds) * max(classes, 1)
    return REPLICATES if work <= BOOTSTRAP_WORK else max(FEWEST_REPLICATES, REPLICATES * BOOTSTRAP_WORK // work)


def _study(every: Grid, name: str) -> dict[str, Any]:
    return {
        "study": name,
        "readers": len(every.readers),
        "cases": len(every.cases),
        "sessions": len(set(every.session_R.tolist())),
        "has_truth": every.has_truth,
        "rounds": [
            {
                "round": one.number,
                "modalities": list(one.modalities),
                "aided": [name for name in one.modalities if name not in every.unaided],
                "stage": _stage(every, one),
            }
            for one in every.rounds
        ],
        "datasets": [
            {
                "dataset": dataset,
                "cases": int((every.dataset_K == dataset).sum()),
                "classes": list(every.classes[dataset]),
                "chance": every.chance[dataset],
            }
            for dataset in every.datasets
        ],
        "chance": every.chance[ALL],
    }


def _stage(every: Grid, one: Round) -> str | None:
    """The stage that the round's readings name, where they all name the same."""
    names = {every.rows[at].stage for at in one.row_JK[one.row_JK != NO_ANSWER]}
    return names.pop() if len(names) == 1 else None


def _status_counts(rows: Sequence[Row]) -> list[dict[str, Any]]:
    counts = Counter((row.round, row.status) for row in rows)
    rounds = sorted({number for number, _ in counts})
    return [{"round": number, **{one.value: counts[number, one] for one in Status}} for number in rounds]
