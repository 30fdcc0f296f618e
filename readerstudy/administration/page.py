"""What every page of one study shares: who may open it, its head, and its side list of places."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from readerstudy.models import Study
from readerstudy.selectors.standing import Next, Stage, Standing, standing
from webapp.accounts.roles import administrator_required

PLACES = (
    ("study", gettext_lazy("Overview")),
    ("design", gettext_lazy("Design")),
    ("cases", gettext_lazy("Cases")),
    ("ai", gettext_lazy("AI output")),
    ("readers", gettext_lazy("Readers")),
    ("launch", gettext_lazy("Launch")),
    ("monitor", gettext_lazy("Monitor")),
    ("close", gettext_lazy("Close")),
)
NEXT = {
    Next.IMPORT: ("cases", gettext_lazy("Import cases")),
    Next.RUN_AI: ("ai", gettext_lazy("Prepare the AI output")),
    Next.INVITE: ("readers", gettext_lazy("Invite readers")),
    Next.LAUNCH: ("launch", gettext_lazy("Launch the study")),
    Next.WATCH: ("monitor", gettext_lazy("See who reads")),
    Next.CLOSE: ("close", gettext_lazy("Close the study")),
}
RESULTS = "analytics:results"


@dataclass(frozen=True, slots=True)
class NextStep:
    """The one thing to do, and where."""

    title: str
    url_name: str


@dataclass(frozen=True, slots=True)
class StagePoint:
    """One point of the time line, in words."""

    title: str
    detail: str
    state: str


def study_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Call `view(request, study, ...)` for an administrator; the study is named in the address."""

    @wraps(view)
    @administrator_required
    def guarded(request: HttpRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponse:
        study = get_object_or_404(Study.objects.select_related("aid_model"), slug=slug)
        response = view(request, study, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return guarded


def render_study(request: HttpRequest, study: Study, place: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """A page of one study with its head. `place` names the template and the entry of the side list."""
    stands = standing(study, now=request.arrived_at)
    shared = {
        "study": study,
        "simulated": study.simulated,
        "place": place,
        "places": PLACES,
        "standing": stands,
        "stages": [_point(stage) for stage in stands.stages],
        "next": _next_step(stands),
        "results_are_open": study.state in (Study.State.CLOSED, Study.State.LOCKED),
    }
    return render(request, f"administration/{place}.html", {**shared, **context}, status=status)


def _next_step(stands: Standing) -> NextStep:
    if stands.next == Next.REMIND:
        title = ngettext("Look after %(n)d silent reader", "Look after %(n)d silent readers", stands.stalled)
        return NextStep(title % {"n": stands.stalled}, "administration:readers")
    if stands.next == Next.RESULTS:
        return NextStep(_("See the results"), RESULTS)
    place, title = NEXT[stands.next]
    return NextStep(str(title), f"administration:{place}")


def _point(stage: Stage) -> StagePoint:
    title, detail = _WORDS[stage.kind](stage)
    return StagePoint(title=title, detail=detail, state=stage.state)


def _design(stage: Stage) -> tuple[str, str]:
    return _("Design"), _("frozen %(day)s") % {"day": _day(stage.at)} if stage.at else _("may change")


def _round(stage: Stage) -> tuple[str, str]:
    title = _("Round %(n)d, with AI") if stage.aided else _("Round %(n)d")
    if not stage.readers:
        return title % {"n": stage.number}, _("no reader yet")
    return title % {"n": stage.number}, _("%(done)d of %(n)d done") % {"done": stage.done, "n": stage.readers}


def _washout(stage: Stage) -> tuple[str, str]:
    if stage.state == "done":
        return _("Washout"), _("over")
    return _("Washout"), _("first reader free %(day)s") % {"day": _day(stage.at)} if stage.at else _("after round 1")


def _close(stage: Stage) -> tuple[str, str]:
    return _("Close"), _day(stage.at) if stage.at else ""


def _results(stage: Stage) -> tuple[str, str]:
    return _("Results"), _("open") if stage.state == "now" else _("after the close")


_WORDS = {"design": _design, "round": _round, "washout": _washout, "close": _close, "results": _results}


def _day(at: Any) -> str:
    return date_format(at, "j M Y")
