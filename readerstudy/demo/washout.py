"""The demo's time machine: the demo reader's washout, over at once. Only for the demo's own live study."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from readerstudy.demo.people import LIVE_SLUG, PARTS
from readerstudy.models import Reading
from readerstudy.services.next_step import WaitStep, lock_reader, where_is
from webapp.accounts.models import Person
from webapp.audit.services import record


@dataclass(frozen=True, slots=True)
class Skipped:
    """What became of the washout. `moved` is how far the readings were moved back; 0 where there was nothing to do."""

    moved: timedelta
    left_in_round_1: int


def skip_washout(*, now: datetime) -> Skipped:
    """Date the demo reader's readings back by what is left of the washout. Raises NotAReader before `seed_demo`."""
    person = Person.objects.filter(email=PARTS["reader"].email).values_list("pk", flat=True).first()
    with transaction.atomic():
        reader = lock_reader(LIVE_SLUG, person)
        left = reader.readings.filter(is_practice=False, round__number=1, closed_at__isnull=True).count()
        step = where_is(reader, now=now)
        if not isinstance(step, WaitStep):
            return Skipped(timedelta(0), left)
        moved = step.opens_at - now
        Reading.objects.filter(reader=reader, closed_at__isnull=False).update(
            **{name: F(name) - moved for name in ("issued_at", "started_at", "shown_at", "closed_at")}
        )
        record("demo.washout_skipped", chain=reader.chain, at=now, about=reader.id, data={"days": moved.days})
    return Skipped(moved, 0)
