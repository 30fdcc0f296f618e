"""Practice before the real cases: one pass after another, and the screening that a study may make of it."""

from datetime import datetime
from math import ceil
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from readerstudy.models import Answer, PracticeCase, Reader, Reading, Round
from readerstudy.protocol.eligibility import screening_passed
from readerstudy.protocol.state import CLOSED
from readerstudy.services.errors import Refused
from readerstudy.services.next_step import lock_reader
from readerstudy.services.plan import stage_times
from webapp.audit.services import record


def start_practice(*, slug: str, person_id: UUID, now: datetime) -> None:
    """Lay out one more pass through the practice cases; the passes before are kept."""
    with transaction.atomic():
        reader = lock_reader(slug, person_id)
        open_ones = reader.readings.filter(is_practice=True).exclude(state__in=CLOSED)
        first = reader.study.rounds.order_by("number").first()
        if open_ones.exists() or first is None:
            return
        _lay_out_practice(reader, first)
        reader.practised_at = None
        reader.save(update_fields=["practised_at"])
        record("practice.started", chain=reader.chain, at=now, about=reader.id)


def finish_practice(*, slug: str, person_id: UUID, now: datetime) -> None:
    """Go on to the real cases. Practice that is still open is left where it is.

    Raises Refused where the design screens readers and too few practice cases were right.
    """
    with transaction.atomic():
        reader = lock_reader(slug, person_id)
        if reader.practised_at is None:
            _require_screened(reader)
            reader.practised_at = now
            reader.save(update_fields=["practised_at"])
            record("practice.finished", chain=reader.chain, at=now, about=reader.id)


def _require_screened(reader: Reader) -> None:
    needed = reader.study.design.cases.screening
    if not needed:
        return
    size = PracticeCase.objects.filter(study_id=reader.study_id).count()
    last = reader.readings.filter(is_practice=True, state__in=CLOSED).order_by("-position")[:size]
    answers = Answer.objects.filter(reading__in=[one.pk for one in last]).select_related("reading__practice_case")
    right = sum(answer.diagnosis == answer.reading.practice_case.answer for answer in answers)
    if not screening_passed(right, size, share=needed):
        raise Refused(
            _("%(right)d of %(all)d practice cases were right; the study needs %(needed)d. Read them again.")
            % {"right": right, "all": size, "needed": ceil(needed * size)}
        )


def _lay_out_practice(reader: Reader, first: Round) -> None:
    start = (reader.readings.filter(is_practice=True).aggregate(last=Max("position"))["last"] or 0) + 1
    cases, design = PracticeCase.objects.filter(study=reader.study).order_by("id"), reader.study.design
    Reading.objects.bulk_create(
        Reading(
            reader=reader,
            round=first,
            practice_case=case,
            is_practice=True,
            position=position,
            counted=False,
            grace_ms=design.grace_ms,
            shown_cap_ms=design.shown_cap_ms,
            **stage_times(design, design.rounds[0].stages[0], reader.time_multiplier),
        )
        for position, case in enumerate(cases, start=start)
    )
