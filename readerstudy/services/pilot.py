"""Before the launch: a pilot with people, and a dry run at any clock speed. What they read never counts."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from readerstudy.models import Reader, Study
from readerstudy.protocol.state import OPEN, State
from readerstudy.services.enrolment import NO_STRATA, enrol
from readerstudy.services.errors import NotReady, Refused, StudyFrozen
from readerstudy.services.launch import faults_before_launch
from readerstudy.services.permission import Permission, require
from readerstudy.services.plan import Strata, stage_times
from webapp.accounts.models import Person
from webapp.accounts.services import person_for
from webapp.audit.services import record

SLOWEST, FASTEST = 0.1, 100.0


def start_pilot(
    *, study_id: object, addresses: list[str], by: Person, at: datetime, strata: Strata = NO_STRATA
) -> list[Reader]:
    """Let people read a draft before it is frozen. Raises NotAllowed, StudyFrozen, NotReady."""
    with transaction.atomic():
        study = _locked(study_id, by)
        if study.state not in (Study.State.DRAFT, Study.State.PILOT):
            raise StudyFrozen(_("“%(title)s” was launched. A pilot comes before.") % {"title": study.title})
        faults = faults_before_launch(study, strata=strata)
        if faults:
            raise NotReady(_("The pilot cannot begin yet."), faults=faults)
        study.state = Study.State.PILOT
        study.save(update_fields=["state"])
        readers = [_of_kind(study, person_for(one), Reader.Kind.PILOT, at, strata) for one in addresses]
        record("pilot.started", chain=f"study:{study.id}", at=at, about=study.id, by=str(by.pk),
               data={"readers": [str(reader.id) for reader in readers]})  # fmt: skip
    return readers


def end_pilot(*, study_id: object, by: Person, at: datetime) -> Study:
    """Back to a draft, whose design may change. What was read in the pilot stays, apart. Raises NotAllowed, Refused."""
    with transaction.atomic():
        study = _locked(study_id, by)
        if study.state != Study.State.PILOT:
            raise Refused(_("No pilot of “%(title)s” is running.") % {"title": study.title})
        study.state = Study.State.DRAFT
        study.save(update_fields=["state"])
        for reader in study.readers.filter(kind=Reader.Kind.PILOT):
            reader.readings.filter(state__in=OPEN).update(state=State.TECHNICAL, closed_at=at)
        record("pilot.ended", chain=f"study:{study.id}", at=at, about=study.id, by=str(by.pk))
    return study


def start_dry_run(
    *, study_id: object, person: Person, speed: float, at: datetime, strata: Strata = NO_STRATA
) -> Reader:
    """Make an administrator a reader whose clock runs `speed` times as fast, for a try of the study as it stands.

    Started again, it goes on where it was, at the new speed. Raises NotAllowed, Refused, NotReady.
    """
    if not SLOWEST <= speed <= FASTEST:
        raise Refused(_("The speed is %(speed)s. Use %(slowest)s to %(fastest)s.")
                      % {"speed": speed, "slowest": SLOWEST, "fastest": FASTEST})  # fmt: skip
    with transaction.atomic():
        study = _locked(study_id, person)
        if study.state in (Study.State.CLOSED, Study.State.LOCKED):
            raise Refused(_("“%(title)s” is over. There is nothing to try any more.") % {"title": study.title})
        reader = _of_kind(study, person, Reader.Kind.DRY_RUN, at, strata, time_multiplier=1 / speed)
        if reader.time_multiplier != 1 / speed:
            _set_speed(study, reader, speed)
        record("dry_run.started", chain=f"study:{study.id}", at=at, about=reader.id, by=str(person.pk),
               data={"speed": speed})  # fmt: skip
    return reader


def _locked(study_id: object, by: Person) -> Study:
    study = Study.objects.select_for_update(of=("self",)).get(pk=study_id)
    require(by, study, Permission.CONDUCT)
    return study


def _set_speed(study: Study, reader: Reader, speed: float) -> None:
    """For the readings that are still planned."""
    reader.time_multiplier = 1 / speed
    reader.save(update_fields=["time_multiplier"])
    design = study.design
    for number, one in enumerate(design.rounds, start=1):
        planned = reader.readings.filter(round__number=number, is_practice=False, state=State.PLANNED)
        planned.update(**stage_times(design, one.stages[0], reader.time_multiplier))


def _of_kind(
    study: Study, person: Person, kind: Reader.Kind, at: datetime, strata: Strata, *, time_multiplier: float = 1.0
) -> Reader:
    """The person's reader of this kind, once."""
    known = Reader.objects.filter(study=study, person=person, kind=kind).first()
    return known or enrol(study, person, at=at, strata=strata, kind=kind, time_multiplier=time_multiplier)
