"""The list of studies, a new one, and the first page of each."""

import secrets
from collections.abc import Sequence

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from readerstudy.administration.page import render_study, study_page
from readerstudy.models import Study
from readerstudy.protocol.presets import Preset
from readerstudy.selectors.case_mix import case_mix
from readerstudy.selectors.plan_preview import plan_preview
from readerstudy.selectors.standing import studies
from readerstudy.services.permission import studies_of
from readerstudy.services.preset import FIRST, all_presets
from readerstudy.services.study import create_study
from webapp.accounts.roles import administrator_required, has_role

LARGEST_SEED = 2**63 - 1


class StudyForm(forms.Form):
    """A study begins with a title and a published design."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    preset = forms.ChoiceField(label=gettext_lazy("Start from"))

    def __init__(self, *args: object, known: Sequence[Preset], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["preset"].choices = [(one.name, one.title) for one in known]


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The studies in which a person has a part."""
    administrator = has_role(request.user, "administrator")
    mine = set(studies_of(request.user).values_list("slug", flat=True))
    if not mine and not administrator:
        raise PermissionDenied(_("You have no part in a study here. Ask an administrator if you need one."))
    lines = [one for one in studies() if one.slug in mine]
    return render(request, "administration/home.html", {"studies": lines, "may_create": administrator})


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    known = all_presets()
    chosen = request.GET.get("preset", FIRST)
    form = StudyForm(request.POST or None, known=known, initial={"preset": chosen})
    if request.method == "POST" and form.is_valid():
        study = create_study(
            **form.cleaned_data, seed=secrets.randbelow(LARGEST_SEED), by=request.user, at=request.arrived_at
        )
        messages.success(request, _("The study is a draft now. Nothing is fixed before you launch it."))
        return redirect("administration:study", study.slug)
    shown = {"form": form, "presets": known, "chosen": form["preset"].value()}
    return render(request, "administration/create.html", shown, status=422 if form.errors else 200)


@require_safe
@study_page
def overview(request: HttpRequest, study: Study) -> HttpResponse:
    return render_study(request, study, "study", mix=case_mix(study), plan=plan_preview(study))
