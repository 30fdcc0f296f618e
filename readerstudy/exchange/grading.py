"""The sheet that a grader fills in, and the grades that come back. The sheet shows truth, and nothing of the reader."""

import csv
import io
from collections.abc import Sequence
from uuid import UUID

from readerstudy.models import Answer, Study
from readerstudy.protocol.questions import PRINCIPAL, Kind
from readerstudy.protocol.random_stream import stream
from readerstudy.services.grading import NewGrade
from readerstudy.table.reading import BadRow, BadRows
from readerstudy.truth.services import diagnoses

COLUMNS = ("answer", "truth", "given", "management", "measure", "value")
NEEDED = ("answer", "measure", "value")


def grading_sheet(study: Study, *, measure: str, share: float, seed: int) -> str:
    """CSV of answers in random order, each with the case's truth; `share` of them for a second grader."""
    answers = list(
        Answer.objects.filter(reading__reader__study=study, reading__reader__kind="reader", reading__counted=True)
        .order_by("pk")
        .values_list("pk", "reading__case_id", "values")
    )
    rng = stream(seed, "grading", measure)
    chosen = rng.sample(answers, round(len(answers) * share))
    truth = diagnoses(study.id)
    principal = [one.name for one in study.design.questions if one.kind in PRINCIPAL]
    managements = [one.name for one in study.design.questions if one.kind == Kind.MANAGEMENT]
    text = io.StringIO()
    sheet = csv.writer(text)
    sheet.writerow(COLUMNS)
    for answer_id, case_id, values in chosen:
        sheet.writerow(
            [answer_id, truth.get(case_id, ""), _told(values, principal), _told(values, managements), measure, ""]
        )
    return text.getvalue()


def read_grades(content: str) -> list[NewGrade]:
    """The filled rows of a sheet; rows without a value are passed over. Raises BadRows with every faulty line."""
    rows = csv.DictReader(io.StringIO(content.removeprefix("\ufeff"), newline=""))
    missing = [name for name in NEEDED if name not in (rows.fieldnames or ())]
    if missing:
        raise BadRows(
            [BadRow(1, f'the column "{name}" is missing. Use the sheet that the study gave.') for name in missing]
        )
    grades, bad = [], []
    seen: dict[tuple[str, str], int] = {}
    for line, row in enumerate(rows, start=2):
        value = (row["value"] or "").strip()
        if not value:
            continue
        key = (row["answer"], row["measure"])
        if key in seen:
            bad.append(BadRow(line, f"the answer is graded on line {seen[key]} already. Keep one of the two lines."))
        seen.setdefault(key, line)
        try:
            grades.append(NewGrade(UUID(row["answer"]), row["measure"].strip(), float(value.replace(",", "."))))
        except ValueError:
            bad.append(
                BadRow(line, f'"{row["answer"]}" with "{value}" is no graded answer. Write a number as the value.')
            )
    if bad:
        raise BadRows(bad)
    return grades


def _told(values: dict[str, object], names: Sequence[str]) -> str:
    given = [values[name] for name in names if name in values]
    return "; ".join(", ".join(one) if isinstance(one, list) else str(one) for one in given)
