"""The models of this site and what was measured of each. For engineers and administrators."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from webapp.accounts.roles import engineer_required
from webapp.inference.card import summary
from webapp.inference.models import ModelVersion
from webapp.inference.services import promote


@require_safe
@engineer_required
def home(request: HttpRequest) -> HttpResponse:
    rows = [(model, summary(model.card)) for model in ModelVersion.objects.all()]
    return render(request, "inference/home.html", {"rows": rows})


@require_safe
@engineer_required
def model_page(request: HttpRequest, model_id: UUID) -> HttpResponse:
    model = get_object_or_404(ModelVersion, pk=model_id)
    return render(request, "inference/model.html", {"model": model, "card": summary(model.card)})


@require_POST
@engineer_required
def promote_model(request: HttpRequest, model_id: UUID) -> HttpResponse:
    model = promote(get_object_or_404(ModelVersion, pk=model_id), at=request.arrived_at, by=str(request.user.pk))
    messages.success(request, _("The second look now asks %(model)s.") % {"model": model})
    return redirect("inference:model", model.pk)
