"""The demo's front door: be a reader, an administrator or a clinician with one click."""

from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from readerstudy.demo.people import PARTS, person_of


@require_GET
def front(request: HttpRequest) -> HttpResponse:
    return render(request, "demo/front.html", {"simulated": True, "parts": PARTS.values()})


@require_POST
def enter(request: HttpRequest, role: str) -> HttpResponse:
    """Sign in as the person who plays this part. Only a demo site has this app."""
    if role not in PARTS:
        raise Http404
    login(request, person_of(PARTS[role]), backend="django.contrib.auth.backends.ModelBackend")
    return redirect(PARTS[role].begins_at)
