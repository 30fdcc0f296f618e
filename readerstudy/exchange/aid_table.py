"""AI output from a CSV: one row a case, with probabilities, malignancy, votes and like cases as columns.

A case is named by its picture (`image`, a file beside the CSV, recognised by its bytes) or by its id (`case`). Columns:
`p:DIAGNOSIS` probabilities, `malignancy`, `votes:DIAGNOSIS`, `description`, and `similar_1`, `similar_1_diagnosis` ...
"""

import csv
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from uuid import UUID

from readerstudy.table.reading import BadRow, BadRows

PROBABILITY, VOTES = "p:", "votes:"
MOST_ALIKE = 8
SUM_SLACK = 0.01  # probabilities are often rounded


@dataclass(frozen=True, slots=True)
class KnownCase:
    """What the import needs to know of a case of the study."""

    id: UUID
    image_sha256: str  # of the file that was imported
    classes: Sequence[str]


@dataclass(frozen=True, slots=True)
class AidRow:
    """One case's output. alike: (picture file, verified diagnosis), the likest first."""

    case: UUID
    ranked: tuple[tuple[str, float], ...]
    malignancy: float | None
    votes: Mapping[str, int]
    description: str
    alike: tuple[tuple[Path, str], ...]


def read_aids(file: Path, cases: Sequence[KnownCase]) -> list[AidRow]:
    """Every case of the study, each once. Raises BadRows with every faulty line."""
    with file.open(encoding="utf-8-sig", newline="") as opened:
        table = csv.DictReader(opened, strict=True)
        header, records = table.fieldnames or [], [(table.line_num, dict(row)) for row in table]
    bad = list(_bad_header(header, {label for one in cases for label in one.classes}))
    if bad:
        raise BadRows(bad)
    by_name = {one.image_sha256: one for one in cases} | {str(one.id): one for one in cases}
    rows: dict[UUID, AidRow] = {}
    for line, cells in records:
        try:
            row = _row(cells, by_name, file.parent)
            if row.case in rows:
                raise ValueError(f"the case {row.case} stands twice. Keep one of the rows.")
            rows[row.case] = row
        except ValueError as fault:
            bad.append(BadRow(line, str(fault)))
    missing = len({one.id for one in cases} - rows.keys())
    if missing and not bad:
        bad.append(BadRow(0, f"{missing} cases of the study have no row. Every case needs AI output, or none."))
    if bad:
        raise BadRows(bad)
    return list(rows.values())


def _bad_header(header: Sequence[str], classes: set[str]) -> Iterator[BadRow]:
    if not {"image", "case"} & set(header):
        yield BadRow(1, 'no column names the case. Add "image" (its picture file) or "case" (its id).')
    labels = [name.removeprefix(PROBABILITY) for name in header if name.startswith(PROBABILITY)]
    if not labels:
        yield BadRow(1, "no column holds a probability. Name one for each diagnosis, as in p:melanoma.")
    labels += [name.removeprefix(VOTES) for name in header if name.startswith(VOTES)]
    for label in labels:
        if label not in classes:
            near = get_close_matches(label, classes, n=1)
            meant = f'Did you mean "{near[0]}"?' if near else f"There are: {', '.join(sorted(classes))}."
            yield BadRow(1, f'"{label}" is no diagnosis of the study. {meant}')


def _row(cells: Mapping[str, str | None], known: Mapping[str, KnownCase], folder: Path) -> AidRow:
    case = _case(cells, known, folder)
    shares = _numbers(cells, PROBABILITY, case.classes)
    if not shares:
        raise ValueError("no probability is given. Fill in those of the case's diagnoses.")
    wrong = [label for label, share in shares.items() if not 0 <= share <= 1]
    if wrong or sum(shares.values()) > 1 + SUM_SLACK:
        total = sum(shares.values())
        raise ValueError(f"the probabilities come to {total:g}. Use 0 to 1 each, and 1 together at most.")
    return AidRow(
        case=case.id,
        ranked=tuple(sorted(shares.items(), key=lambda pair: (-pair[1], pair[0]))),
        malignancy=_malignancy((cells.get("malignancy") or "").strip()),
        votes={label: _count(label, votes) for label, votes in _numbers(cells, VOTES, case.classes).items()},
        description=(cells.get("description") or "").strip(),
        alike=tuple(_alike(cells, folder)),
    )


def _case(cells: Mapping[str, str | None], known: Mapping[str, KnownCase], folder: Path) -> KnownCase:
    name = (cells.get("case") or "").strip()
    if name:
        if name not in known:
            raise ValueError(f"the study has no case {name}.")
        return known[name]
    image = (cells.get("image") or "").strip()
    found = known.get(hashlib.sha256(_file(folder, image).read_bytes()).hexdigest())
    if found is None:
        raise ValueError(f'"{image}" is no picture of a case of the study. Use the file that was imported.')
    return found


def _numbers(cells: Mapping[str, str | None], prefix: str, classes: Sequence[str]) -> dict[str, float]:
    """The filled cells of the columns with a prefix, by diagnosis."""
    found = {}
    for column, cell in cells.items():
        if column is None or not column.startswith(prefix) or not (cell or "").strip():
            continue
        label = column.removeprefix(prefix)
        if label not in classes:
            raise ValueError(f'"{label}" is not offered for this case. Leave its cell empty.')
        try:
            found[label] = float(cell or "")
        except ValueError as bad:
            raise ValueError(f'{column} is "{cell}". Use a number.') from bad
    return found


def _malignancy(cell: str) -> float | None:
    if not cell:
        return None
    try:
        value = float(cell)
    except ValueError as bad:
        raise ValueError(f'malignancy is "{cell}". Use a number from 0 to 1.') from bad
    if not 0 <= value <= 1:
        raise ValueError(f"malignancy is {cell}. Use a number from 0 to 1.")
    return value


def _count(label: str, votes: float) -> int:
    if votes < 0 or votes != int(votes):
        raise ValueError(f"votes:{label} is {votes:g}. Use a whole number.")
    return int(votes)


def _alike(cells: Mapping[str, str | None], folder: Path) -> Iterator[tuple[Path, str]]:
    for number in range(1, MOST_ALIKE + 1):
        image = (cells.get(f"similar_{number}") or "").strip()
        label = (cells.get(f"similar_{number}_diagnosis") or "").strip()
        if bool(image) != bool(label):
            raise ValueError(f"similar_{number} needs both, a picture and its verified diagnosis.")
        if image:
            yield _file(folder, image), label


def _file(folder: Path, name: str) -> Path:
    """A file below the CSV's folder. Raises ValueError."""
    path = (folder / name).resolve()
    if not name or not path.is_relative_to(folder.resolve()) or not path.is_file():
        raise ValueError(f'no file "{name}" beside the CSV. Add it, or correct the name.')
    return path
