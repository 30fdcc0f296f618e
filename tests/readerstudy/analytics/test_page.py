"""What a results page says: all from the report, with the study's notes, marked where simulated."""

import json
from dataclasses import replace
from typing import Any

import pytest

from readerstudy.analytics import wording
from readerstudy.analytics.exact import LISTS, SECTIONS, list_csv
from readerstudy.analytics.page import results_page
from readerstudy.analytics.tables import tables
from readerstudy.results.context import Context, Excluded, QuestionValue, Rubric
from readerstudy.results.report import report
from readerstudy.table import Status
from tests.readerstudy.results.readings import study


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    return report(study())


def texts(found: dict[str, Any], name: str) -> list[list[str]]:
    return [[f"{cell.text} {cell.interval}".strip() for cell in row] for row in tables(found)[name].rows]


def test_the_sentence_is_made_of_the_report(found: dict[str, Any]):
    before = wording.headline(found)
    changed = json.loads(json.dumps(found))
    pooled = next(
        row
        for row in changed["accuracy"]
        if (row["round"], row["group"], row["dataset"], row["reader"]) == (2, *["all"] * 3)
    )
    pooled["accuracy"] = 0.123
    assert "12.3 %" in wording.headline(changed) and "12.3 %" not in before
    assert before.startswith("With AI, 9 readers were right in")


@pytest.mark.parametrize(
    ("difference", "low", "high", "said"),
    [
        (0.172, 0.13, 0.214, "17.2 points more than without (95 % CI 13.0 to 21.4)"),
        (-0.03, -0.06, 0.001, "3.0 points less than without (95 % CI −6.0 to 0.1)"),
        (0.02, None, None, "2.0 points more than without."),
    ],
)
def test_the_sentence_says_more_or_less_with_its_interval(found, difference, low, high, said):
    changed = json.loads(json.dumps(found))
    row = next(row for row in changed["change"] if (row["group"], row["dataset"]) == ("all", "all"))
    row |= {"difference": difference, "ci_low": low, "ci_high": high}
    assert said in wording.headline(changed)


def test_the_sentence_names_rounds_where_no_ai_was_shown_and_one_reader_as_one():
    assert "points more than in round 1" in (said := wording.headline(report(study(rounds=("unaided",) * 2)))) or (
        "points less than in round 1" in said
    )
    assert wording.headline(report(study(years=(2,), rounds=("unaided",)))).startswith("In round 1, 1 reader was right")


@pytest.mark.parametrize(
    "rows",
    [
        study(rounds=("unaided",)),
        study(ai=False),
        study(years=(2,)),
        study(years=(None, None)),
        study(cases=1),
        study(rounds=("unaided", "unaided")),
    ],
    ids=["one round", "no AI", "one reader", "no experience", "one case", "control only"],
)
def test_a_study_that_lacks_something_still_has_a_page(rows):
    found = report(rows, context=Context(simulated=True))
    page = results_page(found)
    assert page.headline and len(page.figures) == (4 if found["reliance"]["pairs"] else 3)
    assert ("ai_alone" in {one.table.name for one in page.further}) == (
        not found["reliance"]["pairs"] and bool(found["ai_alone"])
    )
    json.dumps(page.drawings, allow_nan=False)


def test_a_study_without_truth_has_a_page_about_agreement():
    values = tuple(
        QuestionValue(f"r{j}", 1, None, f"c{k}", 1, "vessels", "yes" if k % 2 else "no") for j in (1, 2) for k in (1, 2)
    )
    found = report([replace(row, truth=None) for row in study()], context=Context(questions=values))
    page = results_page(found)
    assert "no reference standard" in page.headline
    assert [shown.figure.name for shown in page.figures] == ["agreement"]
    assert "questions" in {one.table.name for one in page.further}
    json.dumps(page.drawings, allow_nan=False)


def every_section() -> dict[str, Any]:
    """A made-up study with two arms, ranked lists, management, scores, false aids, questions and gaps."""
    rows = [
        replace(
            row,
            arm=(arm := "control" if int(row.reader[1:]) % 2 else "with AI"),
            modality="unaided" if arm == "control" or row.round == 1 else ("aided" if row.case < "c08" else "other"),
            answer_2="second",
            management="excise",
            score=2.0,
            session="1",
            group="GP" if row.reader < "r4" else "dermatologist",
        )
        for row in study()
    ]
    rows[40] = replace(rows[40], status=Status.TIMEOUT, answer=None, answer_2=None)
    malignant = frozenset({"melanoma"})
    grades = {(truth, "excise"): "optimal" for truth in ("melanoma", "nevus", "wart", "psoriasis", "eczema")}
    context = Context(
        rubric=Rubric(grades, malignant, frozenset({"excise"})),
        ai_scores={f"c{k:02d}": k / 16 for k in range(16)},
        false_aids=frozenset({("ai", "c01")}),
        questions=tuple(QuestionValue(f"r{j}", 1, "first", "c00", 1, "trust", "4") for j in range(3)),
        exclusions=(Excluded("attention", "reader", 1),),
    )
    return report(rows, context=context)


def test_each_further_section_has_a_table_with_sizes_where_it_has_lines():
    found = every_section()
    shown = {one.table.name: one.table for one in results_page(found).further}
    for name in SECTIONS:
        assert bool(found[name]) == (name in shown), name
        if found[name]:
            assert len(shown[name].rows) == len(found[name]), name
            assert {"Readers", "Sessions", "Cases", "Readings"} <= set(shown[name].columns), name
            assert len(list_csv(found, name).splitlines()) == len(found[name]) + 1, name
            assert all(len(row) == len(shown[name].columns) for row in shown[name].rows), name
    assert set(shown) >= set(SECTIONS)


def test_the_sentence_of_a_study_with_a_control_arm_is_what_the_ai_added():
    found = every_section()
    row = found["difference_of_differences"][0]
    assert wording.headline(found).startswith("Readers with AI gained")
    assert f"a difference of {100 * row['difference']:.1f}".replace("-", "−") in wording.headline(found)


def test_the_sentence_of_mixed_modalities_names_each():
    rows = [replace(row, modality="aided" if row.case < "c08" else "unaided") for row in study(rounds=("unaided",))]
    said = wording.headline(report(rows))
    assert said.startswith("Right answers in round 1: unaided") and "aided " in said


def test_a_round_read_in_several_ways_shows_each_of_them_and_every_reader():
    rows = [
        replace(row, arm="a") if row.reader < "r4" else replace(row, arm="b", modality="unaided") for row in study()
    ]
    found = report(rows)
    titles = {row[0].text for row in tables(found)["accuracy"].rows}
    assert {"Round 2: unaided", "Round 2: aided"} <= titles
    after = [trace for trace in results_page(found).drawings["slopes"]["data"] if trace["mode"] == "markers"]
    assert sum(len(trace["x"]) for trace in after) == 18, "nine readers, before and after"
    assert all(row[-1].text != "–" for row in tables(found)["readers"].rows)


def test_groups_that_a_study_names_are_titled_as_they_are_named():
    assert {row[1].text for row in tables(every_section())["accuracy"].rows} >= {"GP", "dermatologist", "All readers"}


def test_the_head_names_ethics_registration_protocol_and_planned_power(found: dict[str, Any]):
    assert results_page(found).head == [], "a table from a file has none"
    protocol = {
        "ethics_committee": "Ethics Vienna", "ethics_number": "", "registration": "NCT1", "protocol_version": 2,
        "protocol_sha256": "ab", "seed": None, "seed_sha256": "cd", "readings_sha256": None, "locked_at": None,
        "planned_power": {"power": 0.81, "difference": 0.1, "readers": 20, "cases": 100},
        "unblinded": [{"by": "x", "kind": "planned", "reason": "safety", "at": "2026-01-01T00:00:00"}],
    }  # fmt: skip
    said = dict(results_page({**found, "protocol": protocol, "flow": {"readers_enrolled": 9}}).head)
    assert (said["Ethics committee"], said["Ethics number"], said["Registration"]) == (
        "Ethics Vienna", "not given", "NCT1",
    )  # fmt: skip
    assert said["Planned power"] == "81 % to find 10.0 points with 20 readers and 100 cases"
    assert said["Protocol"] == "version 2, SHA-256 ab" and "revealed by the lock" in said["Seed of the plan"]


def test_every_dash_for_a_missing_value_has_its_reason_below(found: dict[str, Any]):
    pooled_kappa = [
        row for row in tables(found)["agreement"].rows if row[0].text == "Fleiss' kappa" and row[2].text == "All cases"
    ]
    assert pooled_kappa and all(cell.mark for row in pooled_kappa for cell in row[3:])
    assert any("different class lists" in note for note in tables(found)["agreement"].footnotes)


def test_every_figure_has_finding_subtitle_method_and_tables_with_a_download(found: dict[str, Any]):
    page = results_page(found, download=lambda name: f"/{name}.csv")
    for shown in page.figures:
        figure = shown.figure
        assert figure.title and figure.subtitle and figure.method and shown.tables
        assert page.drawings[figure.name]["data"]
        assert all(one.download == f"/{one.table.name}.csv" for one in shown.tables)


def test_every_table_of_the_page_can_be_downloaded_with_every_digit(found: dict[str, Any]):
    for name in tables(found):
        lines = list_csv(found, name).splitlines()
        assert len(lines) > 1, name
    assert set(tables(every_section())) == set(LISTS)
    exact = next(row for row in found["change"] if (row["group"], row["dataset"]) == ("all", "all"))
    assert repr(exact["difference"]) in list_csv(found, "change")


def test_a_studys_notes_stand_at_each_figure_and_table_that_rests_on_them(found: dict[str, Any]):
    page = results_page(found, notes={"round_2_by_group": "invented groups", "readers": "invented readers"})
    said = {shown.figure.name: shown.notes for shown in page.figures}
    assert said == {
        "slopes": ["invented readers"],
        "accuracy": ["invented groups"],
        "reliance": ["invented readers"],
        "agreement": ["invented readers"],
    }
    tables_said = {one.table.name: one.notes for shown in page.figures for one in shown.tables}
    assert tables_said["accuracy"] == ["invented groups"] and tables_said["readers"] == ["invented readers"]


def test_simulated_data_are_marked_in_every_drawing_and_file_name(found: dict[str, Any]):
    simulated = report(study(), context=Context(simulated=True))
    marked, plain = results_page(simulated), results_page(found)
    for name in marked.drawings:
        assert marked.drawings[name]["layout"]["title"]["text"] == "Simulated readings"
        assert "title" not in plain.drawings[name]["layout"]
    assert marked.file.endswith("-simulated")
    assert "readings_origin" in list_csv(simulated, "accuracy").splitlines()[0]


def test_the_ai_alone_and_the_chance_level_are_drawn_and_named(found: dict[str, Any]):
    page = results_page(found)
    for name in ("slopes", "accuracy"):
        said = [one["text"] for one in page.drawings[name]["layout"]["annotations"]]
        assert any(text.startswith("AI alone") for text in said) and any(text.startswith("chance") for text in said)
        dashes = {line["line"]["dash"]: line["line"]["color"] for line in page.drawings[name]["layout"]["shapes"]}
        assert dashes["dash"] == "--ai"


def test_drawn_heights_are_the_reports_numbers(found: dict[str, Any]):
    drawn = results_page(found).drawings["slopes"]["data"][1:3]
    heights = sorted(
        value
        for trace in results_page(found).drawings["slopes"]["data"]
        if trace["mode"] == "markers"
        for value in trace["y"]
    )
    reported = sorted(
        100 * row["accuracy"] for row in found["accuracy"] if row["reader"] != "all" and row["dataset"] == "all"
    )
    assert drawn and heights == pytest.approx(reported)
