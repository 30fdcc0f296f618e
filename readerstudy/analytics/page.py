"""What a results page shows, put together from a report: the same for the site and for a self-contained file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from readerstudy.analytics import wording
from readerstudy.analytics.exact import SECTIONS
from readerstudy.analytics.figures import Figure, figures
from readerstudy.analytics.protocol import flow, head
from readerstudy.analytics.tables import Table, tables

FURTHER = ("mrmc", "ai_alone", *SECTIONS, "sensitivity", "status_counts")  # shown here where no figure shows them


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
    head: list[tuple[str, str]]
    flow: list[tuple[str, str]]


def results_page(
    report: dict[str, Any],
    *,
    notes: Mapping[str, str] | None = None,
    download: Callable[[str], str] | None = None,
) -> ResultsPage:
    """notes: what must stand at figures and tables that rest on it, by key. download: a table's name -> its address."""
    notes, simulated = notes or {}, report["study"]["simulated"]
    made = tables(report)

    def said(keys: tuple[str, ...]) -> list[str]:
        return [notes[key] for key in keys if key in notes]

    def shown(name: str) -> ShownTable:
        return ShownTable(made[name], said(made[name].notes), download(name) if download else None)

    drawn = [replace(one, title=unbroken(one.title)) for one in figures(report, simulated=simulated)]
    drawn_tables = {name for one in drawn for name in one.tables}
    return ResultsPage(
        study=report["study"],
        headline=unbroken(wording.headline(report)),
        figures=[ShownFigure(one, said(one.notes), [shown(name) for name in one.tables]) for one in drawn],
        further=[shown(name) for name in FURTHER if name in made and name not in drawn_tables and made[name].rows],
        report_notes=[note["text"] for note in report["notes"]],
        drawings={one.name: one.drawing for one in drawn},
        simulated=simulated,
        head=head(report),
        flow=flow(report),
        file=f"{report['study']['study']}{'-simulated' if simulated else ''}",
    )


def unbroken(text: str) -> str:
    """No line of a title begins with a unit."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")
