"""The golden values of the statistics: another set of the same form must pass unchanged."""

import csv
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

REPOSITORY = Path(__file__).parents[3]


def folder() -> Path:
    named = os.environ.get("DERMINO_STATISTICS_FIXTURES")
    return Path(named) if named else REPOSITORY.parent / "shared" / "reference" / "statistics"


def path(name: str) -> Path:
    """A file of the set; the test is skipped where the set is absent."""
    file = folder() / name
    if not file.exists():
        pytest.skip(
            f"no golden values: {name} is not in DERMINO_STATISTICS_FIXTURES (or ../shared/reference/statistics)"
        )
    return file


def load(name: str) -> dict[str, Any]:
    return json.loads(path(name).read_text(encoding="utf-8"))


def records(name: str) -> list[dict[str, str]]:
    with path(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def cube(rows: list[dict[str, str]], modality: str, value: str) -> tuple[list[str], NDArray[np.float64], list[str]]:
    """(modalities, modality x reader x case with nan for no reading, cases), each in alphabetical order."""
    names = [sorted({row[column] for row in rows}) for column in (modality, "reader", "case")]
    values = np.full([len(one) for one in names], np.nan)
    for row in rows:
        at = tuple(one.index(row[column]) for one, column in zip(names, (modality, "reader", "case"), strict=True))
        if row[value] != "":
            values[at] = float(row[value])
    return names[0], values, names[2]
