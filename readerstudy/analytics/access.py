"""Who may see results, and when: a study administrator, once no reader can answer any more."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from readerstudy.models import Study
from webapp.accounts.roles import administrator_required

OPEN = (Study.State.CLOSED, Study.State.LOCKED)


def results_are_open(study: Study) -> bool:
    """A simulated study has nobody to unblind."""
    return study.state in OPEN or (study.simulated and study.state == Study.State.LIVE)


def results_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Call `view(request, study, ...)`; before the study is closed, say when results open (403); no reader: 404."""

    @wraps(view)
    @administrator_required
    def guarded(request: HttpRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponse:
        study = get_object_or_404(Study, slug=slug)
        if not results_are_open(study):
            title = _("Results open when the study is closed")
            reason = _("Until then nobody sees accuracy, so that nobody can stop a study because of it.")
            response = _nothing(request, study, title=title, reason=reason, status=403)
        elif not study.readers.exists():
            title = _("No reading was made in this study")
            reason = _("It was closed without a reader: there is nothing to report on.")
            response = _nothing(request, study, title=title, reason=reason, status=404)
        else:
            response = view(request, study, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return guarded


def _nothing(request: HttpRequest, study: Study, *, title: str, reason: str, status: int) -> HttpResponse:
    """A calm page that says why there is nothing to see and what to do."""
    context = {
        "title": title,
        "reason": reason,
        "next_title": _("Back to the results list"),
        "next_url": reverse("analytics:home"),
        "simulated": study.simulated,
    }
    return render(request, "analytics/not_yet.html", context, status=status)
