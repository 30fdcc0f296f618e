"""Amendments: the protocol in its versions, the consent in its texts, and what may still change."""

from dataclasses import asdict
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from readerstudy.administration.page import render_study, study_page
from readerstudy.models import Study
from readerstudy.protocol.design import BadDesign
from readerstudy.selectors.consent import consent_lines
from readerstudy.services.amendment import amend_study
from readerstudy.services.errors import Refused

REGISTRATION = ("ethics_committee", "ethics_number", "registration")


class AmendmentForm(forms.Form):
    """Fields as they stand; what was not touched is no change."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    ethics_committee = forms.CharField(label=gettext_lazy("Ethics committee"), max_length=200, required=False)
    ethics_number = forms.CharField(label=gettext_lazy("Its number"), max_length=80, required=False)
    registration = forms.CharField(label=gettext_lazy("Registration"), max_length=200, required=False)
    planned_readers = forms.IntegerField(label=gettext_lazy("Planned readers"), min_value=0)
    after_days = forms.CharField(
        label=gettext_lazy("Reminders after so many silent days"), required=False,
        help_text=gettext_lazy("Such as 3, 7. Empty: none."),
    )  # fmt: skip
    quiet_from = forms.IntegerField(label=gettext_lazy("No mail from, o'clock"), min_value=0, max_value=23)
    quiet_to = forms.IntegerField(label=gettext_lazy("to"), min_value=0, max_value=23)
    timezone = forms.CharField(label=gettext_lazy("Time zone of these hours"), max_length=60)
    consent_text = forms.CharField(
        label=gettext_lazy("Consent text"), widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy("Every reader is asked again where it changes."),
    )  # fmt: skip
    reason = forms.CharField(label=gettext_lazy("Reason of the amendment"), widget=forms.Textarea(attrs={"rows": 2}))

    def clean_after_days(self) -> list[float]:
        try:
            return [
                float(part) for part in self.cleaned_data["after_days"].replace(";", ",").split(",") if part.strip()
            ]
        except ValueError as bad:
            raise forms.ValidationError(_("Write numbers, such as 3, 7.")) from bad

    def changes(self, study: Study) -> dict[str, Any]:
        """What differs from the study as it stands."""
        values = self.cleaned_data
        wanted = {
            "title": values["title"],
            "consent_text": values["consent_text"],
            "registration": _without_empty({**study.registration, **{name: values[name] for name in REGISTRATION}}),
            "planned_readers": values["planned_readers"],
            "reminders": {name: values[name] for name in ("after_days", "quiet_from", "quiet_to", "timezone")},
        }
        return {name: value for name, value in wanted.items() if value != _standing(study)[name]}


@require_http_methods(["GET", "HEAD", "POST"])
@study_page
def amend(request: HttpRequest, study: Study) -> HttpResponse:
    form = AmendmentForm(request.POST or None, initial=_initial(study))
    if request.method != "POST":
        return _page(request, study, form)
    if not form.is_valid():
        return _page(request, study, form, status=422)
    try:
        version = amend_study(
            study_id=study.pk, changes=form.changes(study), reason=form.cleaned_data["reason"], by=request.user,
            at=request.arrived_at,
        )  # fmt: skip
    except Refused as refused:
        return _page(request, study, form, faults=[refused.message], status=409)
    except BadDesign as bad:
        return _page(request, study, form, faults=bad.faults, status=422)
    messages.success(request, _("The protocol has version %(n)d now.") % {"n": version.number})
    return redirect("administration:amend", study.slug)


def _without_empty(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def _standing(study: Study) -> dict[str, Any]:
    design = study.design
    rule = asdict(design.reminders)
    return {
        "title": study.title,
        "consent_text": study.consent_text,
        "registration": _without_empty(study.registration),
        "planned_readers": design.planned_readers,
        "reminders": {**rule, "after_days": list(rule["after_days"])},
    }


def _initial(study: Study) -> dict[str, Any]:
    now = _standing(study)
    days = ", ".join(f"{one:g}" for one in now["reminders"]["after_days"])
    return {**now, **now["registration"], **now["reminders"], "after_days": days}


def _page(
    request: HttpRequest, study: Study, form: AmendmentForm, *, faults: list[str] | None = None, status: int = 200
) -> HttpResponse:
    return render_study(
        request, study, "amend", status=status, form=form, faults=faults or [],
        versions=study.protocol_versions.order_by("number"), consents=consent_lines(study),
        live=study.state == Study.State.LIVE,
    )  # fmt: skip
