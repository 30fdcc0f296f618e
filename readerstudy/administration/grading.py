"""Grading and coding: sheets for graders who know the truth, and texts for coders who see nothing but the text."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from readerstudy.administration.page import render_study, study_page
from readerstudy.exchange.grading import grading_sheet, read_grades
from readerstudy.models import Study
from readerstudy.selectors.grading import free_questions, grader_lines, texts_to_code
from readerstudy.services.errors import Refused
from readerstudy.services.grading import add_grades, code_text
from readerstudy.table.reading import BadRow, BadRows

TEXTS_AT_ONCE = 20


class SheetForm(forms.Form):
    measure = forms.SlugField(label=gettext_lazy("Measure"), initial="diagnosis", max_length=40)
    percent = forms.IntegerField(
        label=gettext_lazy("Percent of the answers"), initial=100, min_value=1, max_value=100,
        help_text=gettext_lazy("20 gives a second grader a sample of a fifth."),
    )  # fmt: skip


class GradesForm(forms.Form):
    file = forms.FileField(label=gettext_lazy("The filled sheet (CSV)"))
    name = forms.CharField(label=gettext_lazy("Grader"), max_length=80)
    version = forms.CharField(label=gettext_lazy("Version, if the grader is a program"), max_length=40, required=False)


@require_http_methods(["GET", "HEAD", "POST"])
@study_page
def grading(request: HttpRequest, study: Study) -> HttpResponse:
    form = GradesForm(request.POST or None, request.FILES or None)
    if request.method != "POST":
        return _page(request, study, form)
    if not form.is_valid():
        return _page(request, study, form, status=422)
    try:
        grades = read_grades(form.cleaned_data["file"].read().decode("utf-8-sig", errors="replace"))
        done = add_grades(
            study_id=study.pk, name=form.cleaned_data["name"], version=form.cleaned_data["version"], grades=grades,
            by=request.user, at=request.arrived_at,
        )  # fmt: skip
    except BadRows as bad:
        return _page(request, study, form, faults=bad.rows, status=422)
    except Refused as refused:
        return _page(request, study, form, faults=[BadRow(0, refused.message)], status=409)
    messages.success(request, _("%(n)d grades recorded.") % {"n": done})
    return redirect("administration:grading", study.slug)


@require_safe
@study_page
def sheet(request: HttpRequest, study: Study) -> HttpResponse:
    """The answers to grade, shuffled, without reader, modality or stage."""
    form = SheetForm(request.GET)
    if not form.is_valid():
        return _page(request, study, GradesForm(), sheet_form=form, status=422)
    measure = form.cleaned_data["measure"]
    content = grading_sheet(study, measure=measure, share=form.cleaned_data["percent"] / 100, seed=study.seed)
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="grading-{measure}.csv"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@study_page
def coding(request: HttpRequest, study: Study) -> HttpResponse:
    """The next text for this coder."""
    if request.method == "POST":
        try:
            code_text(
                study_id=study.pk, question=request.POST.get("question", ""), text=request.POST.get("text", ""),
                code=request.POST.get("code", ""), by=request.user, at=request.arrived_at,
            )  # fmt: skip
        except Refused as refused:
            messages.error(request, refused.message)
        return redirect("administration:coding", study.slug)
    waiting = texts_to_code(study, request.user)
    return render_study(
        request, study, "grading", template="coding", waiting=waiting[:TEXTS_AT_ONCE], left=len(waiting)
    )


def _page(
    request: HttpRequest,
    study: Study,
    form: GradesForm,
    *,
    sheet_form: SheetForm | None = None,
    faults: list[BadRow] | None = None,
    status: int = 200,
) -> HttpResponse:
    return render_study(
        request, study, "grading", status=status, form=form, sheet_form=sheet_form or SheetForm(), faults=faults or [],
        graders=grader_lines(study), free=free_questions(study), open=study.state != Study.State.LOCKED,
    )  # fmt: skip
