"""Intervals of a proportion, against independent tools."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from readerstudy.statistics.proportions import clopper_pearson, clustered, jeffreys, wilson
from tests.readerstudy.statistics import golden

INTERVALS = {"wilson": wilson, "clopper_pearson": clopper_pearson, "jeffreys": jeffreys}


@pytest.mark.golden_statistics
@pytest.mark.parametrize("name", INTERVALS)
def test_intervals_are_those_of_the_reference_tools(name: str):
    values = golden.load("proportions.json")
    near = {"rel": values["tolerance"]["rtol"], "abs": values["tolerance"]["atol"]}
    for case in values["cases"]:
        found = INTERVALS[name](case["k"], case["n"], confidence=case["confidence"])
        assert (found.ci_low, found.ci_high) == pytest.approx(case["expected"][name], **near), case
        other = INTERVALS[name](case["k"], case["n"] + 1, confidence=case["confidence"])
        assert (other.ci_low, other.ci_high) != pytest.approx(case["expected"][name], **near), "one more reading"


@pytest.mark.golden_statistics
def test_a_clustered_proportion_has_the_standard_error_of_the_ratio_estimator():
    values = golden.load("proportions.json")
    given_, expected = values["clustered"], values["clustered"]["expected"]
    near = {"rel": values["tolerance"]["rtol"]}
    found, effect = clustered(given_["k"], given_["n"])
    assert found.value == pytest.approx(expected["proportion"], **near)
    assert found.se == pytest.approx(expected["se_ratio"], **near)
    assert effect == pytest.approx(expected["design_effect"], **near)
    fewer, _ = clustered(given_["k"][1:], given_["n"][1:])
    assert fewer.se != pytest.approx(expected["se_ratio"], **near), "without the first cluster"


@pytest.mark.parametrize("interval", INTERVALS.values())
def test_no_readings_give_no_value_and_the_reason(interval):
    assert (interval(0, 0).value, interval(0, 0).ci_low, interval(0, 0).reason) == (None, None, "no readings")


@given(st.sampled_from(list(INTERVALS.values())), st.integers(1, 500), st.data())
def test_an_interval_holds_its_proportion_and_stays_in_bounds(interval, n: int, data):
    k = data.draw(st.integers(0, n))
    found = interval(k, n)
    assert 0 <= found.ci_low <= found.value <= found.ci_high <= 1


@pytest.mark.parametrize("interval", INTERVALS.values())
def test_the_ends_are_exact_at_none_and_all_right(interval):
    assert interval(0, 29).ci_low == 0 and interval(29, 29).ci_high == 1


@pytest.mark.parametrize("interval", INTERVALS.values())
def test_more_right_than_readings_is_refused(interval):
    with pytest.raises(ValueError, match="k = 4 must lie from 0 to n = 3"):
        interval(4, 3)


def test_clusters_without_readings_do_not_count():
    found, _ = clustered([3, 0, 5], [4, 0, 8])
    same, _ = clustered([3, 5], [4, 8])
    assert found == same


def test_one_cluster_has_no_interval():
    found, effect = clustered([3], [4])
    assert (found.value, found.se, effect) == (0.75, None, None) and "one cluster" in found.reason


def test_more_alike_clusters_make_a_wider_interval():
    spread, _ = clustered(np.array([10, 0, 10, 0]), np.full(4, 10))
    even, _ = clustered(np.array([5, 6, 5, 4]), np.full(4, 10))
    assert spread.ci_high - spread.ci_low > even.ci_high - even.ci_low
