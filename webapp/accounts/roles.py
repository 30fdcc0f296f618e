"""Who may open a page: decorators for views, by a person's role on the whole site."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from webapp.accounts.models import Person, Role

View = Callable[..., HttpResponse]


def has_role(person: Any, role: Role.Name | str) -> bool:
    """False for who is not signed in. One query per person and request."""
    return isinstance(person, Person) and Role.Name(role) in roles_of(person)


def roles_of(person: Person) -> frozenset[str]:
    if not hasattr(person, "_roles"):
        person._roles = frozenset(person.roles.values_list("name", flat=True))
    return person._roles


def role_required(*roles: Role.Name) -> Callable[[View], View]:
    """Any of `roles` opens the view. Nobody signed in: to the sign-in page; the wrong role: a 403 page."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not any(has_role(request.user, role) for role in roles):
                raise PermissionDenied(
                    _("This page is for another role. Ask an administrator of this site if you need it.")
                )
            return view(request, *args, **kwargs)

        return guarded

    return decorate


administrator_required = role_required(Role.Name.ADMINISTRATOR)
clinician_required = role_required(Role.Name.CLINICIAN)
engineer_required = role_required(Role.Name.ENGINEER, Role.Name.ADMINISTRATOR)
