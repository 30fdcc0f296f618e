"""That somebody saw or changed truth, on the study's chain: who, when and for which cases, never what the truth is."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from readerstudy.models import Study
from readerstudy.services.lock import refuse_locked
from webapp.accounts.models import Person
from webapp.audit.models import Event
from webapp.audit.services import record


def note_truth_seen(study: Study, *, by: Person, at: datetime) -> None:
    """Once a person and study is enough to know that they cannot read in it."""
    chain = f"study:{study.id}"
    if Event.objects.filter(chain=chain, kind="truth.seen", by=str(by.pk)).exists():
        return
    with transaction.atomic():
        Study.objects.select_for_update(of=("self",)).get(pk=study.pk)
        record("truth.seen", chain=chain, at=at, about=study.id, by=str(by.pk))


def note_truth_changed(study: Study, what: str, case_ids: Sequence[UUID], *, by: Person, at: datetime) -> None:
    """what: "edited", "opinion", "adjudicated" or "altered_set". Raises StudyLocked."""
    with transaction.atomic():
        locked = Study.objects.select_for_update(of=("self",)).get(pk=study.pk)
        refuse_locked(locked)
        record("truth.changed", chain=f"study:{study.id}", at=at, about=study.id, by=str(by.pk),
               data={"what": what, "cases": [str(one) for one in case_ids]})  # fmt: skip
