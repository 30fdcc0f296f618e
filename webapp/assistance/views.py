"""The clinician's second look. Every page is for the clinician who sent the image; to others it does not exist."""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from webapp.accounts.roles import clinician_required
from webapp.assistance.errors import NoModel
from webapp.assistance.forms import AskForm
from webapp.assistance.models import SecondLook
from webapp.assistance.selectors import answer_of, look_of, recent, status
from webapp.assistance.services import ask, ask_again, delete
from webapp.imagery.delivery import deliver
from webapp.imagery.errors import BadImage, StorageFull, UploadRefused
from webapp.inference.card import dataset_classes
from webapp.inference.errors import UnknownDataset
from webapp.inference.services import promoted

THUMBNAIL_PX = 320
FORM_BYTES = 64 * 1024  # what the other fields of the form may take
REFUSED = {NoModel: 409, UnknownDataset: 422, BadImage: 422, UploadRefused: 409, StorageFull: 507}


def own_look(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Finds the look of this clinician, else 404."""

    @clinician_required
    @wraps(view)
    def found(request: HttpRequest, look_id: UUID) -> HttpResponse:
        look = look_of(request.user, look_id)
        if look is None:
            raise Http404
        return view(request, look)

    return found


@csrf_exempt  # the token lies in the body, and a body that is far too large must not be read; see _home
@require_http_methods(["GET", "HEAD", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    if int(request.META.get("CONTENT_LENGTH") or 0) > settings.IMAGERY_MAX_BYTES + FORM_BYTES:
        return render(request, "assistance/too_large.html", {"limit_mb": _limit_mb()}, status=413)
    return _home(request)


@csrf_protect
@never_cache
@clinician_required
def _home(request: HttpRequest) -> HttpResponse:
    model = promoted()
    datasets = dataset_classes(model.card) if model else {}
    if request.method != "POST":
        return _page(request, AskForm(datasets=datasets))
    form = AskForm(request.POST, request.FILES, datasets=datasets)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        look = ask(
            form.cleaned_data["image"], dataset=form.cleaned_data["scope"], by=request.user, at=request.arrived_at
        )
    except tuple(REFUSED) as refused:
        form.add_error("image", str(refused))
        return _page(request, form, status=REFUSED[type(refused)])
    return redirect("assistance:look", look.pk)


@never_cache
@require_safe
@own_look
def look(request: HttpRequest, look: SecondLook) -> HttpResponse:
    if look.prediction_id is None:
        context = {"look": look, "status": status(look, at=request.arrived_at)}
        return render(request, "assistance/waiting.html", context)
    context = {
        "look": look,
        "answer": answer_of(look),
        "synthetic_model": bool(look.model_version.card.get("synthetic")),
    }
    return render(request, "assistance/answer.html", context)


@never_cache
@require_safe
@own_look
def look_status(request: HttpRequest, look: SecondLook) -> HttpResponse:
    return JsonResponse(status(look, at=request.arrived_at).as_json())


@require_safe
@own_look
def look_image(request: HttpRequest, look: SecondLook) -> HttpResponse:
    return deliver(look.image, longest=THUMBNAIL_PX if "small" in request.GET else None)


@require_safe
@own_look
def look_mask(request: HttpRequest, look: SecondLook) -> HttpResponse:
    if look.prediction_id is None or look.prediction.mask is None:
        raise Http404
    return deliver(look.prediction.mask)


@require_POST
@own_look
def look_again(request: HttpRequest, look: SecondLook) -> HttpResponse:
    ask_again(look)
    return redirect("assistance:look", look.pk)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@own_look
def look_delete(request: HttpRequest, look: SecondLook) -> HttpResponse:
    """GET asks, for browsers without script; POST deletes."""
    if request.method != "POST":
        return render(request, "assistance/delete.html", {"look": look})
    delete(look, at=request.arrived_at)
    messages.success(request, _("Deleted. The image, its mask and the answer are gone."))
    return redirect("assistance:home")


def _page(request: HttpRequest, form: AskForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "model": promoted(),
        "recent": recent(request.user),
        "max_bytes": settings.IMAGERY_MAX_BYTES,
        "limit_mb": _limit_mb(),
    }
    return render(request, "assistance/home.html", context, status=status)


def _limit_mb() -> int:
    return settings.IMAGERY_MAX_BYTES // 1024**2
