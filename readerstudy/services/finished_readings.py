"""Readings that were not made on this site: a simulated study's, in bulk. A live reading never comes this way."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from readerstudy.models import AidShown, Answer, FrozenAid, Reader, Reading
from readerstudy.protocol.design import HONEST
from readerstudy.protocol.state import State
from readerstudy.services.errors import Refused
from readerstudy.services.study import chain_of, lock_study_row
from webapp.audit.services import record


@dataclass(frozen=True, slots=True)
class FinishedReading:
    """One reading as it ended. The plan must hold it: reader, round and case name a planned reading."""

    reader_id: UUID
    round: int
    case_id: UUID
    diagnosis: str
    confidence: float | None
    rt_ms: int
    shown_at: datetime


@dataclass(frozen=True, slots=True)
class FinishedReader:
    """What a simulated reader would have said of itself."""

    reader_id: UUID
    experience_years: float
    at: datetime


def finish_readings(
    *, study_id: object, readers: Iterable[FinishedReader], readings: Iterable[FinishedReading], at: datetime
) -> int:
    """Write all answers of a simulated study at once. Raises Refused for a study with real readers."""
    with transaction.atomic():
        study = lock_study_row(study_id)
        if not study.simulated:
            raise Refused(_("Only a simulated study takes finished readings."))
        for reader in readers:
            Reader.objects.filter(pk=reader.reader_id, study=study).update(
                consented_at=reader.at, profiled_at=reader.at, practised_at=reader.at,
                experience_years=reader.experience_years,
            )  # fmt: skip
        planned = {
            (row.reader_id, row.round.number, row.case_id): row
            for row in Reading.objects.filter(
                reader__study=study, is_practice=False, state=State.PLANNED
            ).select_related("round")
        }
        aids = dict(FrozenAid.objects.filter(case__study=study, source=HONEST).values_list("case_id", "pk"))
        closed, answers, shown = [], [], []
        for done in readings:
            reading = planned[done.reader_id, done.round, done.case_id]
            answers.append(_close(reading, done))
            closed.append(reading)
            if study.design.modality(reading.modality).aided:
                shown.append(AidShown(reading=reading, aid_id=aids[done.case_id], at=done.shown_at))
        Reading.objects.bulk_update(
            closed, ["state", "issued_at", "started_at", "shown_at", "closed_at"], batch_size=400
        )
        Answer.objects.bulk_create(answers, batch_size=1000)
        AidShown.objects.bulk_create(shown, batch_size=1000)
        record("readings.simulated", chain=chain_of(study), at=at, about=study.id, by="system",
               data={"readings": len(closed)})  # fmt: skip
    return len(closed)


def _close(reading: Reading, done: FinishedReading) -> Answer:
    arrived_at = done.shown_at + timedelta(milliseconds=done.rt_ms)
    reading.state = State.ANSWERED
    reading.issued_at = reading.started_at = reading.shown_at = done.shown_at
    reading.closed_at = arrived_at
    return Answer(
        reading=reading,
        diagnosis=done.diagnosis,
        confidence=done.confidence,
        rt_ms=done.rt_ms,
        arrived_at=arrived_at,
        values={"diagnosis": done.diagnosis, "confidence": done.confidence},
    )
