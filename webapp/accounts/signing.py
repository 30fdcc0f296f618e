"""The signing password: what a member of staff enters again for an act that must be signed.

Signing in needs none (links by e-mail). It can be set only soon after a link was used, so that a page left open is
not enough to sign in somebody's name.
"""

from datetime import datetime, timedelta

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    MinimumLengthValidator,
    NumericPasswordValidator,
    UserAttributeSimilarityValidator,
    validate_password,
)
from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from webapp.accounts import locks
from webapp.accounts.models import Person
from webapp.audit.services import record

FRESH_FOR = timedelta(minutes=15)
SIGNED_IN_AT = "signed_in_at"
VALIDATORS = (
    MinimumLengthValidator(12),
    CommonPasswordValidator(),
    NumericPasswordValidator(),
    UserAttributeSimilarityValidator(("email", "name")),
)


class SigningRefused(Exception):
    """Nothing was signed; `message` says why and what to do."""

    code = "not_signed"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NoSigningPassword(SigningRefused):
    """The person has none yet."""

    code = "no_signing_password"


class WrongSigningPassword(SigningRefused):
    """It was counted: after a few the door closes for a while."""

    code = "wrong_signing_password"


class SigningLocked(SigningRefused):
    """Too many wrong passwords in a short time."""

    code = "signing_locked"


class WeakPassword(SigningRefused):
    """`faults` names everything that is wrong with it."""

    code = "weak_password"

    def __init__(self, faults: list[str]) -> None:
        super().__init__(" ".join(faults))
        self.faults = faults


class SignInTooOld(SigningRefused):
    """Setting the password needs a fresh sign-in."""

    code = "sign_in_too_old"


def note_sign_in(session: SessionBase, *, at: datetime) -> None:
    session[SIGNED_IN_AT] = at.isoformat()


def is_fresh(session: SessionBase, *, at: datetime) -> bool:
    """Whether this session began, with a link, a short time ago."""
    began = parse_datetime(session.get(SIGNED_IN_AT, ""))
    return began is not None and at - began <= FRESH_FOR


def set_signing_password(person: Person, password: str, *, fresh: bool, at: datetime) -> None:
    """Set or change it. Raises SignInTooOld, WeakPassword."""
    if not fresh:
        raise SignInTooOld(
            _("Sign in again with a fresh link, then set the signing password within %(minutes)d minutes.")
            % {"minutes": FRESH_FOR.seconds // 60}
        )
    try:
        validate_password(password, person, VALIDATORS)
    except ValidationError as weak:
        raise WeakPassword(weak.messages) from weak
    hashed = make_password(password)
    with transaction.atomic():
        person = Person.objects.select_for_update().get(pk=person.pk)
        person.password = hashed
        person.save(update_fields=["password"])
        record("signing_password.set", chain=chain_of(person), at=at, about=person.pk, by=str(person.pk))


def has_signing_password(person: Person) -> bool:
    return bool(person.password) and person.has_usable_password()


def check_signing_password(person: Person, password: str, *, at: datetime) -> None:
    """Raises NoSigningPassword, SigningLocked, WrongSigningPassword.

    Call it before the transaction that does the signed act: a wrong password is counted even though nothing else is
    written.
    """
    if not has_signing_password(person):
        raise NoSigningPassword(_("You have no signing password yet. Set one on your page “Signing password”."))
    if until := locks.locked_until(locks.Kind.SIGNING_PASSWORD, str(person.pk), at=at):
        raise SigningLocked(
            _("There were too many wrong signing passwords. Nothing was signed. Try again at %(time)s (UTC).")
            % {"time": f"{until:%H:%M}"}
        )
    if not check_password(password, person.password):
        locks.note_try(locks.Kind.SIGNING_PASSWORD, str(person.pk), at=at)
        raise WrongSigningPassword(
            _("The signing password is wrong. Nothing was signed. You can set a new one after a fresh sign-in.")
        )


def chain_of(person: Person) -> str:
    """The audit chain of what a person does to their own account."""
    return f"person:{person.pk}"
