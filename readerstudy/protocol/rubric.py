"""The table diagnosis x management -> grade, read from CSV as a clinician keeps it."""

import csv
import io
from collections.abc import Mapping

from readerstudy.protocol.values import BadDesign

GRADES = ("optimal", "appropriate", "inappropriate", "dangerous")


def rubric_from_csv(text: str) -> Mapping[str, Mapping[str, str]]:
    """Read a table: the first column names the diagnosis, every further column a management, the cells hold grades.

    An empty cell leaves the pair ungraded. Raises BadDesign with every fault and its line.
    """
    rows = [
        (line, [cell.strip() for cell in row]) for line, row in _numbered(text) if any(cell.strip() for cell in row)
    ]
    if len(rows) < 2:
        raise BadDesign(["The rubric is empty. Give a line of managements and a line for each diagnosis."])
    (head_line, head), *body = rows
    faults = _head_faults(head, head_line)
    table: dict[str, dict[str, str]] = {}
    for line, (diagnosis, *cells) in body:
        faults += _row_faults(diagnosis, cells, line=line, width=len(head) - 1, known=table)
        table.setdefault(diagnosis, {action: grade for action, grade in zip(head[1:], cells, strict=False) if grade})
    if faults:
        raise BadDesign(faults)
    return table


def _numbered(text: str) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    rows = []
    try:
        for row in reader:
            rows.append((reader.line_num, row))
    except csv.Error as bad:
        raise BadDesign([f"Line {reader.line_num}: this is no valid CSV ({bad})."]) from bad
    return rows


def _head_faults(head: list[str], line: int) -> list[str]:
    actions = head[1:]
    if not actions:
        return [f"Line {line}: no management is named. Give one column for each."]
    faults = [f"Line {line}: a column has no management above it." for action in actions if not action]
    twice = sorted({action for action in actions if action and actions.count(action) > 1})
    return faults + [f'Line {line}: the management "{action}" stands twice. Name each once.' for action in twice]


def _row_faults(
    diagnosis: str, cells: list[str], *, line: int, width: int, known: Mapping[str, Mapping[str, str]]
) -> list[str]:
    faults = []
    if not diagnosis:
        faults.append(f"Line {line}: the diagnosis is missing.")
    elif diagnosis in known:
        faults.append(f'Line {line}: "{diagnosis}" stands twice. Give it one line.')
    if len(cells) != width:
        faults.append(f"Line {line}: {len(cells)} grades for {width} managements.")
    return faults + [
        f'Line {line}: "{grade}" is no grade. Use one of: {", ".join(GRADES)}, or leave the cell empty.'
        for grade in cells
        if grade and grade not in GRADES
    ]
