"""Truth without a case: what an import leaves that was cut off between the two databases."""

from collections.abc import Iterator

from readerstudy.models import Case
from readerstudy.truth.services import recorded_case_ids


def truth_without_case() -> Iterator[str]:
    """For verify_audit. Harmless: nothing joins such a row, and the next import of the same cases uses new ids."""
    if orphans := recorded_case_ids() - set(Case.objects.values_list("pk", flat=True)):
        yield f"{len(orphans)} rows of truth belong to no case: an import was cut off. They are never joined."
