"""The results pages: a report as figures and tables, and everything as files."""

from dataclasses import replace

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from readerstudy.analytics import access
from readerstudy.analytics.exact import LISTS, list_csv
from readerstudy.analytics.page import results_page
from readerstudy.models import Study
from readerstudy.results.joined import report_for, rows_for
from readerstudy.selectors.standing import studies
from readerstudy.services.permission import studies_of
from readerstudy.table import Row, written
from readerstudy.table import codebook as codebook_text
from webapp.accounts.roles import has_role

ORIGIN = ("readings_origin", "simulated")  # a further column, so that a copied file still says so


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Studies whose results this person may see. Who has no part in any study: 403."""
    if not studies_of(request.user).exists() and not has_role(request.user, "administrator"):
        raise PermissionDenied(_("You have no part in a study here. Ask an administrator if you need one."))
    mine = access.open_studies(request.user)
    return render(request, "analytics/home.html", {"studies": [one for one in studies() if one.slug in mine]})


@require_safe
@access.results_page
def results(request: HttpRequest, study: Study) -> HttpResponse:
    page = results_page(
        report_for(study),
        notes=study.results_notes,
        download=lambda name: reverse("analytics:table", args=[study.slug, name]),
    )
    return render(request, "analytics/results.html", {"page": page, "study": study, "simulated": study.simulated})


@require_safe
@access.results_page
def report(request: HttpRequest, study: Study) -> HttpResponse:
    """The analysis JSON."""
    content = {**report_for(study), "simulated": study.simulated, "results_notes": study.results_notes}
    response = JsonResponse(content, json_dumps_params={"indent": 1, "allow_nan": False})
    return _as_file(response, study, "report.json")


@require_safe
@access.results_page
def readings(request: HttpRequest, study: Study) -> HttpResponse:
    """The tidy readings table."""
    rows = rows_for(study)
    lines = written([_marked(row) for row in rows] if study.simulated else rows)
    return _as_file(StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8"), study, "readings.csv")


@require_safe
@access.results_page
def table(request: HttpRequest, study: Study, name: str) -> HttpResponse:
    """One list of the report, every digit."""
    if name not in LISTS:
        raise Http404(f"{name} is no table of a report. Use {', '.join(LISTS)}.")
    content = list_csv(report_for(study), name)
    return _as_file(HttpResponse(content, content_type="text/csv; charset=utf-8"), study, f"{name}.csv")


@require_safe
@access.results_page
def codebook(request: HttpRequest, study: Study) -> HttpResponse:
    content = codebook_text((ORIGIN[0],) if study.simulated else ())
    return _as_file(HttpResponse(content, content_type="text/markdown; charset=utf-8"), study, "codebook.md")


def _marked(row: Row) -> Row:
    return replace(row, extra=(*row.extra, ORIGIN))


def _as_file(response: HttpResponse, study: Study, name: str) -> HttpResponse:
    said = "-simulated" if study.simulated else ""
    response.headers["Content-Disposition"] = f'attachment; filename="{study.slug}{said}-{name}"'
    return response
