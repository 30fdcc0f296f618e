"""From the text of a cell to its value. Every refusal is a ValueError naming the column, the value and the way out."""

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from readerstudy.table.status import Status

Cells = Mapping[str, str]


def text(cells: Cells, name: str) -> str:
    """A text that must be there."""
    value = cells.get(name, "").strip()
    if not value:
        raise ValueError(f"{name} is empty. Fill it in.")
    return value


def optional_text(cells: Cells, name: str) -> str | None:
    return cells.get(name, "").strip() or None


def whole_number(cells: Cells, name: str) -> int:
    """A whole number from 1."""
    value = text(cells, name)
    try:
        number = int(value)
    except ValueError:
        number = 0
    if number < 1:
        raise ValueError(f'{name} "{value}" is no whole number from 1. Write 1, 2, ...')
    return number


def optional_whole_number(cells: Cells, name: str) -> int | None:
    return whole_number(cells, name) if optional_text(cells, name) else None


def number(
    *, low: float = -math.inf, high: float = math.inf, comma: bool = False
) -> Callable[[Cells, str], float | None]:
    """A parser of optional numbers in [low, high]. comma: a decimal comma is read as a point."""

    def parse(cells: Cells, name: str) -> float | None:
        value = optional_text(cells, name)
        if value is None:
            return None
        try:
            parsed = float(value.replace(",", ".") if comma else value)
        except ValueError:
            parsed = math.nan
        if not (low <= parsed <= high and math.isfinite(parsed)):
            span = (
                "a number"
                if math.isinf(low)
                else f"a number from {low:g}" + ("" if math.isinf(high) else f" to {high:g}")
            )
            raise ValueError(f'{name} "{value}" is not {span}. Correct it or leave it empty.')
        return parsed

    return parse


def optional_time(cells: Cells, name: str) -> datetime | None:
    value = optional_text(cells, name)
    if value is None:
        return None
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(
            f'{name} "{value}" is no ISO 8601 time. Write 2025-03-03T08:09:07Z or leave it empty.'
        ) from None
    if time.tzinfo is None:
        raise ValueError(f'{name} "{value}" names no time zone. Write times in UTC, ending in Z.')
    return time.astimezone(UTC)


def status(cells: Cells, name: str) -> Status:
    value = text(cells, name)
    try:
        return Status(value)
    except ValueError:
        raise ValueError(f'{name} "{value}" is unknown. Use {", ".join(Status)}.') from None
