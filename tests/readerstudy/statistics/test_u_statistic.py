"""One-shot U-statistics of accuracy in any design, against iMRMC."""

import numpy as np
import pytest

from readerstudy.statistics import u_statistic
from tests.readerstudy.statistics import golden
from tests.readerstudy.statistics.test_mrmc import same


def designs() -> list[tuple[dict, np.ndarray, np.ndarray]]:
    found = []
    for case in golden.load("mrmc_binary.json")["cases"]:
        modalities, outcomes, _ = golden.cube(golden.records(case["input_csv"]), "modality", "correct")
        found.append((case["expected"], outcomes[modalities.index("aided")], outcomes[modalities.index("unaided")]))
    return found


@pytest.mark.golden_statistics
def test_difference_variance_and_degrees_of_freedom_are_those_of_the_reference_tool():
    for expected, aided, unaided in designs():
        wanted = expected["imrmc_auc_trick"]
        found = u_statistic.compare_accuracy(aided, unaided)
        assert (found.difference, found.se**2, found.df) == pytest.approx(
            (wanted["difference"], wanted["variance"], wanted["df_bdg"]), rel=1e-7
        )
        assert same(found, wanted, 1e-6, ("ci_low", "ci_high", "p_value"))
        fewer = u_statistic.compare_accuracy(aided[1:], unaided[1:])
        assert fewer.se**2 != pytest.approx(wanted["variance"], rel=1e-7), "a reader dropped"


@pytest.mark.golden_statistics
def test_each_modalitys_variance_is_that_of_the_reference_tool():
    rtol = golden.load("mrmc_binary.json")["tolerance"]["rtol"]
    for expected, *pair in designs():
        for outcomes, mean, variance in zip(
            pair, expected["u_statistic_joint"]["mean"], expected["u_statistic_joint"]["variance"], strict=False
        ):
            found = u_statistic.accuracy(outcomes)
            assert (found.value, found.se**2) == pytest.approx((mean, variance), rel=rtol)


@pytest.mark.golden_statistics
def test_moments_and_coefficients_are_those_of_the_reference_tool():
    rtol = golden.load("mrmc_binary.json")["tolerance"]["rtol"]
    kinds = ("c1r1", "c0r1", "c1r0", "c0r0")  # same case and reader, same reader, same case, neither
    for expected, aided, unaided in designs():
        of_pair = u_statistic.moments(aided, unaided)
        # the tool lists aided x aided, unaided x unaided, aided x unaided in an order of its own: compare as a set
        rows = expected["u_statistic_joint"]
        listed = [[row[kind] for kind in kinds] for row in rows["coefficients"]]
        assert any(of_pair.coefficients == pytest.approx(row, rel=rtol) for row in listed)
        moments = [[row[kind] for kind in kinds] for row in rows["moments"]]
        assert any(of_pair.moments == pytest.approx(row, rel=rtol) for row in moments)


@pytest.mark.parametrize("shape", [(1, 8), (8, 1)])
def test_one_reader_or_one_case_has_no_variance(shape: tuple[int, int]):
    outcomes = np.random.default_rng(2).integers(0, 2, (2, *shape)).astype(float)
    found = u_statistic.compare_accuracy(outcomes[0], outcomes[1])
    assert found.difference is not None and found.se is None and "fewer than two" in found.reason
    assert u_statistic.accuracy(outcomes[0]).ci_low is None


def test_no_readings_give_no_value():
    empty = np.full((2, 3), np.nan)
    assert u_statistic.compare_accuracy(empty, empty).reason == "no readings"
    assert u_statistic.accuracy(empty).value is None


def test_a_negative_variance_gives_no_standard_error():
    # readers disagree more within a case than between cases
    first = np.array([[1.0, 0], [0, 1]])
    found = u_statistic.compare_accuracy(first, 1 - first)
    assert found.se is None and found.reason == "the estimated variance is negative"
