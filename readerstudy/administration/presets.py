"""Presets: the published designs, and those that this site has imported or kept."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from readerstudy.administration.page import study_page
from readerstudy.models import Study
from readerstudy.protocol.design import BadDesign
from readerstudy.protocol.presets import written
from readerstudy.services.errors import Refused
from readerstudy.services.preset import all_presets, preset_named, preset_of, save_preset
from webapp.accounts.roles import administrator_required

LARGEST_FILE = 1_000_000  # bytes


class ImportForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=80, help_text=gettext_lazy("Small letters, digits, hyphens: two-rounds.")
    )
    file = forms.FileField(label=gettext_lazy("A TOML file"), required=False)
    text = forms.CharField(
        label=gettext_lazy("or its text"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, object]:
        values = super().clean()
        file = values.get("file")
        if file is not None:
            values["text"] = self._decoded(file)
        elif not values.get("text", "").strip():
            raise forms.ValidationError(_("Choose a file, or paste its text."))
        return values

    @staticmethod
    def _decoded(file: object) -> str:
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(_("The file is larger than a preset can be (1 MB)."))
        try:
            return file.read().decode("utf-8")
        except UnicodeDecodeError as bad:
            raise forms.ValidationError(_("The file is no text in UTF-8.")) from bad


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def presets(request: HttpRequest) -> HttpResponse:
    form = ImportForm(request.POST or None, request.FILES or None)
    faults: list[str] = []
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["name"]
        try:
            save_preset(name=name, text=form.cleaned_data["text"], by=request.user, at=request.arrived_at)
        except BadDesign as bad:
            faults = bad.faults
        except Refused as refused:
            faults = [refused.message]
        else:
            messages.success(request, _("The preset “%(name)s” is kept. Start a study from it.") % {"name": name})
            return redirect("administration:presets")
    shown = {"form": form, "faults": faults, "presets": all_presets()}
    return render(request, "administration/presets.html", shown, status=422 if faults or form.errors else 200)


@administrator_required
@require_safe
def preset(request: HttpRequest, name: str) -> HttpResponse:
    """A preset's file, to copy, edit and import under another name."""
    try:
        text = written(preset_named(name))
    except BadDesign as bad:
        raise Http404(str(bad)) from bad
    response = HttpResponse(text, content_type="application/toml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.toml"'
    return response


@require_POST
@study_page
def keep(request: HttpRequest, study: Study) -> HttpResponse:
    """Keep a study's design as a preset of this site."""
    name = request.POST.get("name", "").strip()
    try:
        save_preset(name=name, text=preset_of(study), by=request.user, at=request.arrived_at)
    except (BadDesign, Refused) as bad:
        messages.error(request, str(bad))
    else:
        messages.success(request, _("The design is kept as the preset “%(name)s”.") % {"name": name})
    return redirect("administration:design", study.slug)
