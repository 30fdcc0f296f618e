"""From several truthers' opinions to one reference standard: by k of n, or by a named adjudicator."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from readerstudy.truth.models import Opinion
from readerstudy.truth.services import NoReason, Reference, record_references, references
from readerstudy.truth.sources import Source


@dataclass(frozen=True, slots=True)
class Panel:
    """What the opinions of one case say. `diagnosis` is None where too few agree, or two are equally frequent."""

    diagnosis: str | None
    agreed: int
    of: int


@dataclass(frozen=True, slots=True)
class Adjudicated:
    """What one run of the rule did: cases that are settled, and cases that need an adjudicator."""

    settled: Mapping[UUID, Panel]
    open: Mapping[UUID, Panel]


def k_of_n(opinions: Sequence[str], *, k: int) -> Panel:
    """The diagnosis that at least k of the opinions name, if no other is as frequent. ValueError for k below 1."""
    if k < 1:
        raise ValueError(f"{k} opinions cannot settle a case. Use at least 1.")
    counts = Counter(opinions).most_common()
    first, agreed = counts[0] if counts else ("", 0)
    alone = len(counts) < 2 or counts[1][1] < agreed
    return Panel(first if agreed >= k and alone else None, agreed, len(opinions))


def give_opinion(study_id: UUID, case_id: UUID, *, person: str, diagnosis: str, at: datetime) -> None:
    """Add what one truther holds; a later opinion of the same person replaces it when it is counted."""
    Opinion.objects.create(study_id=study_id, case_id=case_id, person=person, diagnosis=diagnosis, at=at)


def opinions(study_id: UUID) -> Mapping[UUID, Mapping[str, str]]:
    """By case, then by person: the latest opinion. One query."""
    found: dict[UUID, dict[str, str]] = {}
    for row in Opinion.objects.filter(study_id=study_id).order_by("pk"):
        found.setdefault(row.case_id, {})[row.person] = row.diagnosis
    return found


def adjudicate(study_id: UUID, *, k: int, by: str, at: datetime) -> Adjudicated:
    """Settle every case on which at least k truthers agree; the others stay as they are and are named."""
    with transaction.atomic(using="truth"):
        panels = {case: k_of_n(list(held.values()), k=k) for case, held in opinions(study_id).items()}
        settled = {case: panel for case, panel in panels.items() if panel.diagnosis is not None}
        known = references(study_id)
        made = [
            replace(
                known.get(case, Reference(case, "")),
                diagnosis=panel.diagnosis,
                source=Source.PANEL,
                panel_agreed=panel.agreed,
                panel_of=panel.of,
                decided_by="",
            )
            for case, panel in settled.items()
        ]
        record_references(study_id, made, at=at, by=by, reason=_("At least %(k)d truthers agreed.") % {"k": k})
    return Adjudicated(settled, {case: panel for case, panel in panels.items() if case not in settled})


def decide(study_id: UUID, case_id: UUID, *, diagnosis: str, adjudicator: str, reason: str, at: datetime) -> None:
    """A named adjudicator settles a case on which the panel does not agree. Raises NoReason."""
    if not reason.strip():
        raise NoReason(_("An adjudication needs a reason."))
    with transaction.atomic(using="truth"):
        held = list(opinions(study_id).get(case_id, {}).values())
        before = references(study_id).get(case_id, Reference(case_id, ""))
        agreed = held.count(diagnosis)
        made = replace(
            before,
            diagnosis=diagnosis,
            source=Source.PANEL if agreed else Source.EXPERT,
            panel_agreed=agreed or None,
            panel_of=len(held) if agreed else None,
            decided_by=adjudicator,
        )
        record_references(study_id, [made], at=at, by=adjudicator, reason=reason.strip())
