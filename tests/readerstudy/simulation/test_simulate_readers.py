"""Simulated readers against the real server."""

import pytest
from django.core.management import CommandError, call_command

from readerstudy.models import Answer, Reading, Study
from readerstudy.services.enrolment import enrol
from readerstudy.services.launch import launch_study
from readerstudy.services.simulated_readers import enrol_simulated
from readerstudy.services.study import edit_design
from tests.readerstudy.sample_study import NOON, draft_study, live_study
from tests.services import Site
from webapp.accounts.services import person_for

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "truth"])


def ready(*, washout_days: float) -> Study:
    study = draft_study(cases=4, practice=2, slug="simulated")
    design = study.design.as_dict()
    design["rounds"][1]["washout_days"] = washout_days
    edit_design(study_id=study.pk, values=design, by=None, at=NOON)
    launch_study(study_id=study.pk, by=None, at=NOON)
    study.refresh_from_db()
    return study


def simulate(site: Site, study: Study, **options: object) -> None:
    call_command("simulate_readers", study.slug, seed=5, speed=200, readers=3, url=site.url, **options)


@pytest.mark.slow
def test_three_readers_read_both_rounds_over_http_in_the_time_they_report(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    study = ready(washout_days=0)
    simulate(site, study)
    study.refresh_from_db()
    assert study.simulated
    live = Reading.objects.filter(is_practice=False)
    assert live.count() == 24 and not live.filter(closed_at=None).exists()
    assert not study.readers.filter(consented_at=None).exists()
    assert study.readers.filter(experience_years=None).count() == 0
    assert "3 readers have read everything" in capsys.readouterr().out
    for answer in Answer.objects.filter(reading__is_practice=False).select_related("reading"):
        passed_ms = (answer.arrived_at - answer.reading.started_at).total_seconds() * 1000
        assert 0 <= answer.rt_ms <= passed_ms + 50


@pytest.mark.slow
def test_they_stop_at_the_washout_and_say_until_when(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    study = ready(washout_days=14)
    simulate(site, study)
    simulate(site, study)  # a second run finds nothing to read and enrols nobody anew
    closed = Reading.objects.filter(is_practice=False, closed_at__isnull=False)
    assert set(closed.values_list("round__number", flat=True)) == {1}
    assert (closed.count(), study.readers.count()) == (12, 3)
    assert "in their washout until" in capsys.readouterr().out


def test_a_study_with_a_persons_reading_is_refused() -> None:
    study, [reader] = live_study()
    Reading.objects.filter(pk=reader.readings.first().pk).update(state="issued")
    with pytest.raises(CommandError, match="A person has read"):
        call_command("simulate_readers", study.slug, seed=5)
    study.refresh_from_db()
    assert not study.simulated


def test_an_invited_person_who_has_read_nothing_is_no_obstacle() -> None:
    study, _ = live_study()
    assert len(enrol_simulated(study_id=study.pk, wanted=2, at=NOON)) == 2
    enrol(study, person_for("late@example.org"), at=NOON)
    assert len(enrol_simulated(study_id=study.pk, wanted=2, at=NOON)) == 2


def test_a_draft_is_refused() -> None:
    study = draft_study()
    with pytest.raises(CommandError, match="not live"):
        call_command("simulate_readers", study.slug, seed=5)


def test_a_site_that_is_down_is_named() -> None:
    study, _ = live_study()
    with pytest.raises(CommandError, match="--url"):
        call_command("simulate_readers", study.slug, seed=5, readers=1, url="http://127.0.0.1:9")
