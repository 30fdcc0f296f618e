"""Sign-in pages. A GET never signs anybody in: mail scanners and previews open every link."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from webapp.accounts import locks
from webapp.accounts.forms import SignInForm, SigningPasswordForm
from webapp.accounts.models import Person
from webapp.accounts.selectors import known_person
from webapp.accounts.services import LinkFound, LinkState, look_up_link, mail_sign_in_link, use_link
from webapp.accounts.signing import SigningRefused, has_signing_password, is_fresh, set_signing_password

PROBLEM_STATUS = {LinkState.USED: 410, LinkState.EXPIRED: 410, LinkState.UNKNOWN: 404}


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/home.html")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    network_address = request.META.get("REMOTE_ADDR", "")
    if until := locks.locked_until(locks.Kind.UNKNOWN_TOKEN, network_address, at=request.arrived_at):
        return render(request, "accounts/locked.html", {"until": until}, status=429)
    look = use_link if request.method == "POST" else look_up_link
    found = look(token, at=request.arrived_at)
    if found.state is not LinkState.VALID:
        return _refused(request, token, found, network_address)
    if request.method == "POST":
        login(request, found.person, backend="django.contrib.auth.backends.ModelBackend")
        return redirect(found.next)
    return render(request, "accounts/link.html", {"person": found.person})


def _refused(request: HttpRequest, token: str, found: LinkFound, network_address: str) -> HttpResponse:
    if found.person is not None and request.user == found.person:
        return redirect(found.next)  # a link opened again by who is signed in already
    if found.state is LinkState.UNKNOWN:
        locks.note_try(locks.Kind.UNKNOWN_TOKEN, network_address, at=request.arrived_at)
    context = {"state": found.state.value, "token": token}
    return render(request, "accounts/link_refused.html", context, status=PROBLEM_STATUS[found.state])


@require_POST
def renew(request: HttpRequest, token: str) -> HttpResponse:
    """One click on the page of a used or expired link: a fresh one goes to the address of the old."""
    found = look_up_link(token, at=request.arrived_at)
    if found.person is None:
        return redirect("accounts:sign_in")
    return _send(request, found.person.email, found.person, found.next)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    form = SignInForm(request.POST or None, initial={"next": request.GET.get("next", "/")})
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"].lower()
        person = known_person(email)
        next = form.cleaned_data["next"]
        safe = url_has_allowed_host_and_scheme(next, allowed_hosts=None)
        return _send(request, email, person, next if safe else "/")
    return render(request, "accounts/sign_in.html", {"form": form}, status=422 if form.errors else 200)


def _send(request: HttpRequest, email: str, person: Person | None, next: str) -> HttpResponse:
    """The page is the same whether or not the address is known here: it tells nobody who takes part."""
    if until := locks.locked_until(locks.Kind.LINK_ASKED_FOR, email, at=request.arrived_at):
        return render(request, "accounts/locked.html", {"until": until}, status=429)
    locks.note_try(locks.Kind.LINK_ASKED_FOR, email, at=request.arrived_at)
    if person is not None:
        try:
            mail_sign_in_link(person, site=request.build_absolute_uri("/").rstrip("/"), next=next)
        except OSError:  # SMTPException is one
            return render(request, "accounts/mail_failed.html", status=503)
    return redirect("accounts:sent")


@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/sent.html", {"mail_folder": getattr(settings, "EMAIL_FILE_PATH", None)})


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def signing_password(request: HttpRequest) -> HttpResponse:
    form = SigningPasswordForm(request.POST or None)
    fresh = is_fresh(request.session, at=request.arrived_at)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                set_signing_password(request.user, form.cleaned_data["password"], fresh=fresh, at=request.arrived_at)
            except SigningRefused as refused:
                form.add_error("password", refused.message)
            else:
                request.user.refresh_from_db()
                update_session_auth_hash(request, request.user)  # else this very session would end with the old one
                messages.success(request, _("Your signing password is set."))
                return redirect("accounts:signing_password")
    context = {"form": form, "fresh": fresh, "there": has_signing_password(request.user)}
    return render(request, "accounts/signing_password.html", context, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect(reverse("accounts:sign_in"))
