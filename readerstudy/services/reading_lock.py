"""One reading, locked for its owner: the first statement of everything that happens to a trial."""

import json
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from readerstudy.models import Reading
from readerstudy.models.study import design_of
from readerstudy.services.errors import NotAReader

# Written out: built by the ORM, with its joins, this one statement took 12 of an answer's 20 ms
# (benchmarks/answer_path.py). The reader's row is locked too: it orders that reader's audit chain.
_LOCK = """
SELECT reading.*, study.state AS study_state, study."values" AS design_json, round.number AS round_number,
  reader.kind AS reader_kind, reader.time_multiplier AS time_multiplier, (
    SELECT count(*) FROM readerstudy_reading other
    WHERE other.reader_id = reading.reader_id AND other.round_id = reading.round_id
      AND other.is_practice = reading.is_practice AND other.id <> reading.id
      AND other.state IN ('planned', 'issued', 'running')
) AS others_left, (
    SELECT dataset.classes FROM readerstudy_case
    JOIN readerstudy_dataset dataset ON dataset.id = readerstudy_case.dataset_id
    WHERE readerstudy_case.id = reading.case_id
) AS offered_json
FROM readerstudy_reading reading
JOIN readerstudy_reader reader ON reader.id = reading.reader_id
JOIN readerstudy_study study ON study.id = reader.study_id
JOIN readerstudy_round round ON round.id = reading.round_id
WHERE reading.id = %s AND reader.person_id = %s AND study.slug = %s
"""
_ROWS = {"postgresql": "FOR UPDATE OF reading, reader", "sqlite": ""}  # SQLite: the transaction itself is the lock


def lock_reading(*, slug: str, person_id: UUID, reading_id: UUID) -> Reading:
    """The reading, with its design, `study_state`, `others_left` (open readings of the same round) and what it offers.

    Raises NotAReader where it is not this person's.
    """
    to_db = Reading._meta.pk.get_db_prep_value
    parameters = [to_db(reading_id, connection), to_db(person_id, connection), slug]
    found = list(Reading.objects.raw(_LOCK + _ROWS[connection.vendor], parameters))
    if not found:
        raise NotAReader(_("This reading is not one of yours."))
    reading = found[0]
    reading.design = design_of(reading.design_json)
    return reading


def diagnoses_offered(reading: Reading) -> list[str]:
    """What may be chosen in a reading that `lock_reading` gave."""
    return reading.practice_case.classes if reading.practice_case_id else json.loads(reading.offered_json)
