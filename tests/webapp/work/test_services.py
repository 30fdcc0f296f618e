"""The row's life, with the worker's part called directly; test_worker.py has the real processes."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.utils import timezone

from webapp.work import services
from webapp.work.models import Work
from webapp.work.selectors import progress

pytestmark = pytest.mark.django_db
State = Work.State


@pytest.fixture
def done_payloads(monkeypatch):
    seen = []
    monkeypatch.setitem(services._handlers, "test.note", lambda payload: seen.append(payload))
    return seen


@pytest.fixture
def failing(monkeypatch):
    def fail(payload):
        raise ValueError("the seventh image is no image")

    monkeypatch.setitem(services._handlers, "test.fail", fail)


def dead_pid() -> int:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


def claim(work: Work, **fields) -> None:
    Work.objects.filter(pk=work.pk).update(
        **{"state": State.CLAIMED, "claimed_at": timezone.now(), "claimed_pid": os.getpid(), "claims": 1} | fields
    )


def test_work_that_is_asked_for_twice_is_one_row():
    first = services.enqueue("test.note", "study:1:predict:0", {"a": 1})
    assert services.enqueue("test.note", "study:1:predict:0", {"a": 1}) == first
    assert Work.objects.count() == 1


def test_an_unreachable_broker_leaves_the_row_waiting_and_raises_nothing(django_capture_on_commit_callbacks, caplog):
    with django_capture_on_commit_callbacks(execute=True):
        work = services.enqueue("test.note", "k")
    assert work.state == State.QUEUED
    assert "wait for the sweep" in caplog.text


def test_performed_work_is_done_and_not_done_again(done_payloads):
    work = services.enqueue("test.note", "k", {"a": 1})
    assert services.perform(work.pk, worker="work@a") is True
    assert services.perform(work.pk, worker="work@a") is False
    assert done_payloads == [{"a": 1}]


def test_work_in_other_hands_is_left_alone(done_payloads):
    work = services.enqueue("test.note", "k")
    claim(work, claimed_by="work@b", claimed_pid=dead_pid())  # another node's process numbers mean nothing here
    assert services.perform(work.pk, worker="work@a") is False
    assert done_payloads == []


def test_a_sibling_takes_over_from_a_killed_process_of_its_own_worker(done_payloads):
    work = services.enqueue("test.note", "k")
    claim(work, claimed_by="work@a", claimed_pid=dead_pid())
    assert services.perform(work.pk, worker="work@a") is True
    assert len(done_payloads) == 1


def test_work_fails_after_three_errors_and_keeps_the_last(failing):
    work = services.enqueue("test.fail", "k")
    for _ in range(5):
        services.perform(work.pk, worker="work@a")
    work.refresh_from_db()
    assert (work.state, work.attempts) == (State.FAILED, services.MAX_ATTEMPTS)
    assert work.error == "ValueError: the seventh image is no image"


def test_failed_work_asked_for_again_begins_anew(failing):
    work = services.enqueue("test.fail", "k")
    for _ in range(3):
        services.perform(work.pk, worker="work@a")
    again = services.enqueue("test.fail", "k")
    assert (again.pk, again.state, again.attempts, again.error) == (work.pk, State.QUEUED, 0, "")


def test_work_that_kills_its_worker_each_time_is_given_up_with_a_reason(done_payloads):
    work = services.enqueue("test.note", "k")
    claim(work, claimed_by="work@a", claimed_pid=dead_pid(), claims=services.MAX_CLAIMS)
    services.perform(work.pk, worker="work@a")
    work.refresh_from_db()
    assert work.state == State.FAILED
    assert "died each time" in work.error
    assert done_payloads == []


def test_work_of_an_unknown_kind_fails_with_its_name():
    work = services.enqueue("test.unheard-of", "k")
    services.perform(work.pk, worker="work@a")
    work.refresh_from_db()
    assert "test.unheard-of" in work.error


def test_a_starting_worker_takes_back_only_what_its_predecessor_had_claimed():
    mine, other = services.enqueue("test.note", "mine"), services.enqueue("test.note", "other")
    claim(mine, claimed_by="work@a")
    claim(other, claimed_by="work@b")
    services.recover(worker="work@a")
    mine.refresh_from_db(), other.refresh_from_db()
    assert (mine.state, other.state) == (State.QUEUED, State.CLAIMED)


def test_the_sweep_frees_what_was_claimed_too_long_ago():
    now = timezone.now()
    stuck, busy = services.enqueue("test.note", "stuck"), services.enqueue("test.note", "busy")
    claim(stuck, claimed_by="work@b", claimed_at=now - services.CLAIM_LOST_AFTER - timedelta(seconds=1))
    claim(busy, claimed_by="work@b", claimed_at=now - services.CLAIM_LOST_AFTER + timedelta(seconds=1))
    services.sweep(at=now)
    stuck.refresh_from_db(), busy.refresh_from_db()
    assert (stuck.state, busy.state) == (State.QUEUED, State.CLAIMED)


def test_the_sweep_rings_again_only_for_rows_that_waited_a_minute(monkeypatch):
    rung = []
    monkeypatch.setattr(services, "ring", lambda ids: rung.extend(ids) or True)
    work = services.enqueue("test.note", "k")
    services.sweep(at=work.rung_at + services.RING_AGAIN_AFTER - timedelta(seconds=1))
    assert rung == []
    services.sweep(at=work.rung_at + services.RING_AGAIN_AFTER)
    assert rung == [work.pk]


def test_progress_counts_each_state_under_a_prefix(done_payloads, failing):
    services.perform(services.enqueue("test.note", "study:1:a").pk, worker="w")
    services.enqueue("test.note", "study:1:b")
    services.enqueue("test.note", "study:2:a")
    found = progress("test.note", "study:1:")
    assert (found.done, found.queued, found.total, found.finished) == (1, 1, 2, False)
