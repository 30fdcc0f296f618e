"""What administrators may know of truth before the end: how often each diagnosis stands, never for which case."""

from collections import Counter
from collections.abc import Mapping

from readerstudy.models import Study
from readerstudy.truth.services import diagnoses


def diagnosis_counts(study: Study) -> Mapping[str, int]:
    """Cases by diagnosis over all data sets, the most frequent first. Cases without truth are not in it."""
    return dict(Counter(diagnoses(study.id).values()).most_common())
