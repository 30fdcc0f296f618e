"""Team: who may do what in this study. Every change is signed."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from readerstudy.administration.lock import SigningForm
from readerstudy.administration.page import render_study, study_page
from readerstudy.models import Study, StudyRole
from readerstudy.selectors.team import team as team_of
from readerstudy.services.errors import Refused
from readerstudy.services.permission import Permission, may
from readerstudy.services.study_role import end_study_role, grant_study_role


class RoleForm(SigningForm):
    email = forms.EmailField(label=gettext_lazy("E-mail address"))
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=StudyRole.Name.choices)
    field_order = ("email", "role", "password")


@require_http_methods(["GET", "HEAD", "POST"])
@study_page
def team(request: HttpRequest, study: Study) -> HttpResponse:
    form = RoleForm(request.POST or None)
    if request.method != "POST":
        return _page(request, study, form)
    if not form.is_valid():
        return _page(request, study, form, status=422)
    try:
        given = grant_study_role(study_id=study.pk, by=request.user, at=request.arrived_at, **form.cleaned_data)
    except (Refused, ValidationError) as refused:
        return _page(request, study, form, fault=getattr(refused, "message", str(refused)), status=409)
    messages.success(request, _("%(person)s is %(role)s in this study now.")
                     % {"person": given.person, "role": given.get_role_display()})  # fmt: skip
    return redirect("administration:team", study.slug)


@require_POST
@study_page
def end_role(request: HttpRequest, study: Study, role_id: int) -> HttpResponse:
    form = SigningForm(request.POST)
    if not form.is_valid():
        return _page(request, study, RoleForm(), fault=_("Enter your signing password to end a role."), status=422)
    try:
        end_study_role(
            study_id=study.pk, role_id=role_id, by=request.user, password=form.cleaned_data["password"],
            at=request.arrived_at,
        )  # fmt: skip
    except Refused as refused:
        return _page(request, study, RoleForm(), fault=refused.message, status=409)
    messages.success(request, _("The role has ended."))
    return redirect("administration:team", study.slug)


def _page(
    request: HttpRequest, study: Study, form: RoleForm, *, fault: str = "", status: int = 200
) -> HttpResponse:  # fmt: skip
    return render_study(
        request, study, "team", status=status, form=form, fault=fault, team=team_of(study),
        may_change=may(request.user, study, Permission.TEAM),
    )  # fmt: skip
