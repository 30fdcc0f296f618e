"""One reader: withdrawal, and another washout as a recorded exception."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from readerstudy.administration.page import render_study, study_page
from readerstudy.models import Reader, Study
from readerstudy.selectors.progress import progress
from readerstudy.services.errors import Refused
from readerstudy.services.washout_override import override_washout
from readerstudy.services.withdrawal import withdraw_reader


class WithdrawForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Reason"), widget=forms.Textarea(attrs={"rows": 2}))


class WashoutForm(forms.Form):
    round_number = forms.IntegerField(label=gettext_lazy("Before round"), min_value=2, initial=2)
    washout_days = forms.FloatField(
        label=gettext_lazy("Days of washout"), widget=forms.NumberInput(attrs={"step": "any"})
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("It stands in the report of the study."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )


@require_safe
@study_page
def reader(request: HttpRequest, study: Study, reader_id: UUID) -> HttpResponse:
    return _page(request, study, _reader(study, reader_id))


@require_POST
@study_page
def withdraw(request: HttpRequest, study: Study, reader_id: UUID) -> HttpResponse:
    one, form = _reader(study, reader_id), WithdrawForm(request.POST)
    if not form.is_valid():
        return _page(request, study, one, withdraw_form=form, status=422)
    withdraw_reader(reader_id=one.pk, by=request.user, at=request.arrived_at, **form.cleaned_data)
    messages.success(request, _("%(who)s has left the study. No row was deleted.") % {"who": one.pseudonym})
    return redirect("administration:reader", study.slug, one.pk)


@require_POST
@study_page
def washout(request: HttpRequest, study: Study, reader_id: UUID) -> HttpResponse:
    one, form = _reader(study, reader_id), WashoutForm(request.POST)
    if not form.is_valid():
        return _page(request, study, one, washout_form=form, status=422)
    try:
        override_washout(reader_id=one.pk, by=request.user, at=request.arrived_at, **form.cleaned_data)
    except Refused as refused:
        return _page(request, study, one, washout_form=form, fault=refused.message, status=409)
    messages.success(request, _("The exception is recorded. The reader's page shows the new day."))
    return redirect("administration:reader", study.slug, one.pk)


def _reader(study: Study, reader_id: UUID) -> Reader:
    return get_object_or_404(Reader, pk=reader_id, study=study, kind=Reader.Kind.READER)


def _page(
    request: HttpRequest, study: Study, one: Reader, *, withdraw_form: WithdrawForm | None = None,
    washout_form: WashoutForm | None = None, fault: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    line = next(line for line in progress(study, now=request.arrived_at) if line.id == one.pk)
    return render_study(
        request, study, "readers", template="reader", status=status, fault=fault, reader=line, one=one,
        withdraw_form=withdraw_form or WithdrawForm(), washout_form=washout_form or WashoutForm(),
        overrides=one.washout_overrides.select_related("round", "by"), live=study.state == Study.State.LIVE,
    )  # fmt: skip
