"""Times of answered readings."""

import pytest

from readerstudy.statistics.timing import timing
from tests.readerstudy.statistics import golden


@pytest.mark.golden_statistics
def test_quartiles_are_interpolated_linearly():
    values = golden.load("time.json")
    near = {"rel": values["tolerance"]["rtol"]}
    found = timing(values["x"])
    assert (found.q1_ms, found.median_ms, found.q3_ms) == pytest.approx(values["expected"]["quartiles_x"], **near)
    fewer = timing(values["x"][1:])
    assert (fewer.q1_ms, fewer.median_ms, fewer.q3_ms) != pytest.approx(values["expected"]["quartiles_x"], **near)


def test_only_timeouts_give_no_median_and_the_reason():
    found = timing([], timeouts=4)
    assert (found.median_ms, found.timeouts, found.reason) == (None, 4, "no answered reading with a time")


def test_a_negative_time_is_refused():
    with pytest.raises(ValueError, match="0 or more"):
        timing([100, -1])
