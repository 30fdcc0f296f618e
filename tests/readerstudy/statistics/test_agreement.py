"""Agreement coefficients, against irrCAC, irr and krippendorff; the bootstrap beside."""

import numpy as np
import pytest

from readerstudy.statistics import agreement
from readerstudy.statistics.resampling import Draws, two_way_draws
from tests.readerstudy.statistics import golden

WITH_SE = {
    "percent": agreement.percent_agreement,
    "fleiss": agreement.fleiss_kappa,
    "gwet": agreement.gwet_ac1,
}


def codes(ratings: list[list]) -> np.ndarray:
    used = sorted({value for row in ratings for value in row if value is not None})
    return np.array([[-1 if value is None else used.index(value) for value in row] for row in ratings])


@pytest.mark.golden_statistics
@pytest.mark.parametrize("name", WITH_SE)
def test_values_and_standard_errors_are_those_of_the_reference_tool(name: str):
    values = golden.load("kappa_many_raters.json")
    near = {"abs": values["tolerance"]["irrcac_atol"]}
    for case in values["cases"]:
        expected, table = case["expected"]["nominal"][name], codes(case["ratings"])
        found = WITH_SE[name](agreement.ratings(table))
        assert (found.value, found.se) == pytest.approx((expected["value"], expected["se"]), **near), case["name"]
        other = WITH_SE[name](agreement.ratings(table[:, 1:]))
        assert (other.value, other.se) != pytest.approx((expected["value"], expected["se"]), **near), case["name"]


@pytest.mark.golden_statistics
def test_fleiss_standard_error_under_the_null_needs_as_many_ratings_everywhere():
    values = golden.load("kappa_many_raters.json")
    for case in values["cases"]:
        found, expected = agreement.fleiss_null_se(agreement.ratings(codes(case["ratings"]))), case["expected"]
        if expected["fleiss_null_se"] is None:
            assert found is None, case["name"]
        else:
            assert found == pytest.approx(expected["fleiss_null_se"], rel=values["tolerance"]["others_rtol"])


@pytest.mark.golden_statistics
def test_conger_light_and_krippendorff_are_those_of_the_reference_tools():
    values = golden.load("kappa_many_raters.json")
    rtol, atol = values["tolerance"]["others_rtol"], values["tolerance"]["irrcac_atol"]
    for case in values["cases"]:
        expected, rated = case["expected"], agreement.ratings(codes(case["ratings"]))
        alpha = expected["krippendorff_alpha"]["nominal"]
        assert agreement.krippendorff_alpha(rated).value == pytest.approx(alpha, rel=rtol)
        assert agreement.conger_kappa(rated).value == pytest.approx(expected["nominal"]["conger"]["value"], abs=atol)
        if expected.get("light") is not None:
            assert agreement.mean_cohen_kappa(rated).value == pytest.approx(expected["light"], rel=rtol)


@pytest.mark.golden_statistics
def test_degenerate_ratings_give_no_value_and_the_reason():
    coefficients = {
        "fleiss_kappa": agreement.fleiss_kappa,
        "gwet_ac1": agreement.gwet_ac1,
        "krippendorff_alpha": agreement.krippendorff_alpha,
    }
    for case in golden.load("degenerate.json")["cases"]:
        named = [name for name in coefficients if name in case["call"]]
        if "ratings" not in case:
            continue
        rated = agreement.ratings(codes(case["ratings"]))
        for name in named:
            found = coefficients[name](rated)
            assert (found.value, found.reason) == (None, case["expected"]["reason"])
        if "percent" in case["expected"]:
            assert agreement.percent_agreement(rated).value == case["expected"]["percent"]


def test_drawing_everybody_once_gives_the_estimates_themselves():
    table = np.random.default_rng(5).integers(-1, 3, (12, 6))
    rated = agreement.ratings(table)
    replicates = agreement.bootstrap(rated, Draws(np.ones((1, 6)), np.ones((1, 12))))
    assert replicates["percent"][0] == pytest.approx(agreement.percent_agreement(rated).value)
    assert replicates["fleiss_kappa"][0] == pytest.approx(agreement.fleiss_kappa(rated).value)
    assert replicates["gwet_ac1"][0] == pytest.approx(agreement.gwet_ac1(rated).value)


def test_a_reader_drawn_twice_does_not_agree_with_itself():
    table = np.array([[0, 1, 0], [1, 0, 0], [0, 1, 1]])
    rated = agreement.ratings(table)
    twice = agreement.bootstrap(rated, Draws(np.array([[2.0, 1, 0]]), np.ones((1, 3))))
    assert twice["percent"][0] == 0, "the first two readers never agree"


def test_subjects_that_nobody_rated_change_nothing():
    table = np.random.default_rng(6).integers(0, 3, (10, 4))
    with_gap = np.vstack([table[:5], np.full((1, 4), -1), table[5:]])
    assert agreement.fleiss_kappa(agreement.ratings(with_gap)) == agreement.fleiss_kappa(agreement.ratings(table))
    draws = two_way_draws(["a"] * 4, ["x"] * 11, seed=1, replicates=50)
    assert np.isfinite(agreement.bootstrap(agreement.ratings(with_gap), draws)["percent"]).any()
