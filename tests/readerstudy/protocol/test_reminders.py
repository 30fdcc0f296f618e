from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readerstudy.protocol.reminders import OPENS, ReminderRule, UnknownTimezone, due, kind_after

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
RULE = ReminderRule()
DAY = timedelta(days=1)


def ask(*, days: float | None, sent: tuple[str, ...] = (), opened_at: datetime | None = None, rule=RULE, now=NOON):
    silent_since = None if days is None else now - days * DAY
    return due(rule, now=now, silent_since=silent_since, opened_at=opened_at, sent=sent)


@pytest.mark.parametrize(
    ("days", "wanted"), [(2.99, None), (3, "after_3"), (6.9, "after_3"), (7, "after_7"), (90, "after_7")]
)
def test_a_reminder_is_due_from_its_day_on(days, wanted):
    assert ask(days=days) == wanted


def test_none_is_sent_twice():
    assert ask(days=4, sent=("after_3",)) is None
    assert ask(days=8, sent=("after_3",)) == "after_7"
    assert ask(days=8, sent=("after_3", "after_7")) is None


def test_of_several_missed_ones_only_the_last_is_sent():
    assert ask(days=8) == "after_7"
    assert ask(days=8, sent=("after_7",)) is None


def test_who_is_not_waited_for_gets_none():
    assert ask(days=None) is None


@pytest.mark.parametrize(("hour", "quiet"), [(20, False), (21, True), (23, True), (0, True), (7, True), (8, False)])
def test_quiet_hours_run_over_midnight(hour, quiet):
    assert RULE.quiet(NOON.replace(hour=hour)) is quiet
    assert (ask(days=4, now=NOON.replace(hour=hour)) is None) is quiet


@pytest.mark.parametrize(("hour", "quiet"), [(11, False), (12, True), (13, True), (14, False)])
def test_quiet_hours_may_lie_within_a_day(hour, quiet):
    assert ReminderRule(quiet_from=12, quiet_to=14).quiet(NOON.replace(hour=hour)) is quiet


def test_equal_hours_mean_that_none_are_quiet():
    assert not any(ReminderRule(quiet_from=8, quiet_to=8).quiet(NOON.replace(hour=hour)) for hour in range(24))


def test_quiet_hours_are_those_of_the_stated_zone():
    tokyo = ReminderRule(timezone="Asia/Tokyo")
    assert tokyo.quiet(datetime(2026, 3, 2, 12, tzinfo=UTC))  # 21:00 there
    assert not tokyo.quiet(datetime(2026, 3, 2, 0, tzinfo=UTC))  # 09:00 there


def test_an_unknown_zone_is_named():
    with pytest.raises(UnknownTimezone, match="Mars/Base"):
        ReminderRule(timezone="Mars/Base").quiet(NOON)


def test_a_round_that_opened_is_told_once_and_before_any_reminder():
    assert ask(days=8, opened_at=NOON) == OPENS
    assert ask(days=8, opened_at=NOON, sent=(OPENS,)) == "after_7"
    assert ask(days=None, opened_at=NOON + timedelta(seconds=1)) is None


@given(
    days=st.lists(st.floats(0.5, 60), max_size=5, unique_by=kind_after),
    quiet=st.tuples(st.integers(0, 23), st.integers(0, 23)),
    hours=st.integers(1, 24 * 80),
)
def test_hour_by_hour_nothing_is_sent_twice_or_in_quiet_hours(days, quiet, hours):
    rule = ReminderRule(tuple(days), *quiet)
    sent: list[str] = []
    for hour in range(hours):
        now = NOON + timedelta(hours=hour)
        kind = due(rule, now=now, silent_since=NOON, opened_at=NOON, sent=sent)
        if kind is not None:
            assert not rule.quiet(now)
            sent.append(kind)
    assert len(sent) == len(set(sent))
    assert len(sent) <= len(days) + 1
