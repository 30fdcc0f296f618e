"""Read and check a tidy readings table. Every bad row is reported, with its line number, in one go."""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from readerstudy.table import cells
from readerstudy.table.columns import COLUMNS, KNOWN, REQUIRED, STANDARD
from readerstudy.table.row import Row
from readerstudy.table.status import Status

SEPARATORS = ",;\t"
BYTES_LIMIT = 200_000_000  # a study of 1,000 readers x 1,000 cases x 2 rounds is about this long


@dataclass(frozen=True, slots=True)
class BadRow:
    """Why a line cannot be used. The header is line 1."""

    line: int
    reason: str


class BadRows(Exception):
    """A table that cannot be used as it is; `rows` holds every reason, by line."""

    def __init__(self, rows: list[BadRow]) -> None:
        self.rows = rows
        super().__init__("; ".join(f"line {row.line}: {row.reason}" for row in rows[:5]))


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file, the columns that nobody defined, and the usual columns that it lacks."""

    rows: tuple[Row, ...]
    unknown_columns: tuple[str, ...]
    absent_columns: tuple[str, ...]


def read_table(path: Path) -> Table:
    """Read a CSV file (comma, semicolon or tab; UTF-8 with or without BOM). Raises BadRows, OSError."""
    size = path.stat().st_size
    if size > BYTES_LIMIT:
        raise BadRows([BadRow(1, f"the file has {size:,} bytes, more than {BYTES_LIMIT:,}. Split it by study.")])
    try:
        content = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        reason = f'byte {error.start} is not UTF-8. Save the file as "CSV UTF-8".'
        raise BadRows([BadRow(1, reason)]) from error
    return parse_table(content)


def parse_table(content: str) -> Table:
    """Check a table's text. Raises BadRows with every bad line."""
    content = content.removeprefix("\ufeff")
    if "\0" in content:
        raise BadRows([BadRow(1, "the file holds NUL bytes: it is no CSV text.")])
    separator = _separator(content)
    records = _records(content, separator)
    header = _header(next(records, (1, []))[1])
    rows: list[tuple[int, Row]] = []
    bad: list[BadRow] = []
    for line, fields in records:
        if not any(fields):
            continue
        if not any(fields[len(header) :]):  # a spreadsheet may end each line with empty cells
            fields = fields[: len(header)]
        if len(fields) != len(header):
            bad.append(BadRow(line, f"{len(fields)} fields where the header has {len(header)}."))
            continue
        row, reasons = _row(dict(zip(header, fields, strict=True)), decimal_comma=separator == ";")
        bad += [BadRow(line, reason) for reason in reasons]
        if row is not None:
            rows.append((line, row))
    bad += _contradictions(rows)
    if bad:
        raise BadRows(sorted(bad, key=lambda one: one.line))
    if not rows:
        raise BadRows([BadRow(1, "no readings below the header.")])
    return Table(
        rows=tuple(row for _, row in rows),
        unknown_columns=tuple(name for name in header if name not in KNOWN),
        absent_columns=tuple(name for name in STANDARD if name not in header),
    )


def _separator(content: str) -> str:
    first = content.split("\n", 1)[0]
    return max(SEPARATORS, key=first.count)


def _records(content: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """(line on which the record starts, fields). A quoted field may span lines."""
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for fields in reader:
            yield line, fields
            line = reader.line_num + 1
    except csv.Error as error:
        raise BadRows([BadRow(line, f"not readable as CSV from here on: {error}.")]) from error


def _header(fields: list[str]) -> list[str]:
    names = [name.strip() for name in fields]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise BadRows([BadRow(1, "the file is empty. Its first line must name the columns.")])
    reasons = [f'column "{name}" stands twice.' for name in sorted({name for name in names if names.count(name) > 1})]
    reasons += [f'column "{name}" is missing.' for name in REQUIRED if name not in names]
    if reasons:
        raise BadRows([BadRow(1, reason) for reason in reasons])
    return names


def _row(values: dict[str, str], *, decimal_comma: bool) -> tuple[Row | None, list[str]]:
    """The row, or None and every reason against it."""
    number = cells.number(comma=decimal_comma)
    from_zero = cells.number(low=0, comma=decimal_comma)
    parsers: dict[str, Callable[[cells.Cells, str], Any]] = dict.fromkeys(
        (column.name for column in COLUMNS), cells.optional_text
    ) | {
        **dict.fromkeys(("study", "reader", "modality", "case", "dataset"), cells.text),
        "round": cells.whole_number,
        "status": cells.status,
        "experience_years": from_zero,
        "confidence": cells.number(low=0, high=1, comma=decimal_comma),
        "presented_at": cells.optional_time,
        "answered_at": cells.optional_time,
        "time_ms": from_zero,
        "position": cells.optional_whole_number,
        "score": number,
    }
    parsed: dict[str, Any] = {}
    reasons: list[str] = []
    for name, parse in parsers.items():
        try:
            parsed[name] = parse(values, name)
        except ValueError as error:
            reasons.append(str(error))
    if reasons:
        return None, reasons
    row = Row(**parsed, extra=tuple((name, value) for name, value in values.items() if name not in KNOWN))
    reasons = list(_inconsistencies(row))
    return (None, reasons) if reasons else (row, [])


def _inconsistencies(row: Row) -> Iterator[str]:
    if row.status is Status.ANSWERED and row.answer is None and row.truth is not None:
        yield "answer is empty though the status is answered. Give the answer or another status."
    if row.status is not Status.ANSWERED and row.answer is not None:
        yield f'answer "{row.answer}" stands beside the status {row.status}. Only answered readings have one.'
    if row.presented_at and row.answered_at and row.answered_at < row.presented_at:
        yield f"answered_at {row.answered_at.isoformat()} lies before presented_at {row.presented_at.isoformat()}."


def _contradictions(rows: list[tuple[int, Row]]) -> Iterator[BadRow]:
    """What no single row shows: a key used twice, a case with two truths, a reader with two experiences."""
    first_line: dict[tuple[str, str, str | None, int, str], int] = {}
    first_value: dict[tuple[str, str, str], tuple[object, int]] = {}
    for line, row in rows:
        earlier = first_line.setdefault(row.key, line)
        if earlier != line:
            where = f"reader {row.reader}, round {row.round}, case {row.case}"
            where += f", session {row.session}" if row.session else ""
            yield BadRow(line, f"{where}: this reading already stands on line {earlier}. Keep one of them.")
        for owner, name, column in (
            ("case", row.case, "truth"),
            ("case", row.case, "dataset"),
            ("reader", row.reader, "experience_years"),
        ):
            value = getattr(row, column)
            known, on_line = first_value.setdefault((row.study, f"{owner} {name}", column), (value, line))
            if known != value:
                yield BadRow(line, f'{owner} {name} has {column} "{value}" here and "{known}" on line {on_line}.')
