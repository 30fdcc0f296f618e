"""Write the tidy readings table: the usual columns, the further ones that hold something, then the unknown ones."""

import csv
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from readerstudy.table.columns import COLUMNS
from readerstudy.table.row import Row


class _Echo:
    """A file that hands back what is written, as csv.writer then does: it serves a stream."""

    def write(self, value: str) -> str:
        return value


def written(rows: Iterable[Row]) -> Iterator[str]:
    """The lines of the table as CSV text, header first. Reads `rows` once to see which further columns are used."""
    rows = list(rows)
    known = [
        column.name
        for column in COLUMNS
        if column.standard or any(getattr(row, column.name) is not None for row in rows)
    ]
    unknown = list(dict.fromkeys(name for row in rows for name, _ in row.extra))
    writer = csv.writer(_Echo(), lineterminator="\n")
    yield writer.writerow(known + unknown)
    for row in rows:
        extra = dict(row.extra)
        cells = [_cell(getattr(row, name)) for name in known] + [extra.get(name, "") for name in unknown]
        yield writer.writerow(cells)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)
