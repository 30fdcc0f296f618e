"""A small simulated study in the database that is read to its end and closed."""

from datetime import timedelta

from readerstudy.models import Reading, Study
from readerstudy.services.finished_readings import FinishedReader, FinishedReading, finish_readings
from readerstudy.services.study import close_study
from readerstudy.truth.services import diagnoses
from tests.readerstudy.sample_study import CLASSES, NOON, live_study


def finished_study(*, readers: int = 6, cases: int = 12, **fields: object) -> Study:
    """Readers of 0, 1, ... years; each errs on every third case of round 1 and every sixth of round 2."""
    study, enrolled = live_study(readers=readers, cases=cases, simulated=True, **fields)
    truth = diagnoses(study.id)
    finish_readings(
        study_id=study.id,
        readers=[FinishedReader(one.id, one.experience_years, NOON) for one in enrolled],
        readings=[
            FinishedReading(
                reader_id=reading.reader_id,
                round=reading.round.number,
                case_id=reading.case_id,
                diagnosis=_answer(truth[reading.case_id], at, reading.round.number),
                confidence=0.75,
                rt_ms=4000 + at,
                shown_at=NOON + timedelta(days=20 * reading.round.number, seconds=at),
            )
            for at, reading in enumerate(
                Reading.objects.filter(reader__study=study, is_practice=False)
                .select_related("round", "case__dataset")
                .order_by("reader__number", "round__number", "case_id")
            )
        ],
        at=NOON + timedelta(days=60),
    )
    return close_study(study_id=study.id, by=None, at=NOON + timedelta(days=60))


def _answer(truth: str, at: int, number: int) -> str:
    if at % (3 * number):
        return truth
    classes = next(classes for classes in CLASSES.values() if truth in classes)
    return next(label for label in classes if label != truth)
