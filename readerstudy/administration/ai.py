"""AI output: choose a model, have a worker run it, freeze what it said."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from readerstudy.administration.page import render_study, study_page
from readerstudy.models import Study
from readerstudy.selectors.aid import aid_standing, models_to_choose, sets_needed
from readerstudy.services.aid import freeze_aid, request_aid
from readerstudy.services.errors import Refused
from webapp.inference.errors import InferenceError
from webapp.inference.models import ModelVersion


class ModelForm(forms.Form):
    model = forms.ChoiceField(label=gettext_lazy("Model"), widget=forms.RadioSelect)

    def __init__(self, *args: object, models: list[ModelVersion], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._models = {str(model.pk): model for model in models}
        self.fields["model"].choices = [
            (key, f"{model} · {model.get_state_display()}") for key, model in self._models.items()
        ]

    def chosen(self) -> ModelVersion:
        return self._models[self.cleaned_data["model"]]


@require_http_methods(["GET", "HEAD", "POST"])
@study_page
def ai(request: HttpRequest, study: Study) -> HttpResponse:
    models = models_to_choose()
    first = study.aid_model_id or (models[0].pk if models else None)
    form = ModelForm(request.POST or None, models=models, initial={"model": str(first)})
    if request.method != "POST":
        return _page(request, study, form)
    try:
        if request.POST.get("act") == "freeze":
            count = freeze_aid(study_id=study.pk, by=request.user, at=request.arrived_at)
            told = ngettext("%(n)d AI output is frozen.", "%(n)d AI outputs are frozen.", count) % {"n": count}
        elif form.is_valid():
            asked = request_aid(study_id=study.pk, model=form.chosen(), by=request.user, at=request.arrived_at)
            told = ngettext("%(n)d image waits for the worker.", "%(n)d images wait for the worker.", asked) % {
                "n": asked
            }
        else:
            return _page(request, study, form, status=422)
    except Refused as refused:
        return _page(request, study, form, fault=refused.message, status=409)
    except InferenceError as error:
        return _page(request, study, form, fault=str(error), status=422)
    messages.success(request, told)
    return redirect("administration:ai", study.slug)


@require_safe
@study_page
def live(request: HttpRequest, study: Study) -> HttpResponse:
    """The part of the page that changes while the worker works."""
    return render(request, "administration/_ai_progress.html", {"study": study, "aid": aid_standing(study)})


def _page(request: HttpRequest, study: Study, form: ModelForm, *, fault: str = "", status: int = 200) -> HttpResponse:
    return render_study(
        request, study, "ai", status=status, form=form, fault=fault, aid=aid_standing(study), sets=sets_needed(study),
        draft=study.state == Study.State.DRAFT,
    )  # fmt: skip
