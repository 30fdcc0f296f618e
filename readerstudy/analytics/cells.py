"""The parts of the page's tables: cells with their intervals, footnotes with the reasons."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from readerstudy.analytics import numbers


@dataclass(frozen=True, slots=True)
class Cell:
    """A value and, behind it in lighter ink, its interval. mark: the footnote that says why there is no value."""

    text: str
    interval: str = ""
    mark: int | None = None
    head: bool = False
    ai: bool = False

    @property
    def number(self) -> bool:
        """Numbers are right aligned, words are not."""
        return not self.head and self.text != "" and not any(character.isalpha() for character in self.text)


@dataclass(frozen=True, slots=True)
class Table:
    """name: that of its download; note: the key of the study's note that it must carry."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: list[list[Cell]]
    footnotes: list[str]
    notes: tuple[str, ...] = ()

    @property
    def heads(self) -> list[tuple[str, bool]]:
        """Each column's title and whether it holds numbers."""
        return [(title, any(row[at].number for row in self.rows)) for at, title in enumerate(self.columns)]


@dataclass(slots=True)
class Footnotes:
    """Each reason once, numbered in the order of appearance."""

    reasons: list[str] = field(default_factory=list)

    def mark(self, reason: str | None) -> int | None:
        if not reason:
            return None
        if reason not in self.reasons:
            self.reasons.append(reason)
        return self.reasons.index(reason) + 1


def accuracy_cell(row: dict[str, Any], foot: Footnotes, *, ai: bool = False, counts: bool = True) -> Cell:
    if row["accuracy"] is None:
        return Cell(numbers.NOTHING, mark=foot.mark(row["reason"]), ai=ai)
    total = row["readings"] if "readings" in row else row["cases"]
    behind = numbers.percent_interval(row["ci_low"], row["ci_high"])
    if counts:
        behind = f"{behind} {row['correct']}/{total}".strip()
    return Cell(numbers.percent(row["accuracy"]), behind, foot.mark(row["reason"]), ai=ai)


def difference_cell(row: dict[str, Any], foot: Footnotes) -> Cell:
    span = numbers.percent_interval(row["ci_low"], row["ci_high"])
    return Cell(numbers.points(row["difference"]), span, foot.mark(row["reason"]))


def part_of(count: int | None, total: int | None) -> str:
    return numbers.NOTHING if count is None or total is None else f"{count}/{total}"


METHODS = (
    ("obuchowski_rockette", lambda: _("Obuchowski-Rockette")),
    ("u_statistic", lambda: _("U-statistic")),
    ("two_way_bootstrap", lambda: _("Two-way bootstrap")),
)


def method_name(method: str | None) -> str:
    return next((title() for name, title in METHODS if method and method.startswith(name)), numbers.NOTHING)
