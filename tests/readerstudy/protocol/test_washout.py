from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from readerstudy.protocol.washout import opens_at

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_a_round_opens_when_the_washout_has_passed_since_the_readers_own_last_reading():
    assert opens_at(last_closed_at=NOON, washout_days=14) == datetime(2026, 3, 16, 12, tzinfo=UTC)
    assert opens_at(last_closed_at=NOON, washout_days=0.5) == NOON + timedelta(hours=12)


@given(days=st.floats(0, 365))
def test_no_washout_opens_a_round_before_the_one_before_it_ended(days):
    assert opens_at(last_closed_at=NOON, washout_days=days) >= NOON
