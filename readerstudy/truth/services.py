"""Writes of the reference standard. They come first and may be repeated: an orphan left by a crash is harmless."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from readerstudy.truth.models import ReferenceStandard


@dataclass(frozen=True, slots=True)
class Reference:
    """The reference standard of one case."""

    case_id: UUID
    diagnosis: str
    mask_id: UUID | None = None


def record_references(study_id: UUID, references: Iterable[Reference], *, at: datetime) -> int:
    """Record the reference standard of cases; a second call with the same cases replaces it. Returns how many."""
    rows = [
        ReferenceStandard(
            case_id=r.case_id, study_id=study_id, diagnosis=r.diagnosis, mask_id=r.mask_id, recorded_at=at
        )
        for r in references
    ]
    with transaction.atomic(using="truth"):
        ReferenceStandard.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["case_id"],
            update_fields=["diagnosis", "mask_id", "recorded_at"],
        )
    return len(rows)


def diagnoses(study_id: UUID) -> Mapping[UUID, str]:
    """The diagnosis of every case of a study, by case id."""
    return dict(ReferenceStandard.objects.filter(study_id=study_id).values_list("case_id", "diagnosis"))


def recorded_case_ids() -> set[UUID]:
    """Every case whose truth is recorded, of all studies."""
    return set(ReferenceStandard.objects.values_list("case_id", flat=True))
