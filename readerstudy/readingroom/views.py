"""The reader's pages: what to do now, and the one page on which cases are read."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from readerstudy.models import Reader
from readerstudy.readingroom.access import reader_page
from readerstudy.readingroom.forms import ProfileForm
from readerstudy.selectors.reader import batches_so_far, has_practised, open_picture, practice_so_far, studies_of
from readerstudy.services.enrolment import give_consent, save_profile
from readerstudy.services.errors import Refused
from readerstudy.services.next_step import (
    PageStep,
    WaitStep,
    confirm_debriefing,
    start_batch,
    where_is,
)
from readerstudy.services.practice import finish_practice, start_practice
from webapp.imagery.delivery import deliver


@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    studies = studies_of(request.user.pk, now=request.arrived_at)
    return render(request, "readingroom/home.html", {"studies": studies})


@require_GET
@reader_page
def room(request: HttpRequest, reader: Reader) -> HttpResponse:
    """The page on which cases are read; before that, whatever comes first."""
    step = where_is(reader, now=request.arrived_at)
    if isinstance(step, WaitStep):
        return redirect("readingroom:washout", reader.study.slug)
    if isinstance(step, PageStep) and step.kind in ("consent", "profile", "batch", "debriefing", "end"):
        return redirect(f"readingroom:{step.kind}", reader.study.slug)
    if isinstance(step, PageStep) and step.kind == "closed":
        return _render(request, reader, "closed")
    if isinstance(step, PageStep) and not has_practised(reader):
        return redirect("readingroom:practice", reader.study.slug)
    return _render(request, reader, "trial", api=reverse("readingroom:room", args=[reader.study.slug]) + "api/")


@reader_page
def consent(request: HttpRequest, reader: Reader) -> HttpResponse:
    if request.method == "POST":
        if request.POST.get("agree"):
            give_consent(slug=reader.study.slug, person_id=request.user.pk, at=request.arrived_at)
            return redirect("readingroom:room", reader.study.slug)
        return _render(request, reader, "consent", status=422, error=_("Tick the box if you want to take part."),
                       consent_text=reader.study.consent_text)  # fmt: skip
    return _render(request, reader, "consent", consent_text=reader.study.consent_text)


@reader_page
def profile(request: HttpRequest, reader: Reader) -> HttpResponse:
    form = ProfileForm(request.POST or None, questions=reader.study.design.profile)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        save_profile(
            slug=reader.study.slug, person_id=request.user.pk, experience_years=values.pop("experience_years"),
            profile=values, at=request.arrived_at,
        )  # fmt: skip
        return redirect("readingroom:room", reader.study.slug)
    return _render(request, reader, "profile", status=422 if form.errors else 200, form=form)


@reader_page
def practice(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Start the practice cases, repeat them, or go on to the real ones."""
    if request.method == "POST":
        act = finish_practice if request.POST.get("act") == "finish" else start_practice
        try:
            act(slug=reader.study.slug, person_id=request.user.pk, now=request.arrived_at)
        except Refused as refused:  # the screening was not passed
            return _practice_page(request, reader, fault=refused.message, status=422)
        return redirect("readingroom:room", reader.study.slug)
    return _practice_page(request, reader)


def _practice_page(request: HttpRequest, reader: Reader, *, fault: str = "", status: int = 200) -> HttpResponse:
    cases, done = practice_so_far(reader)
    kinds = list(dict.fromkeys(str(one.kind) for one in reader.study.design.questions))
    return _render(request, reader, "practice_intro", status=status, cases=cases, done=done, fault=fault, kinds=kinds)


@require_GET
@reader_page
def washout(request: HttpRequest, reader: Reader) -> HttpResponse:
    step = where_is(reader, now=request.arrived_at)
    if not isinstance(step, WaitStep):
        return redirect("readingroom:room", reader.study.slug)
    return _render(request, reader, "washout", status=403, opens_at=step.opens_at, round=step.round)


@require_GET
@reader_page
def calendar(request: HttpRequest, reader: Reader) -> HttpResponse:
    """The opening of the next round as a calendar entry."""
    step = where_is(reader, now=request.arrived_at)
    if not isinstance(step, WaitStep):
        raise Http404
    response = _render(request, reader, "washout", suffix="ics", opens_at=step.opens_at, made_at=request.arrived_at,
                       address=request.build_absolute_uri(reverse("readingroom:home")))  # fmt: skip
    response["Content-Type"] = "text/calendar; charset=utf-8"
    response["Content-Disposition"] = 'attachment; filename="next-round.ics"'
    return response


@reader_page
def batch(request: HttpRequest, reader: Reader) -> HttpResponse:
    """One batch is read; another may begin."""
    step = where_is(reader, now=request.arrived_at)
    if not (isinstance(step, PageStep) and step.kind == "batch"):
        return redirect("readingroom:room", reader.study.slug)
    if request.method == "POST":
        start_batch(slug=reader.study.slug, person_id=request.user.pk, now=request.arrived_at)
        return redirect("readingroom:room", reader.study.slug)
    done, left = batches_so_far(reader)
    return _render(request, reader, "batch", done=done, left=left)


@reader_page
def debriefing(request: HttpRequest, reader: Reader) -> HttpResponse:
    """What the study did, told at the end; the end comes only after it was confirmed."""
    step = where_is(reader, now=request.arrived_at)
    if not (isinstance(step, PageStep) and step.kind == "debriefing"):
        return redirect("readingroom:room", reader.study.slug)
    if request.method == "POST":
        confirm_debriefing(slug=reader.study.slug, person_id=request.user.pk, now=request.arrived_at)
        return redirect("readingroom:room", reader.study.slug)
    return _render(request, reader, "debriefing", text=reader.study.design.debriefing)


@require_GET
@reader_page
def end(request: HttpRequest, reader: Reader) -> HttpResponse:
    step = where_is(reader, now=request.arrived_at)
    if not (isinstance(step, PageStep) and step.kind == "end"):
        return redirect("readingroom:room", reader.study.slug)
    return _render(request, reader, "end")


@require_GET
@reader_page
def picture(request: HttpRequest, reader: Reader, reading_id: UUID, what: str, number: int) -> HttpResponse:
    found = open_picture(reader, reading_id, what, number, now=request.arrived_at)
    if found is None:
        raise Http404
    return deliver(found)


def _render(
    request: HttpRequest, reader: Reader, name: str, *, status: int = 200, suffix: str = "html", **context: object
) -> HttpResponse:
    shared = {"study": reader.study, "simulated": reader.study.simulated}
    return render(request, f"readingroom/{name}.{suffix}", {**shared, **context}, status=status)
