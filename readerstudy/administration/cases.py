"""Cases: their mix, the way in for more, and small pictures of them."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from readerstudy.administration.page import render_study, study_page
from readerstudy.administration.truth import diagnosis_counts
from readerstudy.exchange.cases import Choice, Imported, import_cases
from readerstudy.exchange.layout import Layout
from readerstudy.exchange.upload import folder_of
from readerstudy.models import Case, PracticeCase, Study
from readerstudy.selectors.case_mix import case_mix, some_cases, some_practice_cases
from readerstudy.services.errors import StudyFrozen
from readerstudy.table.reading import BadRow, BadRows
from webapp.imagery.delivery import deliver
from webapp.imagery.errors import StorageFull

THUMBNAIL_PX = 160
SHOWN_AT_MOST = 60


class SeveralFiles(forms.FileField):
    """One or more files of one field."""

    def clean(self, data: object, initial: object = None) -> list:
        sent = data if isinstance(data, list | tuple) else [data]
        return [super(SeveralFiles, self).clean(one, initial) for one in sent]


class SeveralFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class UploadForm(forms.Form):
    files = SeveralFiles(
        label=gettext_lazy("A zip archive, or one CSV and its images"),
        help_text=gettext_lazy(
            "Columns: image, dataset, diagnosis, and if there are any mask, age, sex, site, history, skin_tone, "
            "image_2 and image_2_kind (dermoscopy, clinical ...). Up to 100 single files."
        ),
        widget=SeveralFilesInput,
    )
    practice = forms.BooleanField(
        label=gettext_lazy("These are practice cases: readers are told the answer"), required=False
    )
    keep_first = forms.BooleanField(
        label=gettext_lazy("A picture that stands twice with one diagnosis: keep its first row"), required=False
    )


@require_http_methods(["GET", "HEAD", "POST"])
@study_page
def cases(request: HttpRequest, study: Study) -> HttpResponse:
    if request.method != "POST":
        return _page(request, study, UploadForm())
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, study, form, status=422)
    choice = Choice(practice=form.cleaned_data["practice"], keep_first_of_copies=form.cleaned_data["keep_first"])
    try:
        with folder_of(form.cleaned_data["files"]) as folder:
            done = import_cases(study, folder, Layout(), choice, by=request.user, at=request.arrived_at)
    except BadRows as bad:
        return _page(request, study, form, faults=bad.rows, status=422)
    except StudyFrozen as frozen:
        return _page(request, study, form, faults=[BadRow(0, frozen.message)], status=409)
    except StorageFull as full:
        return _page(request, study, form, faults=[BadRow(0, str(full))], status=507)
    messages.success(request, _told(done))
    for row in (*done.left_out, *done.warnings)[:SHOWN_AT_MOST]:
        messages.warning(request, _("Line %(line)d: %(reason)s") % {"line": row.line, "reason": row.reason})
    return redirect("administration:cases", study.slug)


@require_safe
@study_page
def picture(request: HttpRequest, study: Study, case_id: UUID) -> HttpResponse:
    case = get_object_or_404(Case.objects.select_related("image"), pk=case_id, study=study)
    return deliver(case.image, longest=THUMBNAIL_PX)


@require_safe
@study_page
def practice_picture(request: HttpRequest, study: Study, case_id: UUID) -> HttpResponse:
    case = get_object_or_404(PracticeCase.objects.select_related("image"), pk=case_id, study=study)
    return deliver(case.image, longest=THUMBNAIL_PX)


def _told(done: Imported) -> str:
    added = ngettext("%(n)d case imported", "%(n)d cases imported", done.added) % {"n": done.added}
    return _("%(added)s, %(already)d already there, %(copies)d left out as copies.") % {
        "added": added,
        "already": done.already,
        "copies": len(done.left_out),
    }


def _page(request: HttpRequest, study: Study, form: UploadForm, *, faults: list[BadRow] | None = None,
          status: int = 200) -> HttpResponse:  # fmt: skip
    counts = diagnosis_counts(study)
    return render_study(
        request, study, "cases", status=status, form=form, faults=faults or [], mix=case_mix(study), counts=counts,
        most=max(counts.values(), default=0), thumbnails=some_cases(study, at_most=SHOWN_AT_MOST),
        practice=some_practice_cases(study, at_most=SHOWN_AT_MOST), draft=study.state == Study.State.DRAFT,
    )  # fmt: skip
