from datetime import UTC, datetime, timedelta

import pytest

from readerstudy.protocol.state import State
from readerstudy.protocol.timing import TimeRule

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
RULE = TimeRule()


def seconds(value: float) -> timedelta:
    return timedelta(seconds=value)


def test_the_limit_runs_from_the_moment_the_image_was_shown():
    assert RULE.deadline(started_at=NOON, shown_at=NOON + seconds(0.4)) == NOON + seconds(20.4)


def test_a_withheld_shown_event_gains_three_seconds():
    assert RULE.deadline(started_at=NOON, shown_at=None) == NOON + seconds(23)


def test_a_late_shown_event_gains_no_more_than_a_withheld_one():
    assert RULE.shown(started_at=NOON, arrived_at=NOON + seconds(9)) == NOON + seconds(3)
    assert RULE.deadline(started_at=NOON, shown_at=NOON + seconds(9)) == NOON + seconds(23)


@pytest.mark.parametrize(
    ("after_deadline", "client_rt", "state"),
    [
        (0, 20.0, State.ANSWERED),
        (1.5, 20.0, State.ANSWERED),  # the grace pays for the uplink, to its last millisecond
        (1.501, 20.0, State.TIMEOUT),
        (1.501, 0.1, State.TIMEOUT),  # a forged reaction time does not help
        (0, 20.05, State.ANSWERED),
        (0, 20.051, State.TIMEOUT),
        (0, 0.0, State.ANSWERED),
        (0, -0.001, State.TIMEOUT),
    ],
)
def test_an_answer_counts_only_in_time_by_both_clocks(after_deadline, client_rt, state):
    deadline = NOON + seconds(20)
    arrived_at = deadline + seconds(after_deadline)
    assert RULE.state(arrived_at=arrived_at, deadline=deadline, client_rt=seconds(client_rt)) == state


def test_a_reading_expires_only_when_no_answer_can_come_in_time():
    deadline = NOON + seconds(20)
    assert not RULE.expired(now=deadline + RULE.grace + RULE.sweep_slack, deadline=deadline)
    assert RULE.expired(now=deadline + RULE.grace + RULE.sweep_slack + seconds(0.001), deadline=deadline)


def test_a_refresh_with_less_than_a_second_left_does_not_flash_the_image():
    deadline = NOON + seconds(20)
    assert RULE.resumable(now=deadline - seconds(1), deadline=deadline)
    assert not RULE.resumable(now=deadline - seconds(0.999), deadline=deadline)


def test_a_limit_that_is_only_told_ends_nothing():
    told, deadline, much_later = TimeRule(hard=False), NOON + seconds(20), NOON + seconds(900)
    assert told.state(arrived_at=much_later, deadline=deadline, client_rt=seconds(890)) == State.ANSWERED
    assert told.state(arrived_at=much_later, deadline=deadline, client_rt=seconds(-1)) == State.TIMEOUT
    assert not told.expired(now=much_later, deadline=deadline)
    assert told.resumable(now=much_later, deadline=deadline)
