"""The codebook says what every column is."""

from dataclasses import fields
from pathlib import Path

from readerstudy.table import COLUMNS, KEY, KNOWN, STANDARD, Row, codebook

CONTRACT = (
    "study, reader, experience_years, round, modality, case, dataset, truth, answer, confidence, ai_answer, "
    "presented_at, answered_at, time_ms, status, position"
)


def test_the_usual_columns_are_those_of_the_contract_in_its_order():
    assert ", ".join(STANDARD) == CONTRACT


def test_every_column_has_a_codebook_line():
    lines = codebook().splitlines()
    for column in COLUMNS:
        (line,) = [line for line in lines if line.startswith(f"| `{column.name}` |")]
        assert column.meaning.strip() and column.values.strip() and column.meaning in line


def test_every_column_is_a_field_of_a_row_and_every_field_a_column():
    assert {one.name for one in fields(Row)} - {"extra"} == KNOWN


def test_the_key_is_made_of_columns():
    assert set(KEY) <= KNOWN


def test_an_unknown_column_is_named_in_the_codebook():
    assert "| `room` |" in codebook(("room",))


def test_the_documentation_holds_the_codebook_as_it_is():
    page = (Path(__file__).parents[3] / "docs" / "statistics.md").read_text(encoding="utf-8")
    assert page.split("<!-- codebook -->\n")[1].split("<!-- /codebook -->")[0] == codebook()
