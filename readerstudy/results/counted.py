"""Which readings results rest on, and how their stages are called."""

from collections.abc import Iterator
from enum import StrEnum

from readerstudy.models import Reader, Reading, Study
from readerstudy.protocol.design import Design
from readerstudy.selectors.exclusion import excluded
from readerstudy.selectors.rules import ruled_out

CHUNK = 2000


class Apart(StrEnum):
    """Why a reading of a case stands in no table of results."""

    UNCOUNTED = "first case, as practice"
    REPEAT = "hidden repeat"
    EXCLUDED = "excluded"
    RULE = "reader excluded by a rule of the protocol"
    WITHDRAWN = "reader withdrew"


def counted_readings(study: Study, *, repeats: bool = False) -> Iterator[Reading]:
    """The readings that results rest on, in the order of readers, rounds, sessions and positions.

    repeats: with the hidden repeats.
    """
    kept = (None, Apart.REPEAT) if repeats else (None,)
    return (reading for reading, why in every_reading(study) if why in kept)


def every_reading(study: Study) -> Iterator[tuple[Reading, Apart | None]]:
    """Every reading of a case by a reader, and why it does not count; None where it does. A handful of queries."""
    out, by_rule = excluded(study), ruled_out(study)
    readings = (
        Reading.objects.filter(
            reader__study=study, reader__kind=Reader.Kind.READER, is_practice=False, case__isnull=False
        )
        .select_related("reader__arm", "round", "case__dataset")
        .prefetch_related("answers", "passed_stages", "late_answers")
        .order_by("reader__number", "round__number", "session", "position")
    )
    for reading in readings.iterator(chunk_size=CHUNK):
        reading.round_number = reading.round.number
        if out.leaves_out(reader=reading.reader_id, case=reading.case_id, reading=reading.id):
            yield reading, Apart.EXCLUDED
        elif _withdrawn(study, reading.reader):
            yield reading, Apart.WITHDRAWN
        elif reading.reader_id in by_rule:
            yield reading, Apart.RULE
        elif not reading.counted:
            yield reading, Apart.UNCOUNTED
        else:
            yield reading, Apart.REPEAT if reading.occurrence > 1 else None


def stage_name(design: Design, number: int, place: int) -> str | None:
    """The stage's name where a reading has several; "stage 2" where the design gives none."""
    stages = design.rounds[number - 1].stages
    return None if len(stages) == 1 else stages[place - 1].name or f"stage {place}"


def _withdrawn(study: Study, reader: Reader) -> bool:
    """Before the lock; a later withdrawal takes the name, not what was signed."""
    at = reader.withdrawn_at
    return at is not None and (study.locked_at is None or at < study.locked_at)
