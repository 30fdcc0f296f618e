"""Which frozen AI outputs were altered on purpose: kept beside the truth, told to results only."""

from collections.abc import Collection, Mapping
from uuid import UUID

from django.db import transaction

from readerstudy.truth.models import AlteredAid


def record_altered(study_id: UUID, source: str, case_ids: Collection[UUID], *, kind: str) -> None:
    """Written before the set is frozen, and repeatable: a second set of the same name replaces the first."""
    with transaction.atomic(using="truth"):
        AlteredAid.objects.filter(study_id=study_id, source=source).delete()
        AlteredAid.objects.bulk_create(
            AlteredAid(study_id=study_id, source=source, case_id=case_id, kind=kind) for case_id in sorted(case_ids)
        )


def altered_cases(study_id: UUID) -> Mapping[tuple[str, UUID], str]:
    """By (source, case): "false" or "boosted". One query."""
    rows = AlteredAid.objects.filter(study_id=study_id).values_list("source", "case_id", "kind")
    return {(source, case_id): kind for source, case_id, kind in rows}
