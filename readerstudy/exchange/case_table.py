"""The CSV beside the pictures: every row becomes a case, or every fault is listed with its line number."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from readerstudy.exchange.layout import FURTHER, KINDS, PROVENANCE, REQUIRED, SPLIT, Layout
from readerstudy.table.reading import BadRow, BadRows
from readerstudy.truth.sources import Source, checked

SEPARATORS = ",;\t"
BYTES_LIMIT = 50_000_000
ENCODINGS = ("utf-8-sig", "cp1252")  # the second is what Excel writes where nobody chose "CSV UTF-8"


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One row that can be used."""

    line: int
    name: str  # the image's cell, as the file's author knows it
    dataset: str
    diagnosis: str
    image: Path
    mask: Path | None
    attributes: Mapping[str, str]
    further: tuple[tuple[Path, str], ...] = ()  # more images of the case, each with what it shows
    split: str = ""
    source: str = Source.UNKNOWN  # where the diagnosis comes from
    panel: tuple[int | None, int | None] = (None, None)  # how many agreed, of how many


@dataclass(frozen=True, slots=True)
class CaseTable:
    """The rows of a file and the columns that were left out."""

    rows: tuple[CaseRow, ...]
    ignored_columns: tuple[str, ...]


def csv_in(place: Path) -> Path:
    """The CSV itself, or the only one in a folder. Raises BadRows."""
    if place.is_file():
        return place
    if not place.is_dir():
        raise BadRows([BadRow(0, f"{place} is neither a folder nor a CSV file. Check the path.")])
    found = sorted(path for path in place.iterdir() if path.suffix.lower() in (".csv", ".tsv", ".txt"))
    if not found:
        raise BadRows([BadRow(0, f"the folder {place.name} holds no CSV. Add one with the columns {_list(REQUIRED)}.")])
    if len(found) > 1:
        names = _list([path.name for path in found])
        raise BadRows([BadRow(0, f"the folder {place.name} holds {names}. Name the one to import.")])
    return found[0]


def read_cases(file: Path, layout: Layout, *, reference: bool = True) -> CaseTable:
    """Read one CSV; pictures are looked up below its folder. Raises BadRows with every faulty line.

    reference: whether a diagnosis is needed; a study of agreement alone has none.
    """
    required = REQUIRED if reference else tuple(name for name in REQUIRED if name != "diagnosis")
    records = _records(_text(file))
    header = [name.strip() for name in next(records, (1, []))[1]]
    _require_columns(header, layout, required)
    rows, bad = [], []
    for line, fields in records:
        if not any(field.strip() for field in fields):
            continue
        cells = dict(zip(header, (field.strip() for field in fields), strict=False))
        row, reasons = _row(line, cells, layout, file.parent, required)
        if len(fields) > len(header):
            reasons = [*reasons, f"{len(fields)} fields where the header has {len(header)}."]
        bad += [BadRow(line, reason) for reason in reasons]
        if row is not None:
            rows.append(row)
    if not rows and not bad:
        bad.append(BadRow(1, "no rows below the header."))
    bad += _spellings(rows)
    if bad:
        raise BadRows(sorted(bad, key=lambda one: one.line))
    read = {layout.column(name) for name in layout.names()}
    return CaseTable(rows=tuple(rows), ignored_columns=tuple(name for name in header if name and name not in read))


def _text(file: Path) -> str:
    """The file's text. Excel writes a BOM, its own code page, or UTF-16."""
    if file.stat().st_size > BYTES_LIMIT:
        raise BadRows([BadRow(1, f"the CSV is larger than {BYTES_LIMIT // 1_000_000} MB. Split it.")])
    content = file.read_bytes()
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace")
    if b"\0" in content:
        raise BadRows([BadRow(1, "this is no CSV text. An Excel workbook must be saved as CSV first.")])
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadRows([BadRow(1, 'the text is in an unknown encoding. Save the file as "CSV UTF-8".')])


def _records(content: str) -> Iterator[tuple[int, list[str]]]:
    """(line on which a record starts, fields). Excel may put "sep=;" before the header."""
    first, _, rest = content.partition("\n")
    skipped = first.strip().lower().startswith("sep=")
    separator = first.strip()[4:5] if skipped else max(SEPARATORS, key=first.count)
    start = 1 if skipped else 0
    reader = csv.reader(io.StringIO(rest if skipped else content, newline=""), delimiter=separator or ",", strict=True)
    line = start + 1
    try:
        for fields in reader:
            yield line, fields
            line = start + reader.line_num + 1
    except csv.Error as error:
        raise BadRows([BadRow(line, f"not readable as CSV from here on: {error}.")]) from error


def _require_columns(header: list[str], layout: Layout, required: tuple[str, ...]) -> None:
    if not any(header):
        raise BadRows([BadRow(1, f"the file is empty. Its first line must name the columns {_list(REQUIRED)}.")])
    bad = [f'the column "{name}" stands twice.' for name in sorted({n for n in header if n and header.count(n) > 1})]
    for ours in required:
        if layout.column(ours) in header or (ours == "dataset" and layout.dataset):
            continue
        bad.append(
            f'the column "{layout.column(ours)}" is missing. There are {_list([n for n in header if n])}.'
            f" Rename one, or map it with --column {ours}=NAME."
        )
    bad += [
        f'the column "{theirs}", mapped to {ours}, is missing.'
        for ours, theirs in layout.columns.items()
        if ours not in REQUIRED and theirs not in header
    ]
    if bad:
        raise BadRows([BadRow(1, reason) for reason in bad])


def _row(
    line: int, cells: Mapping[str, str], layout: Layout, folder: Path, required: tuple[str, ...]
) -> tuple[CaseRow | None, list[str]]:
    values = {name: cells.get(layout.column(name), "") for name in layout.names()}
    values["dataset"] = values["dataset"] or layout.dataset
    reasons = [f"{layout.column(name)} is empty. Fill it in." for name in required if not values[name]]
    if reasons:
        return None, reasons
    try:
        image = layout.image_path(folder, values["image"])
        mask = layout.mask_path(folder, values["mask"], values["image"])
        further = tuple(
            (layout.image_path(folder, values[name]), values[f"{name}_kind"]) for name in FURTHER if values[name]
        )
        source, panel = _provenance(values, layout)
    except ValueError as fault:
        return None, [str(fault)]
    files = (*REQUIRED, "mask", SPLIT, *FURTHER, *KINDS, *PROVENANCE)
    attributes = {name: value for name, value in values.items() if name not in files and value}
    row = CaseRow(
        line=line,
        name=values["image"],
        dataset=values["dataset"],
        diagnosis=values["diagnosis"],
        image=image,
        mask=mask,
        attributes=attributes,
        further=further,
        split=values[SPLIT],
        source=source,
        panel=panel,
    )
    return row, []


def _provenance(values: Mapping[str, str], layout: Layout) -> tuple[str, tuple[int | None, int | None]]:
    """Where a diagnosis comes from. Raises ValueError for a source that is none, or that its panel contradicts."""
    numbers: list[int | None] = []
    for name in ("panel_k", "panel_n"):
        cell = values[name]
        if cell and not cell.isdecimal():
            raise ValueError(f'{layout.column(name)} is "{cell}". Write a whole number, or leave it empty.')
        numbers.append(int(cell) if cell else None)
    source = values["truth_source"].lower().replace("-", "_").replace(" ", "_")
    if not source:
        source = Source.PANEL if numbers[1] is not None else Source.UNKNOWN
    agreed, of = numbers
    return str(checked(source, agreed, of)), (agreed, of)


def _spellings(rows: list[CaseRow]) -> Iterator[BadRow]:
    """One diagnosis in two spellings would be offered to readers as two."""
    first: dict[tuple[str, str], CaseRow] = {}
    for row in rows:
        key = (row.dataset, row.diagnosis.casefold().replace("_", " ").replace("-", " "))
        known = first.setdefault(key, row)
        if known.diagnosis != row.diagnosis:
            yield BadRow(row.line, f'"{row.diagnosis}" and "{known.diagnosis}" (line {known.line}) differ only in '
                                   "spelling. Write one of them throughout.")  # fmt: skip


def _list(names: list[str] | tuple[str, ...]) -> str:
    return ", ".join(names)
