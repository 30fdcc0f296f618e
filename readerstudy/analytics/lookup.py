"""Find rows in a report's lists."""

from collections.abc import Iterable
from typing import Any

Row = dict[str, Any]


def pick(rows: Iterable[Row], **wanted: object) -> list[Row]:
    """The rows that have all wanted values, in their order."""
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())]


def one(rows: Iterable[Row], **wanted: object) -> Row | None:
    """The first such row, or None."""
    return next(iter(pick(rows, **wanted)), None)


def rounds(report: Row) -> tuple[Row, Row | None]:
    """The first round and the last one; None where there is only one."""
    every = report["study"]["rounds"]
    return every[0], every[-1] if len(every) > 1 else None


def conditions(report: Row) -> list[tuple[Row, str]]:
    """The first and the last round, each in every modality that it was read in."""
    return [(one, modality) for one in rounds(report) if one for modality in one["modalities"]]


def pooled(
    report: Row, number: int, *, modality: str | None = None, group: str = "all", dataset: str = "all"
) -> Row | None:
    """Accuracy over all readers of a group in one round and modality (None: the round's first)."""
    found = pick(report["accuracy"], round=number, group=group, dataset=dataset, reader="all")
    return next((row for row in found if modality in (None, row["modality"])), None)


def of_reader(report: Row, number: int, reader: str, *, dataset: str = "all") -> Row | None:
    """One reader's accuracy in a round; over all modalities, without an interval, where the reader met several."""
    found = pick(report["accuracy"], round=number, reader=reader, dataset=dataset)
    read = [row for row in found if row["readings"]]
    if len(read) < 2:
        return next(iter(read or found), None)
    readings, correct = (sum(row[name] for row in read) for name in ("readings", "correct"))
    nothing = {"ci_low": None, "ci_high": None, "ci_method": None, "reason": None}
    return {**read[0], **nothing, "readings": readings, "correct": correct, "accuracy": correct / readings}


def group_names(report: Row) -> list[str]:
    """The groups that have readers: by experience, then those that the study names."""
    present = {reader["group"] for reader in report["readers"]}
    return [*(name for name in report["settings"]["groups"] if name in present), *report["settings"]["named_groups"]]


def group_of(report: Row, reader: Row) -> str | None:
    """The one group that a reader is drawn in: by experience where the study has such groups, else the study's own."""
    return reader["group"] if report["settings"]["groups"] else reader["named_group"]


def dataset_names(report: Row) -> list[str]:
    return [row["dataset"] for row in report["study"]["datasets"]]
