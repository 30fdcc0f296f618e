"""What every page of one study shares: who may open it, its head, and its side list of places."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from readerstudy.models import Study
from readerstudy.selectors.standing import Next, Stage, Standing, standing
from readerstudy.selectors.study import study_at
from readerstudy.services.permission import NotAllowed, Permission, permissions_of, require
from readerstudy.services.unblinding import may_see_results
from webapp.accounts.roles import has_role

PLACES = (
    ("study", gettext_lazy("Overview")),
    ("design", gettext_lazy("Design")),
    ("cases", gettext_lazy("Cases")),
    ("ai", gettext_lazy("AI output")),
    ("readers", gettext_lazy("Readers")),
    ("launch", gettext_lazy("Launch")),
    ("monitor", gettext_lazy("Monitor")),
    ("amend", gettext_lazy("Amendments")),
    ("exclusions", gettext_lazy("Exclusions")),
    ("grading", gettext_lazy("Grading")),
    ("close", gettext_lazy("Close")),
    ("lock", gettext_lazy("Lock")),
    ("truth", gettext_lazy("Truth")),
    ("team", gettext_lazy("Team")),
)
SAFE = ("GET", "HEAD")
# (to look, to act) by the name of the address; every other page is looked at with WATCH and acted on with CONDUCT.
PERMISSIONS = {
    "truth": (Permission.TRUTH, Permission.TRUTH),
    "truth-case": (Permission.TRUTH, Permission.TRUTH),
    "truth-panel": (Permission.TRUTH, Permission.TRUTH),
    "grading": (Permission.TRUTH, Permission.TRUTH),
    "grading-sheet": (Permission.TRUTH, Permission.TRUTH),
    "coding": (Permission.TRUTH, Permission.TRUTH),
    "altered": (Permission.TRUTH, Permission.TRUTH),
    "exclusions": (Permission.WATCH, Permission.EXCLUDE),
    "unblind": (Permission.WATCH, Permission.UNBLIND),
    "team": (Permission.WATCH, Permission.TEAM),
    "end-role": (Permission.WATCH, Permission.TEAM),
}
ORDINARY = (Permission.WATCH, Permission.CONDUCT)
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
    """Call `view(request, study, ...)` for who may; the study is named in the address.

    Who has no part in a study gets the same page whether or not it exists.
    """

    @wraps(view)
    def guarded(request: HttpRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        study = study_at(slug)
        if study is None and has_role(request.user, "administrator"):
            raise Http404
        _require_permission(request, study)
        response = view(request, study, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return guarded


def _require_permission(request: HttpRequest, study: Study | None) -> None:
    """Raises PermissionDenied; only who may look at the study at all is told more."""
    look, act = PERMISSIONS.get(request.resolver_match.url_name, ORDINARY)
    if study is None or Permission.WATCH not in permissions_of(request.user, study):
        raise PermissionDenied(_("This page is for another role. Ask an administrator of this site if you need it."))
    try:
        require(request.user, study, look if request.method in SAFE else act)
    except NotAllowed as refused:
        raise PermissionDenied(refused.message) from refused


def render_study(
    request: HttpRequest, study: Study, place: str, *, status: int = 200, template: str = "", **context: Any
) -> HttpResponse:
    """A page of one study with its head. `place` is the entry of the side list and, unless named, the template."""
    stands = standing(study, now=request.arrived_at)
    mine = permissions_of(request.user, study)
    shared = {
        "study": study,
        "simulated": study.simulated,
        "place": place,
        "places": [(name, title) for name, title in PLACES if PERMISSIONS.get(name, ORDINARY)[0] in mine],
        "standing": stands,
        "stages": [_point(stage, locked=study.state == Study.State.LOCKED) for stage in stands.stages],
        "next": _next_step(stands, closed=study.state == Study.State.CLOSED),
        "results_are_open": may_see_results(study, request.user),
        "may_conduct": Permission.CONDUCT in mine,
    }
    return render(request, f"administration/{template or place}.html", {**shared, **context}, status=status)


def _next_step(stands: Standing, *, closed: bool) -> NextStep:
    if closed:
        return NextStep(_("Lock the readings"), "administration:lock")
    if stands.next == Next.REMIND:
        title = ngettext("Look after %(n)d silent reader", "Look after %(n)d silent readers", stands.stalled)
        return NextStep(title % {"n": stands.stalled}, "administration:readers")
    if stands.next == Next.RESULTS:
        return NextStep(_("See the results"), RESULTS)
    place, title = NEXT[stands.next]
    return NextStep(str(title), f"administration:{place}")


def _point(stage: Stage, *, locked: bool) -> StagePoint:
    if stage.kind == "results":
        return _results(locked)
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


def _results(locked: bool) -> StagePoint:
    return StagePoint(_("Results"), _("open") if locked else _("after the lock"), "now" if locked else "next")


_WORDS = {"design": _design, "round": _round, "washout": _washout, "close": _close}


def _day(at: Any) -> str:
    return date_format(at, "j M Y")
