"""Exclusions: what does not count, decided without knowing any result."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from readerstudy.administration.page import render_study, study_page
from readerstudy.models import Exclusion, Study
from readerstudy.selectors.exclusion import exclusion_counts, exclusion_lines, exclusion_reasons
from readerstudy.selectors.progress import progress
from readerstudy.services.errors import Refused
from readerstudy.services.exclusion import decide_exclusion
from readerstudy.services.permission import Permission, may

KINDS = [("reader", gettext_lazy("A reader")), ("case", gettext_lazy("A case")), ("reading", gettext_lazy("A reading"))]


class ExclusionForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("What"), choices=KINDS, widget=forms.RadioSelect)
    target = forms.CharField(
        label=gettext_lazy("Which one"),
        help_text=gettext_lazy("A reader's pseudonym such as r07, or the id of a case or a reading."),
        max_length=60,
    )
    decision = forms.ChoiceField(
        label=gettext_lazy("Decision"), choices=Exclusion.Decision.choices, widget=forms.RadioSelect,
        initial=Exclusion.Decision.EXCLUDED,
    )  # fmt: skip
    reason = forms.CharField(label=gettext_lazy("Reason"), widget=forms.Textarea(attrs={"rows": 2}))


@require_http_methods(["GET", "HEAD", "POST"])
@study_page
def exclusions(request: HttpRequest, study: Study) -> HttpResponse:
    form = ExclusionForm(request.POST or None)
    if request.method != "POST":
        return _page(request, study, form)
    if not form.is_valid():
        return _page(request, study, form, status=422)
    target = _target(request, study, form.cleaned_data["kind"], form.cleaned_data.pop("target"))
    if target is None:
        form.add_error("target", _("There is none of this name in the study."))
        return _page(request, study, form, status=422)
    try:
        decide_exclusion(
            study_id=study.pk, target_id=target, by=request.user, at=request.arrived_at, **form.cleaned_data
        )
    except Refused as refused:
        return _page(request, study, form, fault=refused.message, status=409)
    messages.success(request, _("The decision is recorded. No row was deleted."))
    return redirect("administration:exclusions", study.slug)


def _target(request: HttpRequest, study: Study, kind: str, written: str) -> UUID | None:
    """The id behind a pseudonym or an id as it was written."""
    if kind == "reader":
        by_pseudonym = {one.pseudonym: one.id for one in progress(study, now=request.arrived_at)}
        return by_pseudonym.get(written.strip().lower())
    try:
        return UUID(written.strip())
    except ValueError:
        return None


def _page(
    request: HttpRequest, study: Study, form: ExclusionForm, *, fault: str = "", status: int = 200
) -> HttpResponse:  # fmt: skip
    return render_study(
        request, study, "exclusions", status=status, form=form, fault=fault, lines=exclusion_lines(study),
        counts=exclusion_counts(study), reasons=exclusion_reasons(study), rules=study.design.exclusions,
        may_decide=may(request.user, study, Permission.EXCLUDE) and study.state != Study.State.LOCKED,
    )  # fmt: skip
