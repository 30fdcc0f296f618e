"""Lock: the readings are signed, results open, the seed is revealed. Before that: unblinding, as a signed act."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from readerstudy.administration.page import render_study, study_page
from readerstudy.models import Study, Unblinding
from readerstudy.selectors.exclusion import exclusion_counts
from readerstudy.selectors.lock import lock_signature, readings_changed, revealed_seed, signatures
from readerstudy.selectors.unblinding import unblinding_log
from readerstudy.services.errors import Refused
from readerstudy.services.lock import lock_study
from readerstudy.services.permission import Permission, may
from readerstudy.services.unblinding import unblind as unblind_results


class SigningForm(forms.Form):
    """A signed act: the password once more."""

    password = forms.CharField(
        label=gettext_lazy("Your signing password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class UnblindForm(SigningForm):
    kind = forms.ChoiceField(
        label=gettext_lazy("What happens"), choices=Unblinding.Kind.choices, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=gettext_lazy("Why, and who sees what"),
        help_text=gettext_lazy("It stands in the report of the study."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    field_order = ("kind", "reason", "password")


@require_http_methods(["GET", "HEAD", "POST"])
@study_page
def lock(request: HttpRequest, study: Study) -> HttpResponse:
    form = SigningForm(request.POST or None)
    if request.method != "POST":
        return _page(request, study, form=form)
    if not form.is_valid():
        return _page(request, study, form=form, status=422)
    try:
        lock_study(study_id=study.pk, by=request.user, password=form.cleaned_data["password"], at=request.arrived_at)
    except Refused as refused:
        return _page(request, study, form=form, fault=refused.message, status=409)
    messages.success(request, _("The readings are locked and signed. The results are open."))
    return redirect("administration:lock", study.slug)


@require_POST
@study_page
def unblind(request: HttpRequest, study: Study) -> HttpResponse:
    form = UnblindForm(request.POST)
    if not form.is_valid():
        return _page(request, study, unblind_form=form, status=422)
    try:
        act = unblind_results(study_id=study.pk, by=request.user, at=request.arrived_at, **form.cleaned_data)
    except Refused as refused:
        return _page(request, study, unblind_form=form, fault=refused.message, status=409)
    told = {
        Unblinding.Kind.PLANNED: _("Recorded and signed. You may see the results from now on."),
        Unblinding.Kind.ACCIDENTAL: _("Recorded and signed. The results stay closed."),
    }
    messages.success(request, told[Unblinding.Kind(act.kind)])
    return redirect("administration:lock", study.slug)


def _page(
    request: HttpRequest, study: Study, *, form: SigningForm | None = None, unblind_form: UnblindForm | None = None,
    fault: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    locked = study.state == Study.State.LOCKED
    running = study.state in (Study.State.LIVE, Study.State.CLOSED) and not study.simulated
    return render_study(
        request, study, "lock", status=status, fault=fault,
        form=form or SigningForm(), unblind_form=unblind_form or UnblindForm(), locked=locked,
        closed=study.state == Study.State.CLOSED, seed=revealed_seed(study), lock_signature=lock_signature(study),
        changed=locked and readings_changed(study), signatures=signatures(study), unblindings=unblinding_log(study),
        may_unblind=running and may(request.user, study, Permission.UNBLIND), counts=exclusion_counts(study),
    )  # fmt: skip
