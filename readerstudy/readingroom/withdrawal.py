"""A reader leaves a study: one page, one button, no reason owed."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from readerstudy.models import Reader
from readerstudy.readingroom.access import reader_page
from readerstudy.services.withdrawal import withdraw_reader


class WithdrawalForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Would you tell us why?"), required=False, max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@reader_page
def withdraw(request: HttpRequest, reader: Reader) -> HttpResponse:
    form = WithdrawalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        withdraw_reader(reader_id=reader.pk, by=request.user, reason=form.cleaned_data["reason"], at=request.arrived_at)
        messages.success(request, _("You have left the study. Thank you for what you gave."))
        return redirect("readingroom:home")
    context = {"study": reader.study, "reader": reader, "form": form, "simulated": reader.study.simulated}
    return render(request, "readingroom/withdraw.html", context, status=422 if form.errors else 200)
