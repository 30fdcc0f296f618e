"""Reliance on the AI: the 2 x 2 x 2 table and its rates, against the definitions' golden values."""

import numpy as np
import pytest

from readerstudy.statistics import reliance
from readerstudy.statistics.reliance import CELLS, Pairs
from readerstudy.statistics.resampling import two_way_draws
from tests.readerstudy.statistics import golden


def pairs_of(counts: dict[str, int]) -> Pairs:
    """One reader, a case a pair; the truth is 0, a wrong reader says 1 and a wrong AI says 2."""
    cells = [cell for cell in CELLS for _ in range(counts[cell])]
    words = [cell.split("_") for cell in cells]

    def coded(place: int, wrong: int) -> np.ndarray:
        return np.array([[0 if word[place] == "right" else wrong for word in words]], dtype=int).reshape(1, -1)

    shape = (1, len(cells))
    return Pairs(np.ones(shape, dtype=bool), coded(0, 1), coded(1, 2), coded(2, 1), np.zeros(shape, dtype=int))


@pytest.mark.golden_statistics
def test_a_table_gives_the_golden_rates():
    values = golden.load("reliance.json")
    for case in values["cases"]:
        found = reliance.summary(case["table"])
        for name, expected in case["expected"].items():
            wanted = expected if expected is None else pytest.approx(expected, rel=values["tolerance"]["rtol"])
            assert getattr(found, name) == wanted, (case["name"], name)
        other = reliance.summary(case["table"] | {"wrong_right_right": case["table"]["wrong_right_right"] + 1})
        assert other.rescue != case["expected"]["rescue"], "one more rescue"


@pytest.mark.golden_statistics
def test_rates_from_readings_are_those_from_their_table():
    for case in golden.load("reliance.json")["cases"]:
        pairs, expected = pairs_of(case["table"]), reliance.summary(case["table"])
        assert reliance.table(pairs) == case["table"]
        rates = reliance.rates(pairs)
        for name in ("relative_ai_reliance", "relative_self_reliance", "over_reliance", "under_reliance"):
            wanted = getattr(expected, name)
            assert rates[name].value == (None if wanted is None else pytest.approx(wanted))
            assert rates[name].n > 0 or rates[name].reason
        assert (rates["rescue"].count, rates["harm"].count) == (expected.rescue, expected.harm)


@pytest.mark.golden_statistics
def test_an_ai_that_is_always_right_leaves_over_reliance_undefined_with_the_golden_reason():
    (wanted,) = [c["expected"] for c in golden.load("degenerate.json")["cases"] if c["call"].startswith("reliance")]
    rates = reliance.rates(pairs_of(dict.fromkeys(CELLS, 0) | {"wrong_right_right": 3}))
    for name in ("over_reliance", "relative_self_reliance"):
        assert (rates[name].value, rates[name].reason) == (wanted[name], wanted["reason"])


def test_rescue_less_harm_is_the_change_in_accuracy():
    rng = np.random.default_rng(8)
    pairs = Pairs(np.ones((6, 20), dtype=bool), *(rng.integers(0, 3, (6, 20)) for _ in range(4)))
    rates, (before, _, after) = reliance.rates(pairs), pairs.right
    assert rates["rescue"].value - rates["harm"].value == pytest.approx(after.mean() - before.mean())


def test_a_timeout_is_wrong_but_neither_a_switch_nor_a_change():
    code = np.array([[-1, 1, 1]])
    pairs = Pairs(
        np.ones((1, 3), dtype=bool), code, np.array([[0, 0, 0]]), np.array([[0, -1, 0]]), np.array([[0, 0, 0]])
    )
    rates = reliance.rates(pairs)
    assert (rates["switch_rate"].count, rates["switch_rate"].n) == (1, 1)
    assert (rates["changed_rate"].count, rates["changed_rate"].n) == (1, 1)
    assert rates["relative_ai_reliance"].n == 3 and rates["relative_ai_reliance"].count == 2


def test_following_a_wrong_ai_means_giving_its_answer():
    wrong = Pairs(
        usable=np.ones((1, 3), dtype=bool),
        before_code=np.array([[0, 1, 2]]),
        ai_code=np.array([[2, 2, 2]]),
        after_code=np.array([[2, 1, 2]]),
        truth_code=np.zeros((1, 3), dtype=int),
    )
    rates = reliance.rates(wrong)
    assert (rates["followed_wrong_ai"].count, rates["followed_wrong_ai"].n) == (2, 3)
    assert (rates["followed_wrong_ai_right_before"].count, rates["followed_wrong_ai_right_before"].n) == (1, 1)


def test_an_interval_holds_its_rate_and_rests_on_readers_and_cases():
    rng = np.random.default_rng(9)
    pairs = Pairs(np.ones((8, 40), dtype=bool), *(rng.integers(0, 3, (8, 40)) for _ in range(4)))
    draws = two_way_draws(["a"] * 8, ["x"] * 40, seed=1, replicates=400)
    for rate in reliance.rates(pairs, draws).values():
        assert rate.ci_low <= rate.value <= rate.ci_high and rate.method == "two_way_bootstrap_percentile"


def test_a_table_with_other_cells_is_refused():
    with pytest.raises(ValueError, match="right_right_right"):
        reliance.summary({"right": 3})
