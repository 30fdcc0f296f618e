"""The two-way bootstrap."""

import numpy as np
import pytest

from readerstudy.statistics.resampling import exact_variance, percentile, ratio_interval, totals, two_way_draws
from tests.readerstudy.statistics import golden


def test_each_stratum_keeps_its_size_in_every_replicate():
    draws = two_way_draws(["a", "b", "a"], ["x"] * 3 + ["y"] * 2, seed=3, replicates=200)
    assert (draws.readers_BJ[:, [0, 2]].sum(axis=1) == 2).all() and (draws.readers_BJ[:, 1] == 1).all()
    assert (draws.cases_BK[:, 3:].sum(axis=1) == 2).all()


def test_the_same_seed_draws_the_same_and_another_does_not():
    first, again, other = (two_way_draws(["a"] * 5, ["x"] * 9, seed=seed).readers_BJ for seed in (1, 1, 2))
    assert (first == again).all() and (first != other).any()


@pytest.mark.golden_statistics
def test_its_variance_converges_to_the_exact_one():
    for case in golden.load("mrmc_binary.json")["cases"]:
        exact = case["expected"].get("two_way_bootstrap_exact_variance")
        if exact is None:
            continue
        modalities, outcomes, _ = golden.cube(golden.records(case["input_csv"]), "modality", "correct")
        by_name = dict(zip(modalities, outcomes, strict=True))
        by_name["difference"] = by_name["aided"] - by_name["unaided"]
        for name, expected in exact.items():
            values = by_name[name]
            assert exact_variance(values) == pytest.approx(expected, rel=1e-8)
            readers, cases = values.shape
            draws = two_way_draws(["a"] * readers, ["x"] * cases, seed=0, replicates=20_000)
            assert totals(values, draws).var() / values.size**2 == pytest.approx(expected, rel=0.05)


def test_too_many_replicates_without_a_value_give_no_interval_and_the_reason():
    numerator, denominator = np.zeros((4, 30)), np.zeros((4, 30))
    denominator[0, 0] = 1  # drawn in about 40 % of the replicates only
    found = ratio_interval(numerator, denominator, two_way_draws(["a"] * 4, ["x"] * 30, seed=1))
    assert found.low is None and found.undefined > 0 and "too few readings" in found.reason


def test_few_replicates_without_a_value_are_left_out_and_counted():
    values = np.linspace(0, 1, 1000)
    values[:10] = np.nan
    found = percentile(values)
    assert found.undefined == 10 and 0.02 < found.low < 0.04
