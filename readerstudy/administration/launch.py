"""Launch: what still blocks it, what it freezes, and the act."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from readerstudy.administration.page import render_study, study_page
from readerstudy.models import Study
from readerstudy.selectors.case_mix import case_mix, plan_preview
from readerstudy.services.errors import NotReady, StudyFrozen
from readerstudy.services.launch import faults_before_launch, launch_study


@require_http_methods(["GET", "HEAD", "POST"])
@study_page
def launch(request: HttpRequest, study: Study) -> HttpResponse:
    if request.method != "POST":
        return _page(request, study)
    try:
        launch_study(study_id=study.pk, by=request.user, at=request.arrived_at)
    except NotReady:
        return _page(request, study, status=422)
    except StudyFrozen as frozen:
        messages.info(request, frozen.message)
        return redirect("administration:study", study.slug)
    messages.success(request, _("The study is live. Every invited reader can begin now."))
    return redirect("administration:study", study.slug)


def _page(request: HttpRequest, study: Study, *, status: int = 200) -> HttpResponse:
    draft = study.state == Study.State.DRAFT
    mix = case_mix(study)
    return render_study(
        request, study, "launch", status=status, draft=draft, mix=mix, plan=plan_preview(study, mix),
        faults=faults_before_launch(study) if draft else [], protocol=study.protocol_versions.order_by("number").last(),
    )  # fmt: skip
