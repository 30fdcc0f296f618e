"""The design of a draft: the whole of it as text, and a builder over the same values. What a design may be is decided
by readerstudy.protocol; here it is only parsed and shown."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

import tomli_w
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from readerstudy.administration.design_schema import design_schema
from readerstudy.administration.page import render_study, study_page
from readerstudy.administration.truth import known_strata
from readerstudy.models import Study
from readerstudy.protocol.design import BadDesign, Design
from readerstudy.protocol.presets import HEAD
from readerstudy.protocol.rubric import rubric_from_csv
from readerstudy.selectors.plan_preview import PlanPreview, plan_preview
from readerstudy.services.errors import StudyFrozen
from readerstudy.services.preset import preset_of
from readerstudy.services.study import edit_design, register_study

RUBRIC_BYTES = 1_000_000
NOT_OF_A_DESIGN = (*HEAD, "simulate")  # a preset's file may be pasted whole


class RegistrationForm(forms.Form):
    ethics_committee = forms.CharField(label=gettext_lazy("Ethics committee"), max_length=200, required=False)
    ethics_number = forms.CharField(label=gettext_lazy("Its number"), max_length=100, required=False)
    registration = forms.CharField(label=gettext_lazy("Registration of the study"), max_length=200, required=False)


@require_http_methods(["GET", "HEAD", "POST"])
@study_page
def design(request: HttpRequest, study: Study) -> HttpResponse:
    if request.method != "POST":
        return _page(request, study, text=written(study.values))
    if request.content_type == "application/json":
        return _saved_by_program(request, study)
    text = request.POST.get("text", "")
    try:
        edit_design(study_id=study.pk, values=parsed(text), by=request.user, at=request.arrived_at)
    except BadDesign as bad:
        return _page(request, study, text=text, faults=bad.faults, status=422)
    except StudyFrozen as frozen:
        return _page(request, study, text=text, faults=[frozen.message], status=409)
    messages.success(request, _("Design saved. The plan beside it is what it means now."))
    return redirect("administration:design", study.slug)


@require_POST
@study_page
def preview(request: HttpRequest, study: Study) -> JsonResponse:
    """What a typed design would mean: {"text"} or {"values"} in, both with faults and plan out. Saves nothing."""
    faults: list[str] = []
    plan = None
    sent = _sent(request)
    text, values = str(sent.get("text", "")), sent.get("values")
    try:
        if isinstance(values, dict):
            text = written(values)
        else:
            values = parsed(text)
        plan = _plan(study, Design.from_dict(values))
    except BadDesign as bad:
        faults = bad.faults
    html = render_to_string("administration/_plan.html", {"plan": plan, "faults": faults}, request)
    return JsonResponse({"text": text, "values": values, "faults": faults, "plan": html})


@require_POST
@study_page
def register(request: HttpRequest, study: Study) -> HttpResponse:
    """Ethics committee and registration: they stand in every report."""
    form = RegistrationForm(request.POST)
    if not form.is_valid():
        return _page(request, study, text=written(study.values), registration=form, status=422)
    try:
        register_study(study_id=study.pk, values=form.cleaned_data, by=request.user, at=request.arrived_at)
    except StudyFrozen as frozen:
        return _page(request, study, text=written(study.values), faults=[frozen.message], status=409)
    messages.success(request, _("Registration saved."))
    return redirect("administration:design", study.slug)


@require_POST
@study_page
def rubric(request: HttpRequest, study: Study) -> HttpResponse:
    """The table of graded managements from a CSV file; the rest of the design stays."""
    file = request.FILES.get("file")
    text = file.read(RUBRIC_BYTES).decode("utf-8-sig", errors="replace") if file else ""
    try:
        values = {**study.values, "rubric": rubric_from_csv(text)}
        edit_design(study_id=study.pk, values=values, by=request.user, at=request.arrived_at)
    except BadDesign as bad:
        return _page(request, study, text=written(study.values), faults=bad.faults, status=422)
    except StudyFrozen as frozen:
        return _page(request, study, text=written(study.values), faults=[frozen.message], status=409)
    messages.success(request, _("The table of graded managements is part of the design now."))
    return redirect("administration:design", study.slug)


@require_safe
@study_page
def export(request: HttpRequest, study: Study) -> HttpResponse:
    """The design as a preset's file."""
    response = HttpResponse(preset_of(study), content_type="application/toml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{study.slug}.toml"'
    return response


def parsed(text: str) -> dict[str, Any]:
    """The plain values of a design's text. Raises BadDesign."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as bad:
        raise BadDesign([_("The text is no valid TOML: %(fault)s.") % {"fault": bad}]) from bad
    return {name: value for name, value in values.items() if name not in NOT_OF_A_DESIGN}


def written(values: Mapping[str, Any]) -> str:
    """The text of plain values. What is null is left out: it means the same."""
    return tomli_w.dumps(_without_null(values))


def _without_null(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _without_null(one) for name, one in value.items() if one is not None}
    return [_without_null(one) for one in value] if isinstance(value, list | tuple) else value


def _saved_by_program(request: HttpRequest, study: Study) -> JsonResponse:
    try:
        edit_design(study_id=study.pk, values=_sent(request), by=request.user, at=request.arrived_at)
    except StudyFrozen as frozen:
        return JsonResponse({"code": frozen.code, "message": frozen.message}, status=409)
    except BadDesign as bad:
        return JsonResponse({"code": "bad_design", "message": str(bad), "faults": bad.faults}, status=422)
    return JsonResponse({"code": "saved", "message": _("Design saved.")})


def _sent(request: HttpRequest) -> Any:
    """The JSON body. Raises BadDesign."""
    try:
        return json.loads(request.body or b"{}")
    except ValueError as bad:
        raise BadDesign([_("The request holds no valid JSON: %(fault)s.") % {"fault": bad}]) from bad


def _plan(study: Study, typed: Design) -> PlanPreview:
    return plan_preview(study, typed, strata=known_strata(study))


def _page(
    request: HttpRequest, study: Study, *, text: str, faults: Sequence[str] = (),
    registration: RegistrationForm | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    frozen = study.state != Study.State.DRAFT
    registration = registration or RegistrationForm(initial=study.registration)
    if frozen:
        for field in registration.fields.values():
            field.disabled = True
    return render_study(
        request, study, "design", status=status, text=text, faults=faults, schema=design_schema(),
        values=study.design.as_dict(), plan=_plan(study, study.design), registration=registration, frozen=frozen,
    )  # fmt: skip
