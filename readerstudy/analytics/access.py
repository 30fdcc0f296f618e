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
    """Call `view(request, study, ...)`; before the study is closed, say when results open (403)."""

    @wraps(view)
    @administrator_required
    def guarded(request: HttpRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponse:
        study = get_object_or_404(Study, slug=slug)
        if results_are_open(study):
            response = view(request, study, *args, **kwargs)
        else:
            response = not_yet(
                request,
                study,
                title=_("Results open when the study is closed"),
                reason=_("Until then nobody sees accuracy, so that nobody can stop a study because of it."),
                status=403,
            )
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return guarded


def not_yet(request: HttpRequest, study: Study, *, title: str, reason: str, status: int) -> HttpResponse:
    """A calm page that says why there is nothing to see and what to do."""
    context = {
        "title": title,
        "reason": reason,
        "next_title": _("Back to the results list"),
        "next_url": reverse("analytics:home"),
        "simulated": study.simulated,
    }
    return render(request, "analytics/not_yet.html", context, status=status)
