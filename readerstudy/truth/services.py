"""Writes of the reference standard. They come first and may be repeated: an orphan left by a crash is harmless."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from readerstudy.truth.models import ReferenceHistory, ReferenceStandard
from readerstudy.truth.sources import Source, checked

CONTENT = ("diagnosis", "mask_id", "source", "panel_agreed", "panel_of", "certainty", "decided_by")
CHUNK = 500  # SQLite takes a limited number of parameters


class NoReason(ValueError):
    """A change of truth must say why."""


@dataclass(frozen=True, slots=True)
class Reference:
    """The reference standard of one case. A panel says how many of how many agreed."""

    case_id: UUID
    diagnosis: str
    mask_id: UUID | None = None
    source: str = Source.UNKNOWN
    panel_agreed: int | None = None
    panel_of: int | None = None
    certainty: float | None = None
    decided_by: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a case's truth."""

    number: int
    diagnosis: str
    source: str
    panel_agreed: int | None
    panel_of: int | None
    reason: str
    by: str
    at: datetime


def record_references(
    study_id: UUID, references: Iterable[Reference], *, at: datetime, by: str = "", reason: str = ""
) -> int:
    """Record the reference standard of cases; what changed becomes a new version, what did not stays. Returns how many
    were given. Raises BadSource.
    """
    given = list(references)
    for one in given:
        checked(one.source, one.panel_agreed, one.panel_of, one.certainty)
    with transaction.atomic(using="truth"):
        known = _known([one.case_id for one in given])
        changed = [one for one in given if _differs(known.get(one.case_id), one)]
        rows = [
            {
                "case_id": one.case_id,
                "study_id": study_id,
                "version": known[one.case_id].version + 1 if one.case_id in known else 1,
                "recorded_at": at,
                **{name: getattr(one, name) for name in CONTENT},
            }
            for one in changed
        ]
        ReferenceStandard.objects.bulk_create(
            (ReferenceStandard(**row) for row in rows),
            update_conflicts=True,
            unique_fields=["case_id"],
            update_fields=[*CONTENT, "version", "recorded_at"],
        )
        ReferenceHistory.objects.bulk_create(ReferenceHistory(**row, reason=reason, by=by) for row in rows)
    return len(given)


def change_reference(study_id: UUID, reference: Reference, *, reason: str, by: str, at: datetime) -> int:
    """Correct one case's truth. Returns the version that stands now. Raises NoReason, BadSource."""
    if not reason.strip():
        raise NoReason(_("A change of the truth needs a reason. It stays with the version before."))
    record_references(study_id, [reference], at=at, by=by, reason=reason.strip())
    return ReferenceStandard.objects.get(case_id=reference.case_id).version


def reference_of(case_id: UUID) -> Reference | None:
    row = ReferenceStandard.objects.filter(case_id=case_id).first()
    return Reference(case_id, **{name: getattr(row, name) for name in CONTENT}) if row else None


def diagnoses(study_id: UUID) -> Mapping[UUID, str]:
    """The diagnosis of every case of a study, by case id."""
    return dict(ReferenceStandard.objects.filter(study_id=study_id).values_list("case_id", "diagnosis"))


def references(study_id: UUID) -> Mapping[UUID, Reference]:
    """The whole standard of every case of a study, by case id. One query."""
    rows = ReferenceStandard.objects.filter(study_id=study_id)
    return {row.case_id: Reference(row.case_id, **{name: getattr(row, name) for name in CONTENT}) for row in rows}


def versions(study_id: UUID) -> Mapping[UUID, Sequence[Version]]:
    """Every version of every case's truth, the first one first. One query."""
    found: dict[UUID, list[Version]] = {}
    for row in ReferenceHistory.objects.filter(study_id=study_id).order_by("case_id", "version"):
        found.setdefault(row.case_id, []).append(
            Version(
                number=row.version,
                diagnosis=row.diagnosis,
                source=row.source,
                panel_agreed=row.panel_agreed,
                panel_of=row.panel_of,
                reason=row.reason,
                by=row.by,
                at=row.recorded_at,
            )
        )
    return found


def strata_of(study_id: UUID) -> Mapping[UUID, str]:
    """The class of every case, for batches that are stratified by it. Who draws them is told classes, not cases' truth
    in words: pass it on to a service and keep it nowhere.
    """
    return diagnoses(study_id)


def truth_sha256(study_id: UUID) -> str | None:
    """SHA-256 of the study's truth as canonical JSON, for the protocol lock; None where no truth exists."""
    rows = ReferenceStandard.objects.filter(study_id=study_id).order_by("case_id").values("case_id", *CONTENT)
    lines = [{name: str(value) if isinstance(value, UUID) else value for name, value in row.items()} for row in rows]
    if not lines:
        return None
    text = json.dumps(lines, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def recorded_case_ids() -> set[UUID]:
    """Every case whose truth is recorded, of all studies."""
    return set(ReferenceStandard.objects.values_list("case_id", flat=True))


def _known(case_ids: Sequence[UUID]) -> dict[UUID, ReferenceStandard]:
    found: dict[UUID, ReferenceStandard] = {}
    for start in range(0, len(case_ids), CHUNK):
        found |= ReferenceStandard.objects.select_for_update().in_bulk(case_ids[start : start + CHUNK])
    return found


def _differs(row: ReferenceStandard | None, wanted: Reference) -> bool:
    return row is None or any(getattr(row, name) != getattr(wanted, name) for name in CONTENT)
