"""What a results page shows, put together from a report: the same for the site and for a self-contained file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from readerstudy.analytics import wording
from readerstudy.analytics.figures import Figure, figures
from readerstudy.analytics.tables import Table, tables

FURTHER = ("mrmc", "sensitivity", "status_counts")  # tables that belong to no figure


@dataclass(frozen=True, slots=True)
class ShownTable:
    """download: where the table's exact values are, or None."""

    table: Table
    notes: list[str]
    download: str | None


@dataclass(frozen=True, slots=True)
class ShownFigure:
    figure: Figure
    notes: list[str]
    tables: list[ShownTable]


@dataclass(frozen=True, slots=True)
class ResultsPage:
    """file: how names of saved files begin; they say so where the data are simulated."""

    study: dict[str, Any]
    headline: str
    figures: list[ShownFigure]
    further: list[ShownTable]
    report_notes: list[str]
    drawings: dict[str, Any]
    simulated: bool
    file: str


def results_page(
    report: dict[str, Any],
    *,
    simulated: bool = False,
    notes: Mapping[str, str] | None = None,
    download: Callable[[str], str] | None = None,
) -> ResultsPage:
    """notes: what must stand at figures and tables that rest on it, by key. download: a table's name -> its address."""
    notes = notes or {}
    made = tables(report)

    def said(keys: tuple[str, ...]) -> list[str]:
        return [notes[key] for key in keys if key in notes]

    def shown(name: str) -> ShownTable:
        return ShownTable(made[name], said(made[name].notes), download(name) if download else None)

    drawn = [replace(one, title=unbroken(one.title)) for one in figures(report, simulated=simulated)]
    return ResultsPage(
        study=report["study"],
        headline=unbroken(wording.headline(report)),
        figures=[ShownFigure(one, said(one.notes), [shown(name) for name in one.tables]) for one in drawn],
        further=[shown(name) for name in FURTHER],
        report_notes=[note["text"] for note in report["notes"]],
        drawings={one.name: one.drawing for one in drawn},
        simulated=simulated,
        file=f"{report['study']['study']}{'-simulated' if simulated else ''}",
    )


def unbroken(text: str) -> str:
    """No line of a title begins with a unit."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")
