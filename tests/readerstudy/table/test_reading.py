"""What the reader of the tidy table accepts, and how it names what it refuses."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readerstudy.table import REQUIRED, BadRows, Row, Status, parse_table, read_table, written

HEADER = (
    "study,reader,experience_years,round,modality,case,dataset,truth,answer,confidence,ai_answer,"
    "presented_at,answered_at,time_ms,status,position"
)
LINE = "s,r1,2,1,unaided,c1,A,nevus,nevus,0.75,melanoma,2025-03-03T08:09:07Z,2025-03-03T08:09:12.409Z,5409,answered,1"


def table(*lines: str, header: str = HEADER) -> str:
    return "\n".join([header, *lines]) + "\n"


def changed(**cells: str) -> str:
    values = dict(zip(HEADER.split(","), LINE.split(","), strict=True)) | cells
    return ",".join(values.values())


def reasons(content: str) -> list[tuple[int, str]]:
    with pytest.raises(BadRows) as refused:
        parse_table(content)
    return [(row.line, row.reason) for row in refused.value.rows]


def test_a_line_becomes_a_row_with_typed_values():
    (row,) = parse_table(table(LINE)).rows
    assert (row.experience_years, row.round, row.confidence, row.time_ms, row.position) == (2, 1, 0.75, 5409, 1)
    assert row.answered_at == datetime(2025, 3, 3, 8, 9, 12, 409000, tzinfo=UTC)
    assert row.status is Status.ANSWERED and row.correct and row.ai_correct is False


def test_excels_byte_order_mark_semicolons_and_decimal_commas_are_read(tmp_path: Path):
    file = tmp_path / "excel.csv"
    file.write_bytes(b"\xef\xbb\xbf" + table(LINE).replace(",", ";").replace("0.75", "0,75").encode())
    assert read_table(file).rows == parse_table(table(LINE)).rows


def test_empty_cells_at_the_end_of_lines_as_spreadsheets_leave_them_are_no_columns():
    assert parse_table(table(LINE + ",,", header=HEADER + ",,")).rows == parse_table(table(LINE)).rows
    assert parse_table(table(LINE + ",,")).unknown_columns == ()


def test_a_decimal_comma_is_refused_where_commas_separate():
    assert reasons(table(changed(confidence='"0,75"'))) == [
        (2, 'confidence "0,75" is not a number from 0 to 1. Correct it or leave it empty.')
    ]


def test_every_bad_line_is_listed_with_its_number_and_reason():
    found = reasons(
        table(
            LINE,
            changed(case="c2", status="late"),
            changed(case="c3", confidence="1.5", round="0"),
            "s,r1,2",
            changed(case="c4", dataset=""),
        )
    )
    assert [line for line, _ in found] == [3, 4, 4, 5, 6]
    assert 'status "late" is unknown. Use answered, timeout, technical, missing.' in found[0][1]
    assert "3 fields where the header has 16" in found[3][1]


def test_lines_are_counted_as_an_editor_counts_them_across_quoted_line_breaks_and_blank_lines():
    spread = changed(case='"c\n2"')
    assert [line for line, _ in reasons(table(spread, "", changed(case="c3", round="x")))] == [5]


def test_a_case_without_truth_is_read_and_needs_no_answer():
    no_truth = changed(truth="", answer="")
    assert [(row.truth, row.answer, row.correct) for row in parse_table(table(no_truth)).rows] == [(None, None, False)]


def test_a_reading_that_stands_twice_is_an_error_that_names_both_lines():
    found = reasons(table(LINE, changed(answer="melanoma")))
    assert found == [(3, "reader r1, round 1, case c1: this reading already stands on line 2. Keep one of them.")]


def test_the_same_reading_in_another_session_is_no_duplicate():
    content = table(LINE + ",am", LINE + ",pm", header=HEADER + ",session")
    assert [row.session for row in parse_table(content).rows] == ["am", "pm"]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"answer": ""}, "answer is empty though the status is answered"),
        ({"status": "timeout"}, 'answer "nevus" stands beside the status timeout'),
        ({"answered_at": "2025-03-03T08:09:06Z"}, "lies before presented_at"),
        ({"answered_at": "2025-03-03T08:09:12"}, "names no time zone"),
        ({"answered_at": "3.3.2025"}, "is no ISO 8601 time"),
        ({"time_ms": "-1"}, 'time_ms "-1" is not a number from 0'),
        ({"time_ms": "nan"}, 'time_ms "nan" is not a number from 0'),
        ({"experience_years": "two"}, 'experience_years "two" is not a number from 0'),
        ({"position": "0"}, 'position "0" is no whole number from 1'),
    ],
)
def test_a_cell_that_means_nothing_is_refused(cells: dict[str, str], reason: str):
    ((line, found),) = reasons(table(changed(**cells)))
    assert line == 2 and reason in found


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"truth": "melanoma", "reader": "r2"}, 'case c1 has truth "melanoma" here and "nevus" on line 2'),
        ({"dataset": "B", "reader": "r2"}, 'case c1 has dataset "B" here and "A" on line 2'),
        ({"experience_years": "3", "case": "c2"}, 'reader r1 has experience_years "3.0" here and "2.0" on line 2'),
    ],
)
def test_rows_that_contradict_each_other_are_refused(cells: dict[str, str], reason: str):
    ((line, found),) = reasons(table(LINE, changed(**cells)))
    assert line == 3 and reason in found


@pytest.mark.parametrize("name", REQUIRED)
def test_a_table_without_a_required_column_is_refused(name: str):
    assert reasons(table(LINE, header=HEADER.replace(f"{name},", f"x_{name},", 1).replace(f",{name}", f",x_{name}")))[
        0
    ] == (1, f'column "{name}" is missing.')


def test_unknown_columns_are_kept_and_named_and_absent_ones_are_named():
    content = table("s,r1,1,unaided,c1,A,nevus,nevus,answered,dark", header=",".join(REQUIRED) + ",room")
    read = parse_table(content)
    assert read.unknown_columns == ("room",) and read.rows[0].extra == (("room", "dark"),)
    assert "confidence" in read.absent_columns and "truth" not in read.absent_columns


@pytest.mark.parametrize(
    ("content", "reason"),
    [("", "the file is empty"), (HEADER, "no readings"), ("a\0b", "NUL"), (table('"open'), "not readable as CSV")],
)
def test_a_file_that_is_no_table_says_why(content: str, reason: str):
    assert reason in reasons(content)[0][1]


def test_a_file_in_another_encoding_says_how_to_save_it(tmp_path: Path):
    file = tmp_path / "latin.csv"
    file.write_bytes(table(changed(truth="Lupus érythémateux")).encode("latin-1"))
    with pytest.raises(BadRows, match="CSV UTF-8"):
        read_table(file)


words = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1).map(str.strip).filter(bool)


@given(case=words, answer=words, room=words, years=st.none() | st.floats(0, 60), ms=st.none() | st.integers(0, 20_000))
def test_what_is_written_is_read_back_the_same(case: str, answer: str, room: str, years: float | None, ms: int | None):
    row = Row(
        "s",
        "r1",
        1,
        "unaided",
        case,
        "A",
        "nevus",
        Status.ANSWERED,
        answer=answer,
        experience_years=years,
        time_ms=ms,
        presented_at=datetime(2025, 3, 3, 8, 9, 7, tzinfo=UTC),
        session="am",
        extra=(("room", room),),
    )
    assert parse_table("".join(written([row]))).rows == (row,)
