"""The design of a draft as a form. What a design may be is decided by readerstudy.protocol; here it is only parsed."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from readerstudy.administration.page import render_study, study_page
from readerstudy.models import Study
from readerstudy.protocol.design import AIDED, UNAIDED, BadDesign, Design
from readerstudy.protocol.questions import PRINCIPAL, Kind
from readerstudy.selectors.case_mix import DatasetLine, case_mix, plan_preview
from readerstudy.services.errors import StudyFrozen
from readerstudy.services.study import edit_design

MODALITIES = [
    (UNAIDED, gettext_lazy("Without AI")),
    (AIDED, gettext_lazy("AI output beside the image")),
]
DRAW = "draw-"


class QuestionForm(forms.Form):
    question = forms.CharField(label=gettext_lazy("Question above the diagnoses"), max_length=200)
    confidence = forms.BooleanField(label=gettext_lazy("Ask how sure the reader is"), required=False)


class RoundForm(forms.Form):
    modality = forms.ChoiceField(label=gettext_lazy("Readers see"), choices=MODALITIES)
    limit_s = forms.FloatField(label=gettext_lazy("Seconds a case"))
    washout_days = forms.FloatField(label=gettext_lazy("Days of washout before it"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("limit_s", "washout_days"):
            self.fields[name].widget.attrs |= {"step": "any", "inputmode": "decimal"}


RoundFormSet = forms.formset_factory(RoundForm, extra=0, max_num=12)


class DrawForm(forms.Form):
    """How many cases of each data set are drawn. Empty: all of them."""

    def __init__(self, *args: Any, lines: Sequence[DatasetLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._names = [line.name for line in lines]
        for index, line in enumerate(lines):
            field = forms.IntegerField(label=line.name, required=False, initial=line.wanted)
            field.help_text = _("of %(n)d; empty reads all") % {"n": line.cases}
            self.fields[f"{DRAW}{index}"] = field

    def wanted(self) -> dict[str, int]:
        values = {name: self.cleaned_data[f"{DRAW}{index}"] for index, name in enumerate(self._names)}
        return {name: number for name, number in values.items() if number is not None}


@require_http_methods(["GET", "HEAD", "POST"])
@study_page
def design(request: HttpRequest, study: Study) -> HttpResponse:
    mix = case_mix(study)
    if request.method != "POST":
        return _page(request, study, mix, *_forms(study, mix))
    data = request.POST.copy()
    if data.get("act") in ("add", "remove"):
        return _page(request, study, mix, *_with_rounds_changed(study, data, mix))
    question, rounds, draw = _bound(data, mix)
    if not all([question.is_valid(), rounds.is_valid(), draw.is_valid()]):
        return _page(request, study, mix, question, rounds, draw, status=422)
    try:
        values = _values(study, question, rounds, draw)
        edit_design(study_id=study.pk, values=values, by=request.user, at=request.arrived_at)
    except BadDesign as bad:
        return _page(request, study, mix, question, rounds, draw, faults=bad.faults, status=422)
    except StudyFrozen as frozen:
        return _page(request, study, mix, question, rounds, draw, faults=[frozen.message], status=409)
    messages.success(request, _("Design saved. The plan beside it is what it means now."))
    return redirect("administration:design", study.slug)


@require_POST
@study_page
def preview(request: HttpRequest, study: Study) -> HttpResponse:
    """What the typed design would mean. Nothing is saved."""
    mix = case_mix(study)
    question, rounds, draw = _bound(request.POST, mix)
    if not all([question.is_valid(), rounds.is_valid(), draw.is_valid()]):
        return render(request, "administration/_plan.html", {"faults": [_("Not every field is filled in yet.")]})
    try:
        typed = Design.from_dict(_values(study, question, rounds, draw))
    except BadDesign as bad:
        return render(request, "administration/_plan.html", {"faults": bad.faults})
    return render(request, "administration/_plan.html", {"plan": plan_preview(study, mix, typed)})


def _values(study: Study, question: QuestionForm, rounds: Any, draw: DrawForm) -> dict[str, Any]:
    """Plain values as `Design.from_dict` reads them: the study's own with the page's fields over them."""
    typed = question.cleaned_data
    asked = [{"name": "diagnosis", "kind": "diagnosis", "text": typed["question"]}]
    if typed["confidence"]:
        asked.append({"name": "confidence", "kind": "confidence", "text": "How sure are you?"})
    return {
        **study.values,
        "questions": asked,
        "rounds": [form.cleaned_data for form in rounds],
        "cases": {**study.values.get("cases", {}), "draw": draw.wanted()},
    }


def _forms(study: Study, mix: Sequence[DatasetLine]) -> tuple[QuestionForm, Any, DrawForm]:
    rounds = [
        {"modality": one.modality, "limit_s": _plain(one.limit_s), "washout_days": _plain(one.washout_days)}
        for one in study.design.rounds
    ]
    asked = study.design.questions
    question = QuestionForm(
        initial={
            "question": next((one.text for one in asked if one.kind in PRINCIPAL), ""),
            "confidence": any(one.kind == Kind.CONFIDENCE for one in asked),
        }
    )
    return question, RoundFormSet(initial=rounds, prefix="rounds"), DrawForm(lines=mix)


def _bound(data: Any, mix: Sequence[DatasetLine]) -> tuple[QuestionForm, Any, DrawForm]:
    return QuestionForm(data), RoundFormSet(data, prefix="rounds"), DrawForm(data, lines=mix)


def _with_rounds_changed(study: Study, data: Any, mix: Sequence[DatasetLine]) -> tuple[QuestionForm, Any, DrawForm]:
    """The forms with one round more or less, nothing saved and nothing typed lost."""
    total = data.get("rounds-TOTAL_FORMS", "")
    number = int(total) if total.isdigit() else study.rounds.count()
    if data["act"] == "add":
        aided = number % 2 == 1
        data[f"rounds-{number}-modality"] = AIDED if aided else UNAIDED
        data[f"rounds-{number}-limit_s"] = data.get(f"rounds-{number - 1}-limit_s", "20")
        data[f"rounds-{number}-washout_days"] = "14" if number else "0"
        number += 1
    else:
        number = max(1, number - 1)
    data["rounds-TOTAL_FORMS"] = str(number)
    return _bound(data, mix)


def _page(
    request: HttpRequest,
    study: Study,
    mix: Sequence[DatasetLine],
    question: QuestionForm,
    rounds: Any,
    draw: DrawForm,
    *,
    faults: Sequence[str] = (),
    status: int = 200,
) -> HttpResponse:
    if study.state != Study.State.DRAFT:
        for form in (question, draw, *rounds):
            for field in form.fields.values():
                field.disabled = True
    return render_study(
        request, study, "design", status=status, question=question, rounds=rounds, draw=draw, faults=faults,
        mix=mix, plan=plan_preview(study, mix), frozen=study.state != Study.State.DRAFT,
    )  # fmt: skip


def _plain(number: float) -> float | int:
    """20, not 20.0, in a field."""
    return int(number) if number == int(number) else number
