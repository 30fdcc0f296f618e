"""Pilot and dry run: they read, and never count."""

from datetime import timedelta

import pytest

from readerstudy.models import Reader, Reading, Study
from readerstudy.results.joined import rows_for
from readerstudy.selectors.progress import progress
from readerstudy.selectors.readings_document import readings_document
from readerstudy.services.errors import NotReady, Refused, StudyFrozen
from readerstudy.services.launch import launch_study
from readerstudy.services.next_step import CaseStep, PageStep, next_step
from readerstudy.services.permission import NotAllowed
from readerstudy.services.pilot import end_pilot, start_dry_run, start_pilot
from readerstudy.services.reading import Draft, start_reading, submit_answer
from readerstudy.services.study import create_study
from tests.readerstudy.sample_study import NOON, draft_study, live_study
from tests.readerstudy.signers import signer
from webapp.accounts.services import person_for

pytestmark = pytest.mark.django_db(databases=["default", "truth"])


def ready(reader: Reader) -> Reader:
    reader.consented_at = reader.profiled_at = reader.practised_at = NOON
    reader.experience_years = 4
    reader.save()
    return reader


def read_one(study: Study, reader: Reader) -> Reading:
    """One case, answered as a person would."""
    who = {"slug": study.slug, "person_id": reader.person_id}
    step = next_step(**who, now=NOON)
    assert isinstance(step, CaseStep)
    reading = step.reading
    start_reading(**who, reading_id=reading.id, lease=reading.lease, arrived_at=NOON)
    values = {"diagnosis": reading.classes[0], "confidence": 0.5}
    draft = Draft(lease=reading.lease, key=reading.lease, outcome="answered", values=values, rt_ms=300)
    closed = submit_answer(**who, reading_id=reading.id, draft=draft, arrived_at=NOON + timedelta(milliseconds=400))
    assert closed.outcome == "answered"
    return reading


def test_a_pilot_reads_before_the_launch_and_ends_in_a_draft():
    study = draft_study(cases=3)
    [reader] = start_pilot(study_id=study.id, addresses=["p@example.org"], by=signer(), at=NOON)
    assert (reader.kind, reader.pseudonym) == ("pilot", "pilot01")
    read_one(study, ready(reader))
    end_pilot(study_id=study.id, by=signer(), at=NOON)
    study.refresh_from_db()
    assert study.state == "draft"
    assert next_step(slug=study.slug, person_id=reader.person_id, now=NOON) == PageStep("closed")
    launch_study(study_id=study.id, by=None, at=NOON)
    study.refresh_from_db()
    assert not progress(study, now=NOON) and not rows_for(study)
    assert not any('"kind":"answer"' in line for line in readings_document(study))


def test_a_pilot_needs_what_a_launch_needs():
    empty = create_study(title="Empty", preset="dermino-two-round", seed=1, by=None, at=NOON)
    with pytest.raises(NotReady) as early:
        start_pilot(study_id=empty.id, addresses=["p@example.org"], by=signer(), at=NOON)
    assert early.value.details["faults"]
    assert not Reader.objects.exists()


def test_no_pilot_comes_after_the_launch_and_none_ends_that_is_not_running():
    study, [reader] = live_study(cases=2)
    with pytest.raises(StudyFrozen, match="A pilot comes before"):
        start_pilot(study_id=study.id, addresses=[], by=signer(), at=NOON)
    with pytest.raises(Refused, match="No pilot"):
        end_pilot(study_id=study.id, by=signer(), at=NOON)
    with pytest.raises(NotAllowed):
        start_pilot(study_id=study.id, addresses=[], by=reader.person, at=NOON)


def test_a_dry_run_reads_a_draft_at_its_own_speed():
    study, administrator = draft_study(cases=3), signer()
    tried = ready(start_dry_run(study_id=study.id, person=administrator, speed=10, at=NOON))
    assert {one.limit_ms for one in tried.readings.all()} == {2000}
    read_one(study, tried)
    again = start_dry_run(study_id=study.id, person=administrator, speed=0.5, at=NOON)
    assert again == tried
    assert {one.limit_ms for one in tried.readings.filter(state="planned")} == {40_000}


def test_what_a_dry_run_reads_in_a_live_study_is_in_no_progress_no_row_and_no_document():
    study, [reader] = live_study(cases=3)
    before = list(readings_document(study)), progress(study, now=NOON), len(rows_for(study))
    administrator = signer()
    read_one(study, ready(start_dry_run(study_id=study.id, person=administrator, speed=10, at=NOON)))
    assert (list(readings_document(study)), progress(study, now=NOON), len(rows_for(study))) == before
    assert reader.readings.filter(closed_at__isnull=False).count() == 0


@pytest.mark.parametrize("speed", [0, 0.05, 101, -1])
def test_an_impossible_speed_is_named(speed: float):
    with pytest.raises(Refused, match="Use 0.1 to 100"):
        start_dry_run(study_id=draft_study(cases=1).id, person=signer(), speed=speed, at=NOON)


def test_only_who_conducts_a_study_tries_it():
    with pytest.raises(NotAllowed):
        start_dry_run(study_id=draft_study(cases=1).id, person=person_for("x@example.org"), speed=1, at=NOON)
