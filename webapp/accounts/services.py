"""Everything that is written about people: who they are, what they may do, how they sign in."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from django.conf import settings
from django.core.mail import send_mail
from django.core.validators import validate_email
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from webapp.accounts.models import Person, Role, SignInLink

VALID_FOR = timedelta(days=7)  # an invitation may lie over a weekend


class LinkState(Enum):
    VALID = "valid"
    USED = "used"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class LinkFound:
    state: LinkState
    person: Person | None = None
    next: str = "/"


def person_for(email: str, name: str = "") -> Person:
    """The person with this address, made if new; a name already known stays. Raises ValidationError."""
    email = email.strip().lower()
    validate_email(email)
    person, new = Person.objects.get_or_create(email=email, defaults={"name": name.strip()})
    if name.strip() and not person.name:
        person.name = name.strip()
        person.save(update_fields=["name"])
    return person


def grant(person: Person, role: Role.Name | str) -> Role:
    """Raises ValueError for a role that the site does not know."""
    return Role.objects.get_or_create(person=person, name=Role.Name(role))[0]


def sign_in_link(person: Person, *, next: str = "/", valid_for: timedelta = VALID_FOR) -> str:
    """The path of a page that signs `person` in once and goes on to `next`.

    Raises ValueError where `next` leads off this site.
    """
    if not url_has_allowed_host_and_scheme(next, allowed_hosts=None):
        raise ValueError(f"{next!r} is no path of this site. Begin it with one slash.")
    token = secrets.token_urlsafe(32)
    now = timezone.now()
    SignInLink.objects.create(
        person=person, token_sha256=_digest(token), next=next, created_at=now, expires_at=now + valid_for
    )
    return reverse("accounts:link", args=[token])


def look_up_link(token: str, *, at: datetime) -> LinkFound:
    """What the link is worth; leaves it unused, since mail scanners open every link."""
    link = SignInLink.objects.select_related("person").filter(token_sha256=_digest(token)).first()
    if link is None or not link.person.is_active:
        return LinkFound(LinkState.UNKNOWN)
    if link.used_at is not None:
        state = LinkState.USED
    else:
        state = LinkState.VALID if at < link.expires_at else LinkState.EXPIRED
    return LinkFound(state, link.person, link.next)


def use_link(token: str, *, at: datetime) -> LinkFound:
    """Uses the link up. Of several attempts at once exactly one finds it VALID."""
    won = SignInLink.objects.filter(
        token_sha256=_digest(token), used_at=None, expires_at__gt=at, person__is_active=True
    ).update(used_at=at)
    found = look_up_link(token, at=at)
    return LinkFound(LinkState.VALID, found.person, found.next) if won else found


def mail_sign_in_link(person: Person, *, site: str, next: str = "/") -> None:
    """Sends a fresh link. `site` is the address before the path, such as https://study.example.org."""
    with transaction.atomic():
        path = sign_in_link(person, next=next)
        text = render_to_string("accounts/mail/sign_in.txt", {"link": site + path, "days": VALID_FOR.days})
        send_mail(_("Your sign-in link"), text, settings.DEFAULT_FROM_EMAIL, [person.email])


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
