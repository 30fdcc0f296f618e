"""Areas under the curve with Obuchowski-Rockette, against MRMCaov; DeLong's degenerate cases."""

import numpy as np
import pytest

from readerstudy.statistics import mrmc, roc
from tests.readerstudy.statistics import golden
from tests.readerstudy.statistics.test_mrmc import COMPONENTS, same


def rated(case: dict) -> tuple[list[str], np.ndarray, np.ndarray]:
    rows = golden.records(case["input_csv"])
    modalities, scores, cases = golden.cube(rows, "treatment", "rating")
    truth = {row["case"]: int(row["truth"]) for row in rows}
    return modalities, scores, np.array([truth[name] for name in cases])


def analysed() -> list[dict]:
    values = golden.load("mrmc_auc.json")
    return [case for case in values["cases"] if "obuchowski_rockette" in case["expected"]]


@pytest.mark.golden_statistics
def test_areas_are_those_of_the_reference_tool():
    rtol = golden.load("mrmc_auc.json")["tolerance"]["rtol"]
    for case in analysed():
        modalities, scores, truth = rated(case)
        readers = sorted({row["reader"] for row in golden.records(case["input_csv"])})
        for row in case["expected"]["auc"]:
            curve = scores[modalities.index(str(row["treatment"])), readers.index(str(row["reader"]))]
            assert roc.auc(curve, truth).value == pytest.approx(row["auc"], rel=rtol)
            assert roc.auc(curve, 1 - truth).value != pytest.approx(row["auc"], rel=rtol), "truth turned round"


@pytest.mark.golden_statistics
@pytest.mark.parametrize("covariance", ["jackknife", "delong"])
@pytest.mark.parametrize("analysis", ["rrrc", "frrc", "rrfc"])
def test_a_difference_of_areas_is_that_of_the_reference_tool(covariance: str, analysis: str):
    rtol = golden.load("mrmc_auc.json")["tolerance"]["rtol"]
    for case in analysed():
        modalities, scores, truth = rated(case)
        expected = case["expected"]["obuchowski_rockette"][covariance]
        fitted = roc.auc_fit(scores, truth, covariance=covariance)
        fewer = roc.auc_fit(scores[:, 1:], truth, covariance=covariance)
        for wanted in expected[analysis.upper()]:
            pair = modalities.index(wanted["pair"][0]), modalities.index(wanted["pair"][1])
            assert same(mrmc.compare(fitted, pair=pair, analysis=analysis), wanted, rtol)
            assert not same(mrmc.compare(fewer, pair=pair, analysis=analysis), wanted, rtol), "a reader dropped"


@pytest.mark.golden_statistics
@pytest.mark.parametrize("covariance", ["jackknife", "delong"])
def test_components_and_single_modalities_are_those_of_the_reference_tool(covariance: str):
    rtol = golden.load("mrmc_auc.json")["tolerance"]["rtol"]
    for case in analysed():
        modalities, scores, truth = rated(case)
        expected = case["expected"]["obuchowski_rockette"][covariance]
        fitted = roc.auc_fit(scores, truth, covariance=covariance)
        for ours, theirs in COMPONENTS.items():
            assert getattr(fitted.components, ours) == pytest.approx(expected["components"][theirs], rel=rtol)
        for single in expected["single"]:
            found = mrmc.single(fitted, modalities.index(single["treatment"]))
            low, high = np.clip((found.ci_low, found.ci_high), 0, 1)  # the tool clips its own metrics
            assert (found.value, found.se, found.df) == pytest.approx(
                (single["estimate"], single["se"], single["df"]), rel=rtol
            )
            assert (low, high) == pytest.approx((single["ci_low"], single["ci_high"]), rel=rtol)


@pytest.mark.golden_statistics
def test_degenerate_curves_give_what_can_be_given_and_the_reason():
    for case in golden.load("degenerate.json")["cases"]:
        if not case["call"].startswith("auc,"):
            continue
        found, expected = roc.auc(case["score"], case["truth"]), case["expected"]
        assert found.value == expected["value"]
        assert "variance" not in expected or found.se**2 == expected["variance"]
        assert found.reason == expected.get("reason")


def test_the_jackknife_is_that_of_leaving_out_each_case():
    rng = np.random.default_rng(3)
    truth, scores = np.repeat([0, 1], [7, 5]), rng.integers(0, 6, (2, 12)).astype(float)
    areas = np.array([[roc.auc(np.delete(one, k), np.delete(truth, k)).value for k in range(12)] for one in scores])
    centred = areas - areas.mean(axis=1, keepdims=True)
    by_hand = 11 / 12 * centred @ centred.T
    assert roc.jackknife_covariance(roc.placements(scores, truth)) == pytest.approx(by_hand)


def test_one_case_of_a_class_has_no_variance():
    found = roc.auc([1, 2, 3], [0, 0, 1])
    assert found.value == 1 and found.se is None and "one case of a class" in found.reason


@pytest.mark.parametrize(
    ("scores", "truth", "reason"),
    [([[1, 2]], [0], "2 cases and truth 1"), ([[1, np.nan]], [0, 1], "gaps"), ([[1, 2]], [0, 2], "0 or 1")],
)
def test_what_is_no_table_of_scores_is_refused(scores: list, truth: list, reason: str):
    with pytest.raises(ValueError, match=reason):
        roc.placements(scores, truth)
