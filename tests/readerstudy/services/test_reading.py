from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from readerstudy.models import AidShown, Answer, LateAnswer, Reading
from readerstudy.services.errors import LeaseLost, NotAReader, ReadingClosed, Refused
from readerstudy.services.next_step import (
    CaseStep,
    PageStep,
    WaitStep,
    next_step,
)
from readerstudy.services.practice import finish_practice, start_practice
from readerstudy.services.reading import Draft, mark_shown, start_reading, submit_answer
from tests.readerstudy.sample_study import NOON, live_study

pytestmark = pytest.mark.django_db(databases=["default", "truth"])


def seconds(value: float) -> timedelta:
    return timedelta(seconds=value)


class Desk:
    """One reader at one browser window."""

    def __init__(self, reader) -> None:
        self.who = {"slug": reader.study.slug, "person_id": reader.person_id}
        self.step = None

    def next(self, now):
        self.step = next_step(now=now, **self.who)
        if isinstance(self.step, CaseStep):
            self.trial, self.lease = self.step.reading.id, self.step.reading.lease
        return self.step

    def start(self, at):
        return start_reading(reading_id=self.trial, lease=self.lease, arrived_at=at, **self.who)

    def shown(self, at):
        mark_shown(reading_id=self.trial, lease=self.lease, onset_method="test", arrived_at=at, **self.who)

    def submit(self, at, *, rt=5.0, outcome="answered", **fields):
        values = {
            "diagnosis": fields.pop("choice", self.step.reading.classes[0]),
            "confidence": fields.pop("confidence", 0.75),
        }
        draft = Draft(
            lease=fields.pop("lease", self.lease), key=fields.pop("key", None) or uuid4(), outcome=outcome,
            values=fields.pop("values", values), rt_ms=None if rt is None else round(rt * 1000),
        )  # fmt: skip
        return submit_answer(reading_id=self.trial, draft=draft, arrived_at=at, **self.who)

    def read(self, at, **fields):
        self.next(at)
        self.start(at)
        self.shown(at + seconds(0.1))
        return self.submit(at + seconds(5.1), **fields)


@pytest.fixture
def desk():
    _, (reader,) = live_study(cases=3)
    return Desk(reader)


def state(desk) -> str:
    return Reading.objects.get(pk=desk.trial).state


def test_an_answer_in_time_is_saved_with_what_was_chosen(desk):
    closed = desk.read(NOON, confidence=0.25)
    answer = Answer.objects.get(reading_id=desk.trial)
    assert (closed.outcome, closed.left, closed.next) == ("answered", 2, "case")
    assert (answer.diagnosis, answer.confidence, answer.rt_ms) == (desk.step.reading.classes[0], 0.25, 5000)


def test_an_answer_after_the_grace_is_kept_apart_whatever_reaction_time_it_claims(desk):
    desk.next(NOON)
    desk.start(NOON)
    desk.shown(NOON + seconds(0.2))
    closed = desk.submit(NOON + seconds(0.2 + 20 + 1.5 + 0.2), rt=0.1)
    late = LateAnswer.objects.get(reading_id=desk.trial)
    assert closed.outcome == "timeout"
    assert late.late_by_ms == 200
    assert not Answer.objects.exists()


def test_a_draft_at_the_time_out_is_kept_apart(desk):
    desk.next(NOON)
    desk.start(NOON)
    assert desk.submit(NOON + seconds(20.3), rt=None, outcome="timed_out").outcome == "timeout"
    assert LateAnswer.objects.get(reading_id=desk.trial).late_by_ms < 0


def test_a_time_out_without_a_choice_leaves_no_row(desk):
    desk.next(NOON)
    desk.start(NOON)
    desk.submit(NOON + seconds(20.3), rt=None, outcome="timed_out", values={})
    assert not LateAnswer.objects.exists()
    assert state(desk) == "timeout"


def test_the_same_key_gets_the_same_reply_and_one_row(desk):
    key = uuid4()
    first = desk.read(NOON, key=key)
    again = desk.submit(NOON + seconds(60), key=key)
    assert again == first
    assert Answer.objects.count() == 1


def test_another_key_on_a_closed_reading_is_told_the_outcome(desk):
    desk.read(NOON)
    with pytest.raises(ReadingClosed) as closed:
        desk.submit(NOON + seconds(6))
    assert closed.value.details == {"outcome": "answered"}


def test_the_newest_window_wins(desk):
    desk.next(NOON)
    old = desk.lease
    desk.next(NOON + seconds(1))
    desk.start(NOON + seconds(2))
    with pytest.raises(LeaseLost):
        desk.submit(NOON + seconds(5), lease=old)
    assert desk.submit(NOON + seconds(6)).outcome == "answered"


def test_a_refresh_keeps_the_clock_running(desk):
    desk.next(NOON)
    desk.start(NOON)
    desk.shown(NOON)
    first = desk.trial
    step = desk.next(NOON + seconds(12))
    assert (desk.trial, step.remaining_ms, step.reading.reload_count) == (first, 8000, 1)
    desk.start(NOON + seconds(13))  # after a refresh the browser starts again: the clock does not
    assert desk.submit(NOON + seconds(22), rt=1).outcome == "timeout"


def test_a_refresh_with_no_time_left_goes_on_to_another_case(desk):
    desk.next(NOON)
    desk.start(NOON)
    desk.shown(NOON)
    first = desk.trial
    step = desk.next(NOON + seconds(19.5))
    assert step.reading.id != first
    assert Reading.objects.get(pk=first).state == "timeout"


def test_a_closed_lid_costs_the_image_on_screen_and_no_more(desk):
    desk.next(NOON)
    desk.start(NOON)
    desk.next(NOON + timedelta(minutes=5))
    assert Reading.objects.filter(state="timeout").count() == 1
    assert Reading.objects.filter(state="issued").count() == 1


def test_an_issued_case_waits_as_long_as_its_reader_wants(desk):
    desk.next(NOON)
    first = desk.trial
    desk.next(NOON + timedelta(days=3))
    assert desk.trial == first


def test_an_answer_before_the_start_is_refused(desk):
    desk.next(NOON)
    with pytest.raises(Refused, match="not started"):
        desk.submit(NOON + seconds(1))


def test_a_diagnosis_of_another_data_set_is_refused_and_the_clock_runs_on(desk):
    desk.next(NOON)
    desk.start(NOON)
    with pytest.raises(Refused, match="fantasy"):
        desk.submit(NOON + seconds(2), choice="fantasy")
    assert state(desk) == "running"


def test_an_image_that_cannot_be_shown_comes_again_once_at_the_end(desk):
    desk.next(NOON)
    failed = desk.trial
    closed = desk.submit(NOON, outcome="technical", values={}, rt=None)
    assert (closed.outcome, closed.left) == ("planned", 3)
    for minute in (1, 2):
        desk.read(NOON + timedelta(minutes=minute))
    desk.next(NOON + timedelta(minutes=3))
    assert desk.trial == failed
    closed = desk.submit(NOON + timedelta(minutes=3), outcome="technical", values={}, rt=None)
    assert (closed.outcome, closed.next) == ("technical", "round_done")


def test_a_failure_reported_after_the_image_was_there_only_ends_the_time(desk):
    desk.next(NOON)
    desk.start(NOON)
    assert desk.submit(NOON + seconds(3), outcome="technical", values={}, rt=None).outcome == "timeout"


def test_round_two_opens_when_this_readers_washout_is_over(desk):
    for minute in range(3):
        closed = desk.read(NOON + timedelta(minutes=minute))
    assert closed.next == "round_done"
    last = NOON + timedelta(minutes=2, seconds=5.1)
    wait = desk.next(last + timedelta(days=13, hours=23, minutes=59))
    assert isinstance(wait, WaitStep)
    assert wait.opens_at == last + timedelta(days=14)
    step = desk.next(last + timedelta(days=14))
    assert isinstance(step, CaseStep)
    assert step.reading.round.number == 2


def test_the_aid_comes_in_round_two_only_and_is_noted_when_shown(desk):
    for minute in range(3):
        desk.read(NOON + timedelta(minutes=minute))
        assert desk.step.aid is None
    later = NOON + timedelta(days=15)
    step = desk.next(later)
    assert step.aid.case_id == step.reading.case_id
    assert not AidShown.objects.exists()
    desk.start(later)
    assert AidShown.objects.get().reading_id == desk.trial


def test_after_the_last_case_comes_the_end(desk):
    for day in (0, 15):
        for minute in range(3):
            desk.read(NOON + timedelta(days=day, minutes=minute))
    assert desk.next(NOON + timedelta(days=16)) == PageStep("end")


def test_nobody_reads_in_anothers_name():
    _, (one, other) = live_study(cases=2, readers=2)
    desk, stranger = Desk(one), Desk(other)
    desk.next(NOON)
    stranger.trial, stranger.lease = desk.trial, desk.lease
    with pytest.raises(NotAReader):
        stranger.start(NOON)


def test_practice_tells_what_was_right_and_is_kept_apart():
    _, (reader,) = live_study(cases=2, practice=2, ready=False)
    reader.consented_at = reader.profiled_at = NOON
    reader.save()
    desk = Desk(reader)
    assert desk.next(NOON) == PageStep("practice")
    start_practice(now=NOON, **desk.who)
    assert desk.read(NOON, choice="melanoma").feedback == (True, "melanoma")
    closed = desk.read(NOON + seconds(60), choice="nevus")
    assert (closed.feedback, closed.next) == ((False, "melanoma"), "practice_done")
    assert desk.next(NOON + seconds(90)) == PageStep("practice_done")
    finish_practice(now=NOON + seconds(91), **desk.who)
    assert not desk.next(NOON + seconds(92)).reading.is_practice


@pytest.mark.parametrize("table", ["answer", "lateanswer", "aidshown", "frozenaid", "protocolversion"])
def test_what_was_answered_and_shown_cannot_be_changed_or_deleted(table, desk):
    for minute in range(3):
        desk.read(NOON + timedelta(minutes=minute))
    desk.next(NOON + timedelta(days=15))
    desk.start(NOON + timedelta(days=15))
    desk.submit(NOON + timedelta(days=15, minutes=1))
    for statement in (f"DELETE FROM readerstudy_{table}", f"UPDATE readerstudy_{table} SET id = id"):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_an_answer_takes_seven_statements_and_one_transaction(desk, django_assert_num_queries):
    desk.next(NOON)
    desk.start(NOON)
    with django_assert_num_queries(7) as seen:  # two of them the savepoint that this test's own transaction makes
        desk.submit(NOON + seconds(5))
    assert sum("SAVEPOINT" in query["sql"] for query in seen) == 2
