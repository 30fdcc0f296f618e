"""Readers: invite by pasted addresses, see who is stuck, send a new link."""

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from readerstudy.administration.page import render_study, study_page
from readerstudy.administration.truth import known_strata
from readerstudy.models import Reader, Study
from readerstudy.selectors.progress import progress
from readerstudy.services.errors import Refused
from readerstudy.services.invitation import Invitations, invite, send_link


class InviteForm(forms.Form):
    addresses = forms.CharField(
        label=gettext_lazy("E-mail addresses"),
        help_text=gettext_lazy("Paste them as they are: commas, semicolons, lines, “Name <address>”."),
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@study_page
def readers(request: HttpRequest, study: Study) -> HttpResponse:
    form = InviteForm(request.POST or None)
    if request.method != "POST":
        return _page(request, study, form)
    if not form.is_valid():
        return _page(request, study, form, status=422)
    try:
        invited = invite(
            study_id=study.pk, pasted=form.cleaned_data["addresses"], site=_site(request), by=request.user,
            at=request.arrived_at, strata=known_strata(study),
        )  # fmt: skip
    except Refused as refused:
        form.add_error("addresses", refused.message)
        return _page(request, study, form, status=422)
    return _page(request, study, InviteForm(), invited=invited)


@require_POST
@study_page
def link(request: HttpRequest, study: Study, reader_id: UUID) -> HttpResponse:
    reader = get_object_or_404(Reader.objects.select_related("person", "study"), pk=reader_id, study=study)
    sent = send_link(reader, site=_site(request))
    return _page(request, study, InviteForm(), invited=Invitations(sent=[sent], already=[], unreadable=[]))


def _page(request: HttpRequest, study: Study, form: InviteForm, *, invited: Invitations | None = None,
          status: int = 200) -> HttpResponse:  # fmt: skip
    """Not redirected to: the links in it are shown once and are kept nowhere."""
    return render_study(
        request, study, "readers", status=status, form=form, invited=invited,
        readers=progress(study, now=request.arrived_at),
        may_invite=study.state in (Study.State.DRAFT, Study.State.LIVE),
    )  # fmt: skip


def _site(request: HttpRequest) -> str:
    return request.build_absolute_uri("/").rstrip("/")
