"""The report of a study: one dict from its rows, from which page, JSON, CSV and file are all made."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, get_args

from readerstudy.results.accuracy import accuracy_rows, ai_alone_rows
from readerstudy.results.agreement import agreement_rows
from readerstudy.results.change import change_rows, mrmc_analyses, sensitivity_rows
from readerstudy.results.grid import Grid, Timeouts, grid
from readerstudy.results.groups import ALL, experience_groups
from readerstudy.results.reliance import reliance_section
from readerstudy.results.timing import timing_rows
from readerstudy.statistics.resampling import REPLICATES, two_way_draws
from readerstudy.table.row import Row
from readerstudy.table.status import Status

SCHEMA = "dermino.analysis/1"


def report(
    rows: Sequence[Row], *, groups: Sequence[float] = (0, 3, 5), timeouts: Timeouts = "incorrect", seed: int = 0
) -> dict[str, Any]:
    """Everything that a study's rows say, JSON-able, under the schema's lists.

    groups: lower bounds of the experience groups, in years. timeouts: whether a time-out counts as wrong or is left
    out. seed: of the bootstrap draws. What cannot be computed is None with a reason. Raises ValueError for no rows,
    rows of several studies, or an unknown rule.
    """
    if not rows:
        raise ValueError("There are no readings to report on.")
    if timeouts not in get_args(Timeouts):
        raise ValueError(f'timeouts "{timeouts}" is unknown. Use {" or ".join(get_args(Timeouts))}.')
    every = grid(rows, experience_groups(groups))
    used = every if timeouts == "incorrect" else every.with_rounds(one.without_timeouts() for one in every.rounds)
    draws = two_way_draws(used.group_J, list(used.dataset_K), seed=seed)
    return {
        "schema": SCHEMA,
        "study": _study(every, rows[0].study),
        "settings": {
            "groups": [group.name for group in every.groups],
            "timeouts": timeouts,
            "seed": seed,
            "confidence": 0.95,
            "bootstrap_replicates": REPLICATES,
        },
        "readers": [
            {"reader": reader, "experience_years": years, "group": group}
            for reader, years, group in zip(every.readers, every.years, every.group_J, strict=True)
        ],
        "status_counts": _status_counts(rows),
        "accuracy": accuracy_rows(used),
        "change": change_rows(used),
        "ai_alone": ai_alone_rows(used),
        "mrmc": mrmc_analyses(used, draws),
        "agreement": agreement_rows(used, draws),
        "reliance": reliance_section(used, draws),
        "timing": timing_rows(every),
        "sensitivity": sensitivity_rows(every),
        "notes": _notes(every),
    }


def _study(every: Grid, name: str) -> dict[str, Any]:
    return {
        "study": name,
        "readers": len(every.readers),
        "cases": len(every.cases),
        "rounds": [{"round": one.number, "modalities": list(one.modalities)} for one in every.rounds],
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


def _status_counts(rows: Sequence[Row]) -> list[dict[str, Any]]:
    counts = Counter((row.round, row.status) for row in rows)
    rounds = sorted({number for number, _ in counts})
    return [{"round": number, **{one.value: counts[number, one] for one in Status}} for number in rounds]


def _notes(every: Grid) -> list[dict[str, str]]:
    """What a reader of the report must know, with the section that it concerns."""
    notes = []
    unknown = [reader for reader, years in zip(every.readers, every.years, strict=True) if years is None]
    ungrouped = [reader for reader, group in zip(every.readers, every.group_J, strict=True) if group is None]
    if unknown:
        notes.append(("groups", f"Years of experience are unknown for {', '.join(unknown)}: counted in `all` only."))
    if outside := [reader for reader in ungrouped if reader not in unknown]:
        notes.append(("groups", f"{', '.join(outside)} have fewer years than the lowest group: counted in `all` only."))
    if not (every.ai_JK >= 0).any():
        notes.append(
            ("ai_alone", "No AI answer is known for any case: nothing is said about the AI alone or reliance.")
        )
    elif missing := int((~(every.ai_JK >= 0).any(axis=0)).sum()):
        notes.append(("ai_alone", f"{missing} cases have no AI answer: left out of AI alone and reliance only."))
    if len(every.rounds) == 1:
        notes.append(("change", "Only one round has readings: there is no change to test."))
    for one in every.rounds:
        if len(one.modalities) > 1:
            text = f"Round {one.number} was read in several ways ({', '.join(one.modalities)})"
            notes.append(("change", f"{text}: a change between rounds is not the effect of one of them."))
    if every.repeats:
        text = f"{every.repeats} readings repeat a case that the reader had read in that round: the first one counts."
        notes.append(("accuracy", text))
    if all(name == "unaided" for one in every.rounds for name in one.modalities):
        notes.append(("reliance", "No reading was made with the AI shown."))
    return [{"section": section, "text": text} for section, text in notes]
