"""Monitor: the whole study on one screen, and no accuracy anywhere."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from readerstudy.administration.page import render_study, study_page
from readerstudy.models import Study
from readerstudy.protocol.state import CLOSED, State
from readerstudy.selectors.progress import ReaderProgress, RoundProgress
from readerstudy.selectors.progress import monitor as readers_of

MARKS = {State.ANSWERED: "answered", State.TIMEOUT: "timeout", State.TECHNICAL: "technical"}
PITCH, GAP, HEIGHT = 10, 2, 20  # of a cell in the strip's own units


@dataclass(frozen=True, slots=True)
class Strip:
    """One round of one reader as drawn: one path a kind of cell."""

    number: int
    width: int
    height: int
    paths: tuple[tuple[str, str], ...]  # (kind, the path's "d")
    counts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Line:
    reader: ReaderProgress
    strips: tuple[Strip, ...]


@require_safe
@study_page
def monitor(request: HttpRequest, study: Study) -> HttpResponse:
    return render_study(request, study, "monitor", **_context(request, study))


@require_safe
@study_page
def live(request: HttpRequest, study: Study) -> HttpResponse:
    """The part of the page that changes while people read."""
    return render(request, "administration/_monitor_table.html", {"study": study, **_context(request, study)})


def _context(request: HttpRequest, study: Study) -> dict[str, object]:
    lines = [Line(one, tuple(map(strip, one.rounds))) for one in readers_of(study, now=request.arrived_at)]
    return {"lines": lines, "live": study.state == Study.State.LIVE, "now": request.arrived_at}


def strip(part: RoundProgress) -> Strip:
    """Cells in the order in which the reader meets them."""
    kinds = [MARKS[State(state)] if state in CLOSED else "open" for state in part.cells]
    places: dict[str, list[int]] = {}
    for index, kind in enumerate(kinds):
        places.setdefault(kind, []).append(index)
    return Strip(
        number=part.number,
        width=max(1, PITCH * len(kinds)),
        height=HEIGHT,
        paths=tuple((kind, _squares(indices)) for kind, indices in sorted(places.items())),
        counts=tuple((kind, len(indices)) for kind, indices in sorted(places.items())),
    )


def _squares(indices: list[int]) -> str:
    side = PITCH - GAP
    return "".join(f"M{PITCH * index} 0h{side}v{HEIGHT}h-{side}z" for index in indices)
