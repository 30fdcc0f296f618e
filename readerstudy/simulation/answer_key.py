"""What a simulated reader is told beforehand: the case behind each of its readings, and what the case truly is."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from readerstudy.models import Reading, Study
from readerstudy.truth.services import diagnoses


@dataclass(frozen=True, slots=True)
class KeyEntry:
    case: str
    round_number: int
    truth: str


def answer_key(study: Study) -> Mapping[str, KeyEntry]:
    """By the reading's id as the API says it. Raises KeyError for a case without truth."""
    truth = diagnoses(study.id)
    rows = Reading.objects.filter(reader__study=study, is_practice=False)
    return {
        str(pk): _entry(case, number, truth) for pk, case, number in rows.values_list("pk", "case", "round__number")
    }


def _entry(case: UUID, number: int, truth: Mapping[UUID, str]) -> KeyEntry:
    return KeyEntry(case=str(case), round_number=number, truth=truth[case])
