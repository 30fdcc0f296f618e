import json
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readerstudy.protocol.allocation import arm_of, block_size, stratum_of
from readerstudy.protocol.design import Allocation, ArmDesign, Design, Groups, RoundDesign

STORED = json.loads((Path(__file__).parent / "stored_plans.json").read_text(encoding="utf-8"))["allocation"]
seeds = st.integers(0, 2**63 - 1)


def design(*weights: int, **values) -> Design:
    arms = tuple(ArmDesign(f"arm {number}", weight) for number, weight in enumerate(weights))
    return Design(rounds=(RoundDesign(),), arms=arms, **values)


def test_one_arm_takes_everybody():
    assert arm_of(design(1), seed=1, stratum=(), place=7) == "arm 0"


@given(seed=seeds, weights=st.lists(st.integers(1, 4), min_size=2, max_size=4), times=st.integers(0, 3))
def test_after_each_block_the_arms_stand_in_their_proportions(seed, weights, times):
    made = design(*weights, allocation=Allocation(block=times * sum(weights)))
    size = block_size(made)
    assert size == (times or 2) * sum(weights)
    for begin in (0, size):
        block = Counter(arm_of(made, seed=seed, stratum=("a",), place=begin + k) for k in range(size))
        assert block == {f"arm {number}": weight * (times or 2) for number, weight in enumerate(weights)}


def test_blocks_strata_and_seeds_have_lists_of_their_own():
    made = design(1, 1, allocation=Allocation(block=20))

    def arms(seed, stratum, begin):
        return tuple(arm_of(made, seed=seed, stratum=stratum, place=begin + k) for k in range(20))

    lists = [arms(1, ("a",), 0), arms(1, ("a",), 20), arms(1, ("b",), 0), arms(2, ("a",), 0)]
    assert all(one != other for one, other in combinations(lists, 2))


def test_every_place_of_a_block_may_fall_to_each_arm():
    made = design(1, 1)
    for place in range(4):
        assert len({arm_of(made, seed=seed, stratum=(), place=place) for seed in range(30)}) == 2


@pytest.mark.parametrize(
    ("years", "value"),
    [(0, "from 0"), (2.9, "from 0"), (3, "from 3"), ("7.5", "from 5"), (-1, "below"), (None, ""), ("", "")],
)
def test_years_are_grouped_by_the_lower_bounds(years, value):
    made = design(1, 1, allocation=Allocation(strata=("years",)), groups=Groups(cuts=(0.0, 3.0, 5.0)))
    assert stratum_of(made, {"years": years}) == (value,)


def test_a_stratum_holds_the_declared_variables_in_their_order():
    made = design(1, 1, allocation=Allocation(strata=("site", "role")))
    assert stratum_of(made, {"role": "nurse", "site": "Vienna", "age": 4}) == ("Vienna", "nurse")
    assert stratum_of(made, {"role": 0}) == ("", "0")
    assert stratum_of(design(1, 1), {"role": "nurse"}) == ()


def test_a_half_of_a_year_keeps_its_bound():
    made = design(1, 1, allocation=Allocation(strata=("years",)), groups=Groups(cuts=(0.5,)))
    assert stratum_of(made, {"years": 1}) == ("from 0.5",)


def test_a_stored_allocation_is_drawn_again():
    made, stratum = Design.from_dict(STORED["design"]), tuple(STORED["stratum"])
    again = [arm_of(made, seed=STORED["seed"], stratum=stratum, place=k) for k in range(len(STORED["arms"]))]
    assert again == STORED["arms"]
