"""What does not count, and how much of it: by recorded decisions, never by a deleted row."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from readerstudy.models import Exclusion, Study


@dataclass(frozen=True, slots=True)
class Excluded:
    """The ids that results leave out. Readers who withdrew are among the readers."""

    readers: frozenset[UUID]
    cases: frozenset[UUID]
    readings: frozenset[UUID]

    def leaves_out(self, *, reader: UUID, case: UUID, reading: UUID) -> bool:
        return reader in self.readers or case in self.cases or reading in self.readings


@dataclass(frozen=True, slots=True)
class ExclusionLine:
    """One decision as the page lists it."""

    kind: str
    name: str
    decision: str
    reason: str
    by: str
    at: datetime


def excluded(study: Study) -> Excluded:
    """The latest decision on each counts. One query."""
    out: dict[str, set[UUID]] = {"reader": set(), "case": set(), "reading": set()}
    for row in exclusions_in_force(study):
        kind, target = row.target
        out[kind].add(target)
    return Excluded(frozenset(out["reader"]), frozenset(out["case"]), frozenset(out["reading"]))


def exclusion_lines(study: Study) -> list[ExclusionLine]:
    """Every decision, the newest first. One query."""
    rows = Exclusion.objects.filter(study=study).select_related("reader", "reading__reader", "by").order_by("-pk")
    return [
        ExclusionLine(
            kind=row.target[0],
            name=_named(row),
            decision=row.get_decision_display(),
            reason=row.reason,
            by=str(row.by or "system"),
            at=row.at,
        )
        for row in rows
    ]


def exclusion_counts(study: Study) -> Mapping[str, int]:
    """How many readers, cases and readings are excluded now."""
    now = excluded(study)
    return {"reader": len(now.readers), "case": len(now.cases), "reading": len(now.readings)}


def exclusion_reasons(study: Study) -> Mapping[str, int]:
    """How often each reason stands among the decisions in force, the most frequent first."""
    return dict(Counter(row.reason for row in exclusions_in_force(study)).most_common())


def exclusions_in_force(study: Study) -> list[Exclusion]:
    """The latest decision on each target, where it excludes. One query."""
    latest = {row.target: row for row in Exclusion.objects.filter(study=study).order_by("pk")}
    return [row for row in latest.values() if row.decision == Exclusion.Decision.EXCLUDED]


def _named(row: Exclusion) -> str:
    kind, target = row.target
    if kind == "reader":
        return row.reader.pseudonym
    if kind == "reading":
        return f"{row.reading.reader.pseudonym} · {str(target)[:8]}"
    return str(target)[:8]
