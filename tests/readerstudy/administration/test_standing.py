"""The time line and the next step follow from the rows."""

from datetime import timedelta

import pytest

from readerstudy.models import Study
from readerstudy.selectors.standing import Next, standing, studies
from readerstudy.services.enrolment import invite_readers
from readerstudy.services.launch import launch_study
from readerstudy.services.study import close_study, create_study
from tests.readerstudy.administration.test_monitor import read
from tests.readerstudy.sample_study import NOON, draft_study, live_study

pytestmark = pytest.mark.django_db(databases=["default", "truth"])


def next_of(study: Study, *, days: float = 0) -> Next:
    study.refresh_from_db()
    return standing(study, now=NOON + timedelta(days=days)).next


def test_a_draft_is_led_from_cases_to_launch() -> None:
    empty = create_study(title="Empty", preset="dermino-two-round", seed=1, by=None, at=NOON)
    assert next_of(empty) == Next.IMPORT
    study = draft_study()
    assert next_of(study) == Next.INVITE
    invite_readers(study_id=study.pk, pasted="one@example.org", by=None, at=NOON)
    assert next_of(study) == Next.LAUNCH
    launch_study(study_id=study.pk, by=None, at=NOON)
    assert next_of(study) == Next.WATCH


def test_a_live_study_is_led_to_its_end() -> None:
    study, [reader] = live_study()
    read(study, reader, "a")
    assert next_of(study, days=1) == Next.WATCH
    assert next_of(study, days=5) == Next.REMIND
    read(study, reader, "aaaaa", after=timedelta(days=5))
    read(study, reader, "aaaaaa", after=timedelta(days=20))
    assert next_of(study, days=21) == Next.CLOSE
    close_study(study_id=study.pk, by=None, at=NOON)
    assert next_of(study) == Next.RESULTS


def test_the_time_line_counts_readers_and_names_the_first_opening() -> None:
    study, [one, _two] = live_study(readers=2)
    read(study, one, "aaaaaa")
    stages = {(stage.kind, stage.number): stage for stage in standing(study, now=NOON + timedelta(days=1)).stages}
    first, pause, second = stages["round", 1], stages["washout", 2], stages["round", 2]
    assert (first.state, first.done, first.readers) == ("now", 1, 2)
    assert (pause.state, pause.at) == ("now", NOON + timedelta(days=14, seconds=30))
    assert second.state == "next"


def test_the_list_of_studies_takes_one_query(django_assert_num_queries: object) -> None:
    for seed in (7, 8, 9):
        live_study(readers=2, cases=3, seed=seed)
    with django_assert_num_queries(1):
        lines = studies()
    assert [(line.cases, line.readers, line.readings, line.closed) for line in lines] == [(3, 2, 12, 0)] * 3
