"""Obuchowski-Rockette for accuracy, against MRMCaov; degenerate studies."""

from dataclasses import replace

import numpy as np
import pytest

from readerstudy.statistics import mrmc, u_statistic
from tests.readerstudy.statistics import golden

FIELDS = ("difference", "se", "df", "ci_low", "ci_high", "p_value")
COMPONENTS = {
    "reader": "reader",
    "treatment_reader": "treatment_reader",
    "error": "Error",
    "cov1": "Cov1",
    "cov2": "Cov2",
    "cov3": "Cov3",
}


def same(found: object, expected: dict, rtol: float, fields: tuple[str, ...] = FIELDS) -> bool:
    pairs = [(getattr(found, field), expected[field]) for field in fields]
    return all((a is None and b is None) or (None not in (a, b) and a == pytest.approx(b, rel=rtol)) for a, b in pairs)


def complete_cases() -> list[tuple[dict, np.ndarray]]:
    """The golden accuracy sets that Obuchowski-Rockette takes, as aided then unaided."""
    found = []
    for case in golden.load("mrmc_binary.json")["cases"]:
        if "obuchowski_rockette" in case["expected"]:
            modalities, outcomes, _ = golden.cube(golden.records(case["input_csv"]), "modality", "correct")
            order = [modalities.index(name) for name in ("aided", "unaided")]
            found.append((case["expected"], outcomes[order]))
    return found


@pytest.mark.golden_statistics
@pytest.mark.parametrize("analysis", ["rrrc", "frrc", "rrfc"])
def test_a_difference_of_accuracies_is_that_of_the_reference_tool(analysis: str):
    rtol = golden.load("mrmc_binary.json")["tolerance"]["rtol"]
    for expected, outcomes in complete_cases():
        wanted = expected["obuchowski_rockette"][analysis.upper()]
        assert same(mrmc.obuchowski_rockette(outcomes, analysis=analysis), wanted, rtol)
        flipped = outcomes.copy()
        flipped[0, 0, 0] = 1 - flipped[0, 0, 0]
        assert not same(mrmc.obuchowski_rockette(flipped, analysis=analysis), wanted, rtol), "one reading flipped"


@pytest.mark.golden_statistics
def test_components_and_single_modalities_are_those_of_the_reference_tool():
    rtol = golden.load("mrmc_binary.json")["tolerance"]["rtol"]
    for expected, outcomes in complete_cases():
        fitted, wanted = mrmc.accuracy_fit(outcomes), expected["obuchowski_rockette"]
        for ours, theirs in COMPONENTS.items():
            assert getattr(fitted.components, ours) == pytest.approx(wanted["components"][theirs], rel=rtol)
        for modality, single in enumerate(wanted["single"]):
            found = mrmc.single(fitted, modality)
            assert found.value == pytest.approx(single["estimate"], rel=rtol)
            assert same(found, single, rtol, ("se", "df", "ci_low", "ci_high"))
        fewer = mrmc.accuracy_fit(outcomes[:, 1:])
        assert fewer.components.error != pytest.approx(wanted["components"]["Error"], rel=rtol), "a reader dropped"


@pytest.mark.golden_statistics
def test_the_variance_equals_that_of_the_u_statistic_where_cov2_is_not_below_cov3():
    for _, outcomes in complete_cases():
        components = mrmc.accuracy_fit(outcomes).components
        if components.cov2 < components.cov3:
            continue
        ours = mrmc.obuchowski_rockette(outcomes).se
        assert ours == pytest.approx(u_statistic.compare_accuracy(outcomes[0], outcomes[1]).se, rel=1e-9)


@pytest.mark.golden_statistics
def test_degenerate_studies_give_what_can_be_given_and_the_reason():
    for case in golden.load("degenerate.json")["cases"]:
        if not case["call"].startswith("obuchowski_rockette"):
            continue
        found = mrmc.obuchowski_rockette(np.array(case["outcomes"], dtype=float))
        for field, expected in case["expected"].items():
            if field == "reason":
                assert expected in found.reason, case["call"]
            else:
                assert getattr(found, field) == (expected if expected is None else pytest.approx(expected)), case[
                    "call"
                ]


def test_gaps_are_refused_unless_complete_cases_are_asked_for():
    outcomes = np.random.default_rng(1).integers(0, 2, (2, 4, 12)).astype(float)
    outcomes[0, 1, 3] = outcomes[1, 2, 5] = np.nan
    with pytest.raises(ValueError, match="gaps"):
        mrmc.obuchowski_rockette(outcomes)
    found = mrmc.obuchowski_rockette(outcomes, complete="cases")
    kept = np.delete(outcomes, [3, 5], axis=2)
    assert found.cases == 10 and "2 cases not read by all readers were left out" in found.reason
    assert replace(found, reason=None) == mrmc.obuchowski_rockette(kept)


def test_the_same_shift_for_every_reader_is_no_variation_despite_rounding():
    before = np.tile(np.array([0, 1, 0, 1, 1, 0, 1, 1, 0, 1.0]), (3, 1))
    found = mrmc.obuchowski_rockette(np.stack([np.ones_like(before), before]), analysis="rrfc")
    assert found.se == 0 and found.p_value is None and "no variation" in found.reason


def test_the_logit_interval_stays_inside_and_falls_back_to_the_exact_one_on_cases():
    outcomes = np.ones((1, 5, 40))
    exact = mrmc.logit_interval(mrmc.single(mrmc.accuracy_fit(outcomes), 0), cases=40)
    assert exact.method == "clopper_pearson_cases" and exact.ci_high == 1 and 0.9 < exact.ci_low < 1
    outcomes[0, 0, 0] = 0
    logit = mrmc.logit_interval(mrmc.single(mrmc.accuracy_fit(outcomes), 0), cases=40)
    assert logit.method == "obuchowski_rockette_logit" and logit.ci_low < logit.value < logit.ci_high < 1


@pytest.mark.parametrize(
    ("outcomes", "reason"),
    [(np.ones((2, 3)), "modalities x readers x cases"), (np.full((2, 3, 4), 0.5), "0, 1"), (np.ones((1, 3, 4)), "one")],
)
def test_what_is_no_table_of_outcomes_is_refused(outcomes: np.ndarray, reason: str):
    with pytest.raises(ValueError, match=reason):
        mrmc.obuchowski_rockette(outcomes)
