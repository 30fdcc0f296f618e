"""Launch: what still blocks it, what it freezes, and the act; before it, the pilot and the dry run."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from readerstudy.administration.lock import SigningForm
from readerstudy.administration.page import render_study, study_page
from readerstudy.administration.truth import known_strata, strata_of, truth_hash
from readerstudy.models import Study
from readerstudy.selectors.plan_preview import plan_preview
from readerstudy.services.errors import NotReady, Refused, StudyFrozen
from readerstudy.services.launch import faults_before_launch, launch_signed
from readerstudy.services.pilot import FASTEST, SLOWEST, end_pilot, start_dry_run, start_pilot
from readerstudy.services.training_overlap import overlap_warnings


class PilotForm(forms.Form):
    addresses = forms.CharField(
        label=gettext_lazy("Who tries it"),
        help_text=gettext_lazy("E-mail addresses, one a line. What they read never counts."),
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
    )

    def lines(self) -> list[str]:
        return self.cleaned_data["addresses"].replace(",", "\n").split()


class DryRunForm(forms.Form):
    speed = forms.FloatField(
        label=gettext_lazy("Speed of the clock"), min_value=SLOWEST, max_value=FASTEST, initial=1,
        help_text=gettext_lazy("10: twenty seconds are over after two."),
        widget=forms.NumberInput(attrs={"step": "any"}),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@study_page
def launch(request: HttpRequest, study: Study) -> HttpResponse:
    if request.method != "POST":
        return _page(request, study)
    form = SigningForm(request.POST)
    if not form.is_valid():
        return _page(request, study, form=form, status=422)
    try:
        launch_signed(
            study_id=study.pk, by=request.user, password=form.cleaned_data["password"], at=request.arrived_at,
            strata=strata_of(study), truth_sha256=truth_hash(study),
        )  # fmt: skip
    except NotReady:
        return _page(request, study, form=form, status=422)
    except StudyFrozen as frozen:
        messages.info(request, frozen.message)
        return redirect("administration:study", study.slug)
    except Refused as refused:
        form.add_error("password", refused.message)
        return _page(request, study, form=form, status=409)
    messages.success(request, _("The study is live. Every invited reader can begin now."))
    return redirect("administration:study", study.slug)


@require_POST
@study_page
def pilot(request: HttpRequest, study: Study) -> HttpResponse:
    """Begin a pilot, or end it."""
    try:
        if request.POST.get("act") == "end":
            end_pilot(study_id=study.pk, by=request.user, at=request.arrived_at)
            messages.success(request, _("The pilot is over. The study is a draft again."))
            return redirect("administration:launch", study.slug)
        form = PilotForm(request.POST)
        if not form.is_valid():
            return _page(request, study, pilot_form=form, status=422)
        readers = start_pilot(
            study_id=study.pk, addresses=form.lines(), by=request.user, at=request.arrived_at,
            strata=known_strata(study),
        )  # fmt: skip
    except Refused as refused:
        messages.error(request, " ".join([refused.message, *refused.details.get("faults", [])]))
        return redirect("administration:launch", study.slug)
    messages.success(
        request, _("The pilot runs with %(n)d readers. They sign in with their address.") % {"n": len(readers)}
    )
    return redirect("administration:launch", study.slug)


@require_POST
@study_page
def dry_run(request: HttpRequest, study: Study) -> HttpResponse:
    """Read the study oneself, at any clock speed."""
    form = DryRunForm(request.POST)
    if not form.is_valid():
        return _page(request, study, dry_form=form, status=422)
    try:
        start_dry_run(study_id=study.pk, person=request.user, speed=form.cleaned_data["speed"],
                      at=request.arrived_at, strata=known_strata(study))  # fmt: skip
    except Refused as refused:
        messages.error(request, " ".join([refused.message, *refused.details.get("faults", [])]))
        return redirect("administration:launch", study.slug)
    return redirect("readingroom:room", study.slug)


def _page(
    request: HttpRequest, study: Study, *, status: int = 200, pilot_form: PilotForm | None = None,
    dry_form: DryRunForm | None = None, form: SigningForm | None = None,
) -> HttpResponse:  # fmt: skip
    draft = study.state in (Study.State.DRAFT, Study.State.PILOT)
    strata = strata_of(study)
    faults = faults_before_launch(study, strata=strata) if draft else []
    return render_study(
        request, study, "launch", status=status, draft=draft, plan=plan_preview(study, strata=strata), faults=faults,
        protocol=study.protocol_versions.order_by("number").last(), pilot_form=pilot_form or PilotForm(),
        dry_form=dry_form or DryRunForm(), form=form or SigningForm(),
        warnings=overlap_warnings(study) if draft else [], piloting=study.state == Study.State.PILOT,
    )  # fmt: skip
