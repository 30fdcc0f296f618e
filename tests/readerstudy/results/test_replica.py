"""The report of the published study's replica, and of a study with gaps, against independent tools."""

from dataclasses import replace
from typing import Any

import pytest

from readerstudy.results.report import report
from readerstudy.statistics.reliance import FEW_CASES, FEW_READINGS
from readerstudy.table import Row, Status, read_table
from tests.readerstudy.results.test_report import find
from tests.readerstudy.statistics import golden

pytestmark = pytest.mark.golden_statistics
NUMBERS = ("difference", "se", "df", "ci_low", "ci_high", "p_value")


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    return golden.load("replica.json")


@pytest.fixture(scope="module")
def rows(expected: dict[str, Any]) -> tuple[Row, ...]:
    return read_table(golden.path(expected["input_csv"])).rows


@pytest.fixture(scope="module")
def groups(expected: dict[str, Any]) -> tuple[float, ...]:
    """The lower bounds of the groups that the golden values name."""
    names = {one["group"] for one in expected["expected"]["counts"]} - {"all"}
    return tuple(sorted(float(name.strip("[)").split(",")[0]) for name in names))


@pytest.fixture(scope="module")
def found(rows: tuple[Row, ...], groups: tuple[float, ...]) -> dict[str, Any]:
    return report(rows, groups=groups)


@pytest.fixture(scope="module")
def moved(rows: tuple[Row, ...], groups: tuple[float, ...]) -> dict[str, Any]:
    """The same study with ten answers changed."""
    return report(with_ten_answers_changed(rows), groups=groups)


def with_ten_answers_changed(rows: tuple[Row, ...]) -> list[Row]:
    """Ten right second-round answers of ten readers become the answer that the AI did not give, and take longer."""
    chosen = {}
    for row in rows:
        if row.round == 2 and row.correct and row.reader not in chosen and len(chosen) < 10:
            chosen[row.reader] = row.key
    labels = {row.dataset: sorted({one.truth for one in rows if one.dataset == row.dataset}) for row in rows}
    return [
        replace(
            row,
            answer=next(label for label in labels[row.dataset] if label != row.truth),
            time_ms=row.time_ms + 9_000,
        )
        if row.key == chosen.get(row.reader)
        else row
        for row in rows
    ]


def near(value: float | None, tolerance: float) -> Any:
    return None if value is None else pytest.approx(value, rel=tolerance)


def test_counts_are_those_of_the_paper(expected: dict, found: dict):
    for one in expected["expected"]["counts"]:
        row = find(found["accuracy"], reader="all", **{name: one[name] for name in ("round", "group", "dataset")})
        for name in ("readers", "cases", "readings", "correct"):
            assert row[name] == one[name], one
        assert row["accuracy"] == pytest.approx(one["correct"] / one["readings"])


def test_changes_and_their_tests_are_those_of_the_reference_tool(expected: dict, found: dict):
    tolerance = expected["tolerance"]["change_rtol"]
    for one in expected["expected"]["change"]:
        row = find(found["change"], group=one["group"], dataset=one["dataset"])
        for name in NUMBERS:
            assert row[name] == near(one["RRRC"][name], tolerance), (one["group"], one["dataset"], name)
        for single in one["accuracy"]:
            row = find(
                found["accuracy"], reader="all", round=single["round"], group=one["group"], dataset=one["dataset"]
            )
            assert row["accuracy"] == near(single["accuracy"], tolerance)
            assert row["ci_low"] == near(single["ci_low_logit"], tolerance)
            assert row["ci_high"] == near(single["ci_high_logit"], tolerance)


def test_both_mrmc_analyses_are_those_of_the_reference_tools(expected: dict, found: dict):
    tolerance = expected["tolerance"]["change_rtol"]
    rockette = next(one for one in expected["expected"]["change"] if (one["group"], one["dataset"]) == ("all", "all"))
    for name in NUMBERS:
        assert found["mrmc"]["obuchowski_rockette"][name] == near(rockette["RRRC"][name], tolerance)
        for beside in found["mrmc"]["beside"][:2]:
            assert beside[name] == near(rockette[beside["analysis"].upper()][name], tolerance)
    wanted = next(one for one in expected["expected"]["u_statistic"] if one["dataset"] == "all")
    ours = found["mrmc"]["u_statistic"]
    assert (ours["se"], ours["df"]) == pytest.approx((wanted["se"], wanted["df_bdg"]), rel=tolerance)
    assert (ours["ci_low"], ours["ci_high"]) == pytest.approx((wanted["ci_low"], wanted["ci_high"]), rel=tolerance)


def test_the_ai_alone_is_counted_with_the_readers_that_it_beats(expected: dict, found: dict):
    for one in expected["expected"]["ai_alone"]:
        row = find(found["ai_alone"], dataset=one["dataset"])
        for name in ("cases", "correct", "readers_beaten", "readers_tied", "readers"):
            assert row[name] == one[name]
        assert (row["ci_low"], row["ci_high"]) == pytest.approx(tuple(one["wilson"]))


def test_agreement_is_that_of_the_reference_tools(expected: dict, found: dict):
    tolerance = expected["tolerance"]["agreement_rtol"]
    for one in expected["expected"]["agreement"]:
        for statistic in (
            "percent",
            "fleiss_kappa",
            "gwet_ac1",
            "conger_kappa",
            "krippendorff_alpha",
            "mean_cohen_kappa",
        ):
            row = find(found["agreement"], group="all", round=one["round"], dataset=one["dataset"], statistic=statistic)
            assert row["value"] == near(one[statistic]["value"], tolerance), (one["dataset"], statistic)
            if row["se"] is not None:
                assert row["se"] == near(one[statistic]["se"], tolerance), (one["dataset"], statistic)


def test_reliance_is_counted_over_all_and_by_data_set(expected: dict, found: dict):
    overall = expected["expected"]["reliance"]
    by_dataset = [(found["reliance"]["by_dataset"][name], one) for name, one in overall["by_dataset"].items()]
    for ours, wanted in [(found["reliance"], overall), *by_dataset]:
        assert ours["pairs"] == wanted["pairs"] and ours["table"] == wanted["table"]
        assert ours["ai_wrong_readings"] == wanted["ai_wrong_pairs"]
        for name in (
            "switch_rate", "changed_rate", "relative_ai_reliance", "relative_self_reliance", "over_reliance",
            "under_reliance",
        ):  # fmt: skip
            assert ours[name]["value"] == near(wanted[name], 1e-9), name
        assert ours["switch_rate"]["n"] == wanted["initial_disagreements"]
        assert (ours["rescue"]["count"], ours["harm"]["count"]) == (wanted["rescue"]["count"], wanted["harm"]["count"])
    wrong = f"{found['reliance']['ai_wrong_cases']} cases, {overall['ai_wrong_pairs']} readings"
    few = overall["ai_wrong_pairs"] < FEW_READINGS or found["reliance"]["ai_wrong_cases"] < FEW_CASES
    assert (wrong in (found["reliance"]["warning"] or "")) == few


def test_times_are_counted(expected: dict, found: dict):
    for one in expected["expected"]["timing"]:
        row = find(found["timing"], round=one["round"], group=one["group"])
        assert all(row[name] == one[name] for name in one)


def test_ten_changed_answers_move_every_number_that_they_touch(found: dict, moved: dict):
    def number(of: dict, path: str, **where: object) -> tuple:
        row = find(of[path], **where)
        return tuple(value for name, value in row.items() if isinstance(value, float) and name not in where)

    everywhere = {"group": "all", "dataset": "all"}
    for report_list, where in (
        ("accuracy", {"round": 2, "reader": "all", **everywhere}),
        ("change", everywhere),
        ("agreement", {"round": 2, "statistic": "percent", **everywhere}),
        ("timing", {"round": 2, "group": "all"}),
    ):
        before, after = number(found, report_list, **where), number(moved, report_list, **where)
        assert before and len(before) == len(after)
        assert all(a != b for a, b in zip(before, after, strict=True)) or report_list == "timing", report_list
        assert before != after, report_list
    changed = find(moved["accuracy"], round=2, reader="all", **everywhere)["correct"]
    assert changed == find(found["accuracy"], round=2, reader="all", **everywhere)["correct"] - 10
    for name in ("difference", "se", "df", "ci_low", "ci_high", "p_value"):
        for analysis in ("obuchowski_rockette", "u_statistic"):
            assert moved["mrmc"][analysis][name] != found["mrmc"][analysis][name], (analysis, name)
    assert moved["reliance"]["table"] != found["reliance"]["table"]
    assert moved["reliance"]["rescue"]["count"] - moved["reliance"]["harm"]["count"] == (
        found["reliance"]["rescue"]["count"] - found["reliance"]["harm"]["count"] - 10
    )
    assert moved["sensitivity"][0]["rounds"][1]["correct"] == found["sensitivity"][0]["rounds"][1]["correct"] - 10
    of_readers = [
        (a["correct"], b["correct"])
        for a, b in zip(found["accuracy"], moved["accuracy"], strict=True)
        if a["reader"] != "all" and a["round"] == 2 and a["dataset"] == "all"
    ]
    assert sum(a - b for a, b in of_readers) == 10 and sum(a != b for a, b in of_readers) == 10


def test_what_ten_changed_answers_do_not_touch_stays(found: dict, moved: dict):
    first_round = [row for row in found["accuracy"] if row["round"] == 1]
    assert first_round == [row for row in moved["accuracy"] if row["round"] == 1]
    assert found["ai_alone"] == moved["ai_alone"]


RULES = {
    "default": ("timeouts_incorrect", "complete_cases"),
    "exclude_timeouts": ("timeouts_excluded", "timeouts_excluded_complete_cases"),
    "all_missing_incorrect": ("all_missing_incorrect", "all_missing_incorrect"),
}


@pytest.mark.parametrize("rule", RULES)
def test_a_study_with_gaps_is_counted_under_each_rule(rule: str):
    values = golden.load("readings_with_gaps.json")
    tolerance, wanted = values["tolerance"]["rtol"], values["expected"][rule]
    found = report(read_table(golden.path(values["input_csv"])).rows)
    of_rule, complete = (find(found["sensitivity"], rule=name) for name in RULES[rule])
    for ours, theirs in zip(of_rule["rounds"], wanted["rounds"], strict=True):
        assert (ours["readings"], ours["correct"]) == (theirs["readings"], theirs["correct"])
    joint = wanted["u_statistic_joint"]
    assert of_rule["difference"] == near(joint["difference"], tolerance)
    assert of_rule["se"] ** 2 == near(joint["variance"][2], tolerance)
    for name in NUMBERS:
        assert complete[name] == near(wanted["obuchowski_rockette_complete_cases"][name], tolerance), name
    assert complete["cases"] == wanted["complete_cases"]


def test_status_is_counted_by_round():
    values = golden.load("readings_with_gaps.json")
    found = report(read_table(golden.path(values["input_csv"])).rows)
    for row in found["status_counts"]:
        assert {status.value: row[status.value] for status in Status} == values["expected"]["status_counts"][
            f"round{row['round']}"
        ]
