"""Doors that close for a while after too many knocks. Tokens hold 256 bits: this spares mailboxes and the log."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max

from webapp.accounts.models import SignInTry

Kind = SignInTry.Kind


@dataclass(frozen=True, slots=True)
class Lock:
    tries: int
    within: timedelta


LOCKS = {
    Kind.LINK_ASKED_FOR: Lock(tries=5, within=timedelta(minutes=15)),
    Kind.SIGNING_PASSWORD: Lock(tries=5, within=timedelta(minutes=15)),
    Kind.UNKNOWN_TOKEN: Lock(tries=30, within=timedelta(minutes=15)),  # a clinic may share one network address
}


def locked_until(kind: Kind, who: str, *, at: datetime) -> datetime | None:
    """When this door opens again, or None where it stands open."""
    lock = LOCKS[kind]
    recent = SignInTry.objects.filter(kind=kind, who=who, at__gt=at - lock.within)
    if recent.count() < lock.tries:
        return None
    return recent.aggregate(last=Max("at"))["last"] + lock.within


def note_try(kind: Kind, who: str, *, at: datetime) -> None:
    SignInTry.objects.create(kind=kind, who=who, at=at)
    SignInTry.objects.filter(at__lt=at - 4 * LOCKS[kind].within).delete()  # keeps no trace longer than it serves
