"""The tidy readings table: columns, codebook, checked reading, writing. Pure; every room may import it."""

from readerstudy.table.columns import COLUMNS, KEY, KNOWN, REQUIRED, STANDARD, Column, codebook
from readerstudy.table.reading import BadRow, BadRows, Table, parse_table, read_table
from readerstudy.table.row import Row
from readerstudy.table.status import Status
from readerstudy.table.writing import written

__all__ = [
    "COLUMNS",
    "KEY",
    "KNOWN",
    "REQUIRED",
    "STANDARD",
    "BadRow",
    "BadRows",
    "Column",
    "Row",
    "Status",
    "Table",
    "codebook",
    "parse_table",
    "read_table",
    "written",
]
