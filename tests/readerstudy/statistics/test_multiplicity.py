"""Holm's adjustment."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readerstudy.statistics.multiplicity import holm
from tests.readerstudy.statistics import golden

p_values = st.lists(st.none() | st.floats(0, 1))


@pytest.mark.golden_statistics
def test_adjusted_p_values_are_those_of_the_reference_tool():
    values = golden.load("multiplicity.json")
    for case in values["cases"]:
        expected = case["expected"]["holm"]
        assert holm(case["p"]) == [one if one is None else pytest.approx(one, rel=1e-8) for one in expected]


@given(p_values)
def test_none_stays_and_nothing_becomes_smaller_or_leaves_0_to_1(given_: list[float | None]):
    for before, after in zip(given_, holm(given_), strict=True):
        assert (before is None and after is None) or before <= after <= 1


def test_an_empty_list_gives_an_empty_list():
    assert holm([]) == []


def test_a_p_value_above_one_is_refused():
    with pytest.raises(ValueError, match="0 to 1"):
        holm([0.2, 1.2])
