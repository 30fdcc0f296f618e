"""The report of designs other than two crossed rounds: arms, blocks, batches, false aids, no truth."""

import json
from dataclasses import replace

import numpy as np
import pytest

from readerstudy.results.arms import NO_CONTROL
from readerstudy.results.context import Context, Excluded, QuestionValue, Rubric
from readerstudy.results.report import report
from readerstudy.table import Row, Status
from tests.readerstudy.results.readings import study
from tests.readerstudy.results.test_report import find, without_reason

SIZES = {"readers", "sessions", "cases", "readings"}


def sound(found: dict) -> dict:
    """A report that is JSON, with a reason wherever a value lacks."""
    json.dumps(found, allow_nan=False)
    assert without_reason(found) == []
    return found


def in_arms(rows: list[Row], arms: dict[str, str]) -> list[Row]:
    """Readers in arms; an arm's modality replaces `aided`, so that "unaided" makes it a control arm."""
    names = list(arms)
    return [
        replace(
            row,
            arm=(arm := names[int(row.reader[1:]) % len(names)]),
            modality=arms[arm] if row.modality == "aided" else row.modality,
        )
        for row in rows
    ]


def answered(rows: list[Row], right: object) -> list[Row]:
    """Each answer made right or wrong by `right(row)`."""
    wrong = {row.dataset: sorted({one.truth for one in rows if one.dataset == row.dataset}) for row in rows}
    return [
        replace(row, answer=row.truth if right(row) else next(w for w in wrong[row.dataset] if w != row.truth))
        for row in rows
    ]


def test_a_study_without_truth_reports_agreement_only_and_says_so():
    found = sound(report([replace(row, truth=None) for row in study()]))
    for section in ("accuracy", "change", "ai_alone", "sensitivity", "arms", "modalities", "top_k", "competitor"):
        assert found[section] == [], section
    assert "no reference diagnosis" in found["mrmc"]["obuchowski_rockette"]["reason"]
    assert "no reference diagnosis" in found["reliance"]["reason"] and found["reliance"]["pairs"] == 0
    assert any("agreement only" in note["text"] for note in found["notes"])
    with_truth = report(study())
    assert found["agreement"] == with_truth["agreement"] and found["timing"] == with_truth["timing"]


def test_a_case_without_truth_counts_in_agreement_only():
    rows = study()
    found = sound(report([replace(row, truth=None) if row.case == "c03" else row for row in rows]))
    without = report([row for row in rows if row.case != "c03"])
    assert found["change"] == without["change"] and found["sensitivity"] == without["sensitivity"]
    assert found["reliance"]["table"] == without["reliance"]["table"]
    pooled = {"round": 1, "group": "all", "dataset": "all", "reader": "all"}
    assert find(found["accuracy"], **pooled)["cases"] == 15
    assert find(found["agreement"], round=1, group="all", dataset="all", statistic="percent")["subjects"] == 16


def test_the_gain_of_the_aided_arm_is_set_against_the_control_arms():
    rows = in_arms(study(years=tuple(range(8)), cases=40), {"with_ai": "aided", "control": "unaided"})
    # from half right to all right with the AI, to three quarters right without
    quarter = {"with_ai": 4, "control": 3}
    rows = answered(rows, lambda row: int(row.case[1:]) % 4 < (2 if row.round == 1 else quarter[row.arm]))
    found = sound(report(rows))
    line = find(found["difference_of_differences"], group="all")
    assert (line["arm"], line["control"]) == ("with_ai", "control")
    assert line["change_arm"] == pytest.approx(0.5) and line["change_control"] == pytest.approx(0.25)
    assert line["difference"] == pytest.approx(0.25) and line["ci_low"] < 0.25 < line["ci_high"]
    assert (line["readers"], line["control_readers"], line["readings"]) == (4, 4, 160)
    arm = find(found["arms"], arm="control", round=2, modality="unaided", group="all")
    assert arm["value"] == pytest.approx(0.75) and arm["change"] == pytest.approx(0.25)
    before = [row for row in found["arms"] if (row["round"], row["group"]) == (1, "all")]
    assert [(row["arm"], row["readers"], row["readings"]) for row in before] == [
        ("control", 4, 160),
        ("with_ai", 4, 160),
    ]


def test_an_arms_accuracy_is_of_its_own_readers_where_all_read_alike_at_first():
    rows = in_arms(study(years=tuple(range(8)), cases=40), {"a": "aided", "b": "aided"})
    rows = answered(rows, lambda row: row.arm == "a")
    values = {(row["arm"], row["round"]): row["value"] for row in report(rows)["arms"] if row["group"] == "all"}
    assert values == {("a", 1): 1, ("a", 2): 1, ("b", 1): 0, ("b", 2): 0}


def test_without_a_control_arm_a_sentence_says_what_is_not_known():
    (line,) = report(study())["difference_of_differences"]
    assert line["difference"] is None and line["reason"] == NO_CONTROL


def by_block(rows: list[Row], right_aided: int) -> list[Row]:
    """One round; each reader reads half of the cases aided, the other half of the readers the other half."""
    rows = [
        replace(row, modality="aided" if (int(row.reader[1:]) + int(row.case[1:])) % 2 else "unaided")
        for row in rows
        if row.round == 1
    ]
    return answered(rows, lambda row: int(row.case[1:]) // 2 % 4 < (right_aided if row.modality == "aided" else 1))


def test_modalities_by_block_within_a_reader_are_compared_in_pairs():
    found = sound(report(by_block(study(years=tuple(range(8)), cases=40), right_aided=3)))
    line = find(found["modality_differences"], group="all")
    assert (line["round"], line["first"], line["second"]) == (1, "unaided", "aided")
    assert line["difference"] == pytest.approx(0.5) and line["readers"] == 8 and line["cases"] == 40
    assert find(found["modalities"], group="all", modality="aided")["value"] == pytest.approx(0.75)
    assert found["difference_of_differences"] == []


def test_a_crossover_is_pooled_over_its_rounds():
    rows = study(years=tuple(range(6)), cases=20)
    swap = {"aided": "unaided", "unaided": "aided"}
    rows = [replace(row, modality=swap[row.modality]) if int(row.reader[1:]) % 2 else row for row in rows]
    rows = answered(rows, lambda row: int(row.case[1:]) % 4 < (3 if row.modality == "aided" else 2))
    line = find(sound(report(rows))["modality_differences"], round="all", group="all")
    assert line["difference"] == pytest.approx(0.25 if line["second"] == "aided" else -0.25)
    assert line["readings"] == 6 * 20 * 2


def test_two_rounds_of_one_modality_each_need_no_table_of_modalities():
    found = report(study())
    assert found["modalities"] == [] and found["modality_differences"] == [] and found["arms"] == []


def ranked(rows: list[Row]) -> list[Row]:
    """Three names in round 1, five in round 2, the truth in the third place of each."""
    others = ("x1", "x2", "x3", "x4")
    return [
        replace(row, answer=others[0], answer_2=others[1], answer_3=row.truth)
        if row.round == 1
        else replace(
            row, answer=others[0], answer_2=row.truth, answer_3=others[1], answer_4=others[2], answer_5=others[3]
        )
        for row in rows
    ]


def test_top_k_is_given_at_the_same_k_in_every_round_with_the_mean_length_of_the_lists():
    found = sound(report(ranked(study())))["top_k"]
    at = {"group": "all", "equal_length": False}
    assert [find(found, round=1, k=k, **at)["value"] for k in (1, 2, 3)] == [0, 0, 1]
    assert [find(found, round=2, k=k, **at)["value"] for k in (1, 2, 3)] == [0, 1, 1]
    assert find(found, round=1, k=3, **at)["mean_list_length"] == 3
    assert find(found, round=2, k=3, **at)["mean_list_length"] == 5
    assert find(found, round=2, k=2, **at)["change"] == 1


def test_longer_lists_after_the_ai_are_cut_to_the_length_of_the_first():
    rows = [
        replace(
            row, answer="x1", answer_2="x2" if row.round == 2 else None, answer_3=row.truth if row.round == 2 else None
        )
        for row in study()
    ]
    found = report(rows)["top_k"]
    assert find(found, round=2, group="all", k=3, equal_length=False)["value"] == 1
    assert find(found, round=2, group="all", equal_length=True)["value"] == 0, "a longer list alone is no gain"


def test_management_is_graded_by_the_rubric_and_set_beside_the_ai_at_the_readers_point():
    actions = {"melanoma": "excise"}
    rows = [replace(row, management=actions.get(row.answer, "dismiss")) for row in study() if row.dataset == "A"]
    grades = {
        (truth, action): "optimal" if (truth == "melanoma") == (action == "excise") else "dangerous"
        for truth in ("nevus", "melanoma", "wart")
        for action in ("excise", "dismiss")
    }
    rubric = Rubric(grades, frozenset({"melanoma"}), frozenset({"excise"}))
    truth = {row.case: row.truth for row in rows}
    scores = {case: 0.9 if name == "melanoma" else 0.1 for case, name in truth.items()}
    found = sound(report(rows, context=Context(rubric=rubric, ai_scores=scores)))["management"]
    at = {"round": 1, "group": "all"}
    of_round = [row for row in rows if row.round == 1]
    right = sum(grades[row.truth, row.management] == "optimal" for row in of_round)
    assert find(found, measure="optimal", **at)["count"] == right
    assert find(found, measure="optimal", **at)["value"] + find(found, measure="dangerous", **at)["value"] == 1
    malignant = [row for row in of_round if row.truth == "melanoma"]
    sensitivity = sum(row.management == "excise" for row in malignant) / len(malignant)
    assert find(found, measure="sensitivity", **at)["value"] == pytest.approx(sensitivity)
    assert find(found, measure="ai_specificity_at_readers_sensitivity", **at)["value"] == 1, "its scores separate"


def test_false_aids_are_set_against_honest_ones():
    rows = answered(study(years=tuple(range(6)), cases=40), lambda row: row.round == 1 or int(row.case[1:]) >= 10)
    flags = frozenset(("ai", f"c{k:02d}") for k in range(10))
    found = sound(report(rows, context=Context(false_aids=flags)))["false_aid"]
    values = {row["aid"]: (row["value"], row["change"]) for row in found if row["group"] == "all"}
    assert values == {"false": (0, -1), "honest": (1, 0), "false_minus_honest": (-1, -1)}
    assert find(found, group="all", aid="false")["cases"] == 10
    other = report(rows, context=Context(false_aids=flags, source_of=lambda row: "faulty"))["false_aid"]
    assert {row["aid"] for row in other if row["group"] == "all" and row["value"] is not None} == {"honest"}


def test_the_ai_is_scored_on_the_very_cases_that_each_reader_read():
    rows = study(years=(1, 1), cases=20, rounds=("unaided",))
    rows = [replace(row, ai_answer=row.truth if int(row.case[1:]) < 10 else "x") for row in rows]
    rows = answered(rows, lambda row: int(row.case[1:]) % 2 == 0)
    # r0 read the ten cases that the AI has right, r1 the ten that it has wrong
    rows = [row for row in rows if (row.reader == "r0") == (int(row.case[1:]) < 10)]
    line = find(sound(report(rows))["competitor"], group="all")
    assert (line["reader_accuracy"], line["ai_accuracy"]) == (0.5, 0.5)
    assert (line["readers_above"], line["readers_below"]) == (1, 1)
    assert line["readings"] == 20


def test_sessions_are_not_readers():
    rows = [replace(row, session=str(1 + int(row.case[1:]) // 4)) for row in study()]
    line = find(report(rows)["accuracy"], round=1, group="all", dataset="all", reader="all")
    assert (line["readers"], line["sessions"], line["cases"]) == (9, 36, 16)


def test_the_tenth_session_comes_after_the_second():
    rows = [row for row in study(rounds=("unaided",)) if row.reader == "r0"]
    twice = [replace(row, session="2", answer=row.truth) for row in rows]
    twice += [replace(row, session="10", answer="x") for row in rows]
    assert find(report(list(reversed(twice)))["accuracy"], dataset="all", reader="r0")["accuracy"] == 1


def test_groups_that_the_study_names_stand_beside_experience():
    rows = [replace(row, group="GP" if row.reader < "r4" else "dermatologist") for row in study()]
    found = sound(report(rows))
    assert found["settings"]["named_groups"] == ["GP", "dermatologist"]
    assert find(found["accuracy"], round=1, group="GP", dataset="all", reader="all")["readers"] == 4
    assert find(found["change"], group="dermatologist", dataset="all")["difference"] is not None


def questions(*, flipped: int = 0) -> tuple[QuestionValue, ...]:
    """Four readers who all see the same; repeats of ten cases, `flipped` of which turn out otherwise."""
    first = [
        QuestionValue(f"r{j}", 1, None, f"c{k}", 1, "vessels", "yes" if k % 2 else "no")
        for j in range(4)
        for k in range(20)
    ]
    again = [
        replace(one, occurrence=2, value="yes" if (one.value == "yes") != (k < flipped) else "no")
        for one in first
        if (k := int(one.case[1:])) < 10
    ]
    return (*first, *again)


def test_each_question_has_its_agreement_between_and_within_readers():
    rows = [replace(row, truth=None, answer=None, ai_answer=None) for row in study(rounds=("unaided",))]
    found = sound(report(rows, context=Context(questions=questions(flipped=5))))["questions"]
    values = {row["statistic"]: row["value"] for row in found}
    assert values["percent"] == values["fleiss_kappa"] == values["krippendorff_alpha"] == 1
    # of ten repeats five are turned: observed .5; yes 5 of 10 at first, then 6 of 10: chance .5
    assert values["intra_percent"] == pytest.approx(0.5) and values["intra_kappa"] == pytest.approx(0, abs=0.2)
    assert find(found, statistic="intra_kappa")["readings"] == 40
    same = report(rows, context=Context(questions=questions()))["questions"]
    assert find(same, statistic="intra_kappa")["value"] == 1


def test_a_scale_has_a_mean_and_no_agreement_on_names():
    values = tuple(
        QuestionValue(f"r{j}", 1, None, f"c{k}", 1, "trust", str(5 * k + j)) for j in range(3) for k in range(20)
    )
    found = report(study(), context=Context(questions=values))["questions"]
    assert find(found, statistic="mean")["value"] == pytest.approx(np.mean([float(one.value) for one in values]))
    assert find(found, statistic="fleiss_kappa")["value"] is None


def test_a_score_is_averaged_by_round():
    found = sound(report([replace(row, score=float(row.round)) for row in study()]))["score"]
    assert find(found, round=2, group="all")["value"] == 2 and find(found, round=2, group="all")["change"] == 1


def test_the_estimate_is_given_under_each_rule_for_invalid_sessions():
    rows = [replace(row, session="1") for row in study(years=tuple(range(6)), cases=40)]
    rows = [
        replace(row, status=Status.TIMEOUT, answer=None)
        if (row.reader == "r0" and int(row.case[1:]) < 1) or (row.reader == "r1" and int(row.case[1:]) < 20)
        else row
        for row in rows
    ]
    context = Context(exclusions=(Excluded("attention case failed", "reader", 2),))
    found = sound(report(rows, context=context))["exclusions"]
    assert find(found, rule="attention case failed")["n"] == 2
    assert find(found, rule="sessions_any_valid")["n"] == 0
    assert find(found, rule="sessions_95_percent_valid")["n"] == 1
    all_valid = find(found, rule="sessions_all_valid")
    assert all_valid["n"] == 2 and all_valid["readers"] == 4
    kept = report([row for row in rows if row.reader not in ("r0", "r1")])
    assert all_valid["change"] == pytest.approx(find(kept["change"], group="all", dataset="all")["difference"])


def test_every_line_of_the_further_sections_says_how_many_stand_behind_it():
    rows = ranked(in_arms(study(), {"a": "aided", "c": "unaided"}))
    rows = [replace(row, score=1.0, management="excise") for row in rows]
    rubric = Rubric({}, frozenset({"melanoma"}), frozenset({"excise"}))
    found = report(rows, context=Context(rubric=rubric, questions=questions(), false_aids=frozenset({("ai", "c01")})))
    found |= {"modalities": report(by_block(study(), 3))["modalities"]}
    for section in ("arms", "difference_of_differences", "modalities", "top_k", "management", "score", "questions",
                    "false_aid", "competitor"):  # fmt: skip
        assert found[section] and all(set(row) >= SIZES for row in found[section]), section


def test_protocol_flow_and_simulation_are_printed_as_they_are():
    context = Context(simulated=True, protocol={"ethics_number": "EK 1/26"}, flow={"readers_invited": 9})
    found = report(study(), context=context)
    assert found["study"]["simulated"] is True and report(study())["study"]["simulated"] is False
    assert found["protocol"] == {"ethics_number": "EK 1/26"} and found["flow"] == {"readers_invited": 9}


def test_a_huge_sparse_table_takes_fewer_replicates_and_says_so():
    rng, rows = np.random.default_rng(3), []
    for j in range(150):
        for k in rng.choice(300, 20, replace=False):
            truth = f"d{k}"
            answer = truth if rng.random() < 0.6 else f"d{rng.integers(300)}"
            rows.append(Row("s", f"r{j}", 1, "unaided", f"c{k}", "A", truth, Status.ANSWERED, answer=answer))
    rows += [replace(row, round=2, modality="aided") for row in rows]
    found = sound(report(rows))
    replicates = found["settings"]["bootstrap_replicates"]
    assert replicates < 2_000 and any(f"{replicates} replicates" in note["text"] for note in found["notes"])
    pooled = find(found["accuracy"], round=1, group="all", dataset="all", reader="all")
    assert pooled["ci_method"] == "u_statistic_joint_bdg"
