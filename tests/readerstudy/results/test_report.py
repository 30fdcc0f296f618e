"""The report as outside tools read it: its form, its rules, and studies that lack something."""

import json
import time
from dataclasses import replace

import pytest

from readerstudy.results.report import report
from readerstudy.table import Row, Status
from tests.readerstudy.results.readings import study

CONTRACT = {
    "accuracy": "round modality group dataset reader readers cases readings correct accuracy ci_low ci_high ci_method",
    "change": "from_round to_round group dataset difference se df ci_low ci_high p_value method analysis reason",
    "ai_alone": "dataset cases correct accuracy ci_low ci_high readers_beaten readers_tied readers",
    "agreement": "round group dataset statistic value se ci_low ci_high raters subjects",
    "timing": "round group readings timeouts median_ms q1_ms q3_ms",
}
MRMC = "difference se df ci_low ci_high p_value readers_random cases_random analysis components reason"
RATES = (
    "switch_rate changed_rate followed_wrong_ai rescue harm over_reliance under_reliance "
    "relative_ai_reliance relative_self_reliance"
)
VALUES = ("accuracy", "difference", "value", "ci_low", "median_ms")


def find(rows: list[dict], **wanted: object) -> dict:
    (row,) = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    return row


def without_reason(node: object, path: str = "") -> list[str]:
    """Where a value is None though nothing says why."""
    if isinstance(node, list):
        return [place for at, one in enumerate(node) for place in without_reason(one, f"{path}[{at}]")]
    if not isinstance(node, dict):
        return []
    found = [place for name, one in node.items() for place in without_reason(one, f"{path}.{name}")]
    if "reason" in node and not node["reason"] and any(name in node and node[name] is None for name in VALUES):
        found.append(path)
    return found


@pytest.fixture(scope="module")
def plain() -> dict:
    return report(study())


def test_every_list_has_the_fields_of_the_contract(plain: dict):
    assert plain["schema"] == "dermino.analysis/1"
    for name, fields in CONTRACT.items():
        assert plain[name] and all(set(fields.split()) <= set(row) for row in plain[name]), name
    for analysis in ("obuchowski_rockette", "u_statistic"):
        assert set(MRMC.split()) <= set(plain["mrmc"][analysis])
    assert {"pairs", "ai_wrong_cases", "table"} <= set(plain["reliance"])
    for rate in RATES.split():
        assert set(plain["reliance"][rate]) >= {"value", "ci_low", "ci_high", "n", "reason"}


def test_accuracy_has_each_group_with_each_data_set_and_each_reader_with_each_data_set(plain: dict):
    keys = [(row["round"], row["group"], row["dataset"], row["reader"]) for row in plain["accuracy"]]
    groups, datasets = ("all", "[0,3)", "[3,5)", "[5,inf)"), ("all", "A", "B")
    expected = {(number, group, dataset, "all") for number in (1, 2) for group in groups for dataset in datasets}
    expected |= {(number, "all", dataset, f"r{j}") for number in (1, 2) for dataset in datasets for j in range(9)}
    assert set(keys) == expected and len(keys) == len(expected)


def test_the_interval_is_of_readers_and_cases_when_pooled_and_wilsons_for_one_reader(plain: dict):
    for row in plain["accuracy"]:
        assert row["ci_method"] == ("obuchowski_rockette_logit" if row["reader"] == "all" else "wilson")


def test_kappa_is_pooled_over_data_sets_only_where_they_share_one_class_list(plain: dict):
    pooled = find(plain["agreement"], round=1, group="all", dataset="all", statistic="fleiss_kappa")
    assert pooled["value"] is None and "different class lists" in pooled["reason"]
    assert find(plain["agreement"], round=1, group="all", dataset="all", statistic="percent")["value"] is not None
    one_list = report([row for row in study() if row.dataset == "A"])
    assert (
        find(one_list["agreement"], round=1, group="all", dataset="all", statistic="fleiss_kappa")["value"] is not None
    )


def test_the_report_is_json_and_the_same_for_the_same_seed_and_any_order_of_rows(plain: dict):
    text = json.dumps(plain, allow_nan=False)
    assert json.dumps(report(list(reversed(study())))) == text
    assert json.dumps(report(study(), seed=1)) != text


def test_a_timeout_is_wrong_by_default_and_left_out_when_asked():
    rows = [
        replace(row, status=Status.TIMEOUT, answer=None, time_ms=None)
        if (row.reader, row.case) == ("r0", "c00")
        else row
        for row in study()
    ]
    counted, left_out = report(rows), report(rows, timeouts="exclude")
    of_reader = {"round": 1, "group": "all", "dataset": "all", "reader": "r0"}
    assert find(counted["accuracy"], **of_reader)["readings"] == 16
    assert find(left_out["accuracy"], **of_reader)["readings"] == 15
    assert find(counted["timing"], round=1, group="all")["timeouts"] == 1
    assert find(counted["status_counts"], round=1)["timeout"] == 1
    assert counted["agreement"] == left_out["agreement"], "a time-out is a missing rating under either rule"


def test_a_missing_reading_is_left_out_and_the_change_comes_from_the_u_statistic():
    rows = [
        replace(row, status=Status.TECHNICAL, answer=None)
        if (row.reader, row.case, row.round) == ("r1", "c03", 2)
        else row
        for row in study()
    ]
    found = report(rows)
    assert find(found["accuracy"], round=2, group="all", dataset="all", reader="all")["readings"] == 143
    assert find(found["change"], group="all", dataset="all")["method"] == "u_statistic_joint_bdg"
    assert "1 cases not read by all readers" in found["mrmc"]["obuchowski_rockette"]["reason"]
    assert found["reliance"]["pairs"] == 143


def test_a_reader_without_years_counts_in_all_only_and_is_named():
    found = report(study(years=(0, None, 4)))
    readers = {
        row["group"]: row["readers"]
        for row in found["accuracy"]
        if (row["round"], row["dataset"], row["reader"]) == (1, "all", "all")
    }
    assert readers == {"all": 3, "[0,3)": 1, "[3,5)": 1, "[5,inf)": 0}
    assert any("r1" in note["text"] for note in found["notes"] if note["section"] == "groups")


def test_other_groups_are_cut_where_asked():
    found = report(study(years=(0, 2, 9)), groups=(0, 5))
    assert found["settings"]["groups"] == ["[0,5)", "[5,inf)"]
    assert find(found["accuracy"], round=1, group="[0,5)", dataset="all", reader="all")["readers"] == 2


def test_holm_adjusts_over_the_data_sets_and_over_the_groups(plain: dict):
    for name in ("dataset", "group"):
        other = "group" if name == "dataset" else "dataset"
        rows = [row for row in plain["change"] if row[name] != "all" and row[other] == "all"]
        assert all(row["p_value_holm"] >= row["p_value"] for row in rows)
    assert find(plain["change"], group="all", dataset="all")["p_value_holm"] is None


@pytest.mark.parametrize(
    "rows",
    [
        study(rounds=("unaided",)),
        study(years=(2,)),
        study(ai=False),
        study(years=(None, None)),
        study(cases=1),
        study(years=(2,), cases=1),
        study(rounds=("unaided", "unaided")),
        study(rounds=("unaided", "aided", "aided_faulty")),
        [replace(row, status=Status.TIMEOUT, answer=None, time_ms=None) for row in study()],
        [replace(row, status=Status.MISSING, answer=None, time_ms=None) for row in study()],
        [row for row in study() if (row.reader, row.round) != ("r0", 2)],
        [row for row in study() if row.round == 1 or row.reader == "r0"],
        [replace(row, answer=row.truth) for row in study()],
        [replace(row, session="am") for row in study()] + [replace(row, session="pm") for row in study()],
    ],
    ids=[
        "one round", "one reader", "no AI", "no experience", "one case", "one reader, one case", "control only",
        "three rounds", "time-outs only", "nothing read", "a reader without round 2", "round 2 just begun", "all right",
        "read twice",
    ],
)  # fmt: skip
@pytest.mark.parametrize("timeouts", ["incorrect", "exclude"])
def test_a_study_that_lacks_something_gives_a_report_with_reasons(rows: list[Row], timeouts: str):
    found = report(rows, timeouts=timeouts)
    json.dumps(found, allow_nan=False)
    assert without_reason(found) == []


def test_what_is_no_study_is_refused_with_the_way_out():
    with pytest.raises(ValueError, match="no readings"):
        report([])
    with pytest.raises(ValueError, match="2 studies"):
        report([*study(), replace(study()[0], study="t")])
    with pytest.raises(ValueError, match="bounds must rise"):
        report(study(), groups=(5, 3))
    with pytest.raises(ValueError, match="incorrect or exclude"):
        report(study(), timeouts="ignore")


def test_different_ai_answers_by_arm_are_not_counted_as_one_ai():
    rows = [replace(row, ai_answer="other") if row.reader == "r0" else row for row in study()]
    found = report(rows)["ai_alone"][0]
    assert found["accuracy"] is None and "different AI answers" in found["reason"]


def test_a_study_of_the_papers_size_takes_about_a_second():
    rows = study(years=tuple(j % 8 for j in range(23)), cases=119)

    def seconds() -> float:
        began = time.process_time()
        report(rows)
        return time.process_time() - began

    # about 0.7 s of an idle core; ten times that means that something is no longer an array operation
    assert min(seconds() for _ in range(2)) < 7
