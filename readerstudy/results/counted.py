"""Which readings results rest on, and how their stages are called."""

from collections.abc import Iterator

from readerstudy.models import Reader, Reading, Study
from readerstudy.protocol.design import Design
from readerstudy.selectors.exclusion import excluded

CHUNK = 2000


def counted_readings(study: Study, *, occurrence: int | None = 1) -> Iterator[Reading]:
    """The readings that results rest on, in the order of readers, rounds, sessions and positions.

    occurrence: 1 leaves hidden repeats out, None keeps them.
    """
    out = excluded(study)
    readings = (
        Reading.objects.filter(
            reader__study=study, reader__kind=Reader.Kind.READER, is_practice=False, counted=True, case__isnull=False
        )
        .select_related("reader__arm", "round", "case__dataset")
        .prefetch_related("answers", "passed_stages")
        .order_by("reader__number", "round__number", "session", "position")
    )
    if occurrence is not None:
        readings = readings.filter(occurrence=occurrence)
    for reading in readings.iterator(chunk_size=CHUNK):
        if out.leaves_out(reader=reading.reader_id, case=reading.case_id, reading=reading.id):
            continue
        if _withdrawn(study, reading.reader):
            continue
        reading.round_number = reading.round.number
        yield reading


def stage_name(design: Design, number: int, place: int) -> str | None:
    """The stage's name where a reading has several; "stage 2" where the design gives none."""
    stages = design.rounds[number - 1].stages
    return None if len(stages) == 1 else stages[place - 1].name or f"stage {place}"


def _withdrawn(study: Study, reader: Reader) -> bool:
    """Before the lock; a later withdrawal takes the name, not what was signed."""
    at = reader.withdrawn_at
    return at is not None and (study.locked_at is None or at < study.locked_at)
