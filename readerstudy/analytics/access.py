"""Who may see results, and when: those with a part in the study, once its readings are locked."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from readerstudy.models import Study
from readerstudy.selectors.study import has_readers, study_at
from readerstudy.services.permission import Permission, may, studies_of
from readerstudy.services.unblinding import may_see_results
from webapp.accounts.models import Person
from webapp.accounts.roles import has_role


def open_studies(person: Person) -> frozenset[str]:
    """The addresses of the studies whose results a person may see now."""
    return frozenset(study.slug for study in studies_of(person) if may_see_results(study, person))


def results_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Call `view(request, study, ...)`; before the lock, say when results open (403); no reader: 404."""

    @wraps(view)
    def guarded(request: HttpRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        study = _study(request.user, slug)
        if not may_see_results(study, request.user):
            title = _("Results open when the readings are locked")
            reason = _("Until then nobody sees accuracy, so that nobody can stop a study because of it.")
            response = _nothing(request, study, title=title, reason=reason, status=403)
        elif not has_readers(study):
            title = _("No reading was made in this study")
            reason = _("It was closed without a reader: there is nothing to report on.")
            response = _nothing(request, study, title=title, reason=reason, status=404)
        else:
            response = view(request, study, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return guarded


def _study(person: Person, slug: str) -> Study:
    """Who has no part in a study learns nothing of it, not even whether it exists. Raises PermissionDenied, Http404."""
    study = study_at(slug)
    if study is None and has_role(person, "administrator"):
        raise Http404
    if study is None or not may(person, study, Permission.WATCH):
        raise PermissionDenied(_("This page is for another role. Ask an administrator of this site if you need it."))
    return study


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
