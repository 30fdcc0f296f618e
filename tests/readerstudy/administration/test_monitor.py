"""The monitor shows how far people are, and never how well they read."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from readerstudy.administration.monitor import strip
from readerstudy.models import Reading, Study
from readerstudy.selectors.progress import RoundProgress, monitor
from readerstudy.services.next_step import next_step
from readerstudy.services.reading import Draft, start_reading, submit_answer
from tests.readerstudy.sample_study import NOON, live_study

pytestmark = pytest.mark.django_db(databases=["default", "truth"])


def read(study: Study, reader: object, outcomes: str, *, after: timedelta = timedelta(0)) -> None:
    """Answer or time out case after case: "aat"."""
    now = NOON + after
    for one in outcomes:
        who = {"slug": study.slug, "person_id": reader.person_id}
        reading = next_step(**who, now=now).reading
        start_reading(**who, reading_id=reading.pk, lease=reading.lease, arrived_at=now)
        now += timedelta(seconds=5)
        draft = Draft(
            lease=reading.lease, key=uuid4(), outcome="answered" if one == "a" else "timed_out",
            values={"diagnosis": reading.classes[0], "confidence": 0.5}, rt_ms=4000,
        )  # fmt: skip
        submit_answer(**who, reading_id=reading.pk, draft=draft, arrived_at=now)


def test_each_reader_has_a_cell_for_every_case_in_its_order() -> None:
    study, [reader, _other] = live_study(readers=2)
    read(study, reader, "ata")
    first, second = monitor(study, now=NOON + timedelta(minutes=1))
    assert first.rounds[0].cells == ("answered", "timeout", "answered", "planned", "planned", "planned")
    assert second.rounds[0].cells == ("planned",) * 6
    assert (first.timeout_share, first.median_ms, first.state) == (1 / 3, 4000, "reading")


def test_a_reader_in_the_washout_shows_when_it_ends() -> None:
    study, [reader] = live_study()
    read(study, reader, "aaaaaa")
    [line] = monitor(study, now=NOON + timedelta(days=1))
    last = Reading.objects.filter(reader=reader, round__number=1).order_by("-closed_at")[0].closed_at
    assert (line.state, line.rounds[1].opens_at) == ("washout", last + timedelta(days=14))


@pytest.mark.parametrize(("days", "state"), [(2, "reading"), (4, "stalled")])
def test_a_reader_is_stalled_after_three_silent_days(days: int, state: str) -> None:
    study, [reader] = live_study()
    read(study, reader, "a")
    [line] = monitor(study, now=NOON + timedelta(days=days))
    assert line.state == state


def test_a_free_reader_is_not_stalled_on_the_day_the_washout_ends() -> None:
    study, [reader] = live_study()
    read(study, reader, "aaaaaa")
    [line] = monitor(study, now=NOON + timedelta(days=14, hours=1))
    assert line.state == "reading"


def test_who_has_read_everything_is_done() -> None:
    study, [reader] = live_study()
    read(study, reader, "aaaaaa")
    read(study, reader, "aaaaaa", after=timedelta(days=15))
    [line] = monitor(study, now=NOON + timedelta(days=30))
    assert line.state == "done"


def test_a_strip_draws_every_cell_once() -> None:
    cells = ("answered", "planned", "timeout", "running", "technical")
    drawn = strip(RoundProgress(1, 5, 3, 1, None, None, cells))
    assert dict(drawn.counts) == {"answered": 1, "open": 2, "timeout": 1, "technical": 1}
    assert sum(path.count("M") for _kind, path in drawn.paths) == len(cells)


@pytest.mark.parametrize("name", ["monitor", "monitor-live", "readers", "study"])
def test_no_page_on_progress_asks_for_truth_answers_or_ai(administrator: Client, name: str) -> None:
    study, [reader] = live_study()
    read(study, reader, "at")
    address = reverse(f"administration:{name}", args=[study.slug])
    with CaptureQueriesContext(connections["truth"]) as truth, CaptureQueriesContext(connections["default"]) as default:
        reply = administrator.get(address)
    assert len(truth) == 0
    asked = " ".join(query["sql"] for query in default)
    for column in ("diagnosis", "ranked", "referencestandard"):
        assert column not in asked
    assert "accuracy" not in reply.content.decode().lower()


@pytest.mark.parametrize("name", ["monitor", "readers", "study", "launch", "close"])
def test_a_page_asks_as_often_for_forty_readers_as_for_two(administrator: Client, name: str) -> None:
    few, _ = live_study(readers=2, cases=3)
    many, _ = live_study(readers=40, cases=3, seed=8)
    asked = []
    for study in (few, many):
        administrator.get(reverse(f"administration:{name}", args=[study.slug]))  # what is cached once
        with CaptureQueriesContext(connections["default"]) as queries:
            administrator.get(reverse(f"administration:{name}", args=[study.slug]))
        asked.append(len(queries))
    assert asked[0] == asked[1]
