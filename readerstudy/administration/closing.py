"""Close: no more readings from then on. Results open after the lock."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from readerstudy.administration.page import render_study, study_page
from readerstudy.models import Study
from readerstudy.selectors.progress import progress
from readerstudy.services.errors import NotReady
from readerstudy.services.study import close_study


@require_http_methods(["GET", "HEAD", "POST"])
@study_page
def close(request: HttpRequest, study: Study) -> HttpResponse:
    if request.method != "POST":
        return _page(request, study)
    try:
        close_study(study_id=study.pk, by=request.user, at=request.arrived_at)
    except NotReady as early:
        return _page(request, study, fault=early.message, status=409)
    messages.success(request, _("The study is closed. Lock its readings to open the results."))
    return redirect("administration:lock", study.slug)


def _page(request: HttpRequest, study: Study, *, fault: str = "", status: int = 200) -> HttpResponse:
    readers = progress(study, now=request.arrived_at)
    unread = sum(one.total - one.closed for reader in readers for one in reader.rounds)
    return render_study(
        request, study, "close", status=status, fault=fault, unread=unread, live=study.state == Study.State.LIVE,
        over=study.state in (Study.State.CLOSED, Study.State.LOCKED),
        unfinished=sum(reader.state != "done" for reader in readers),
    )  # fmt: skip
