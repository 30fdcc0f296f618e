"""Invitations: who is enrolled gets a sign-in link by e-mail, and the administrator may copy it once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from readerstudy.models import Reader
from readerstudy.services.enrolment import NO_STRATA, invite_readers
from readerstudy.services.plan import Strata
from webapp.accounts.models import Person
from webapp.accounts.services import VALID_FOR, sign_in_link


@dataclass(frozen=True, slots=True)
class Invitation:
    """One person's link. It is not stored and cannot be shown again."""

    email: str
    pseudonym: str
    link: str
    mailed: bool


@dataclass(frozen=True, slots=True)
class Invitations:
    """What came of pasted addresses."""

    sent: list[Invitation]
    already: list[str]
    unreadable: list[str]


def invite(
    *, study_id: object, pasted: str, site: str, by: Person | None, at: datetime, strata: Strata = NO_STRATA
) -> Invitations:
    """Enrol and write to everybody in the pasted text. `site` is the address before the path. Raises Refused.

    strata: see `launch_study`.
    """
    invited = invite_readers(study_id=study_id, pasted=pasted, by=by, at=at, strata=strata)
    return Invitations(
        sent=[send_link(reader, site=site) for reader in invited.new],
        already=_addresses(invited.already),
        unreadable=invited.unreadable,
    )


def send_link(reader: Reader, *, site: str) -> Invitation:
    """Make a fresh link for one reader and mail it. A mail that cannot be sent leaves the link to be copied."""
    link = site + sign_in_link(reader.person, next=reverse("readingroom:room", args=[reader.study.slug]))
    text = render_to_string(
        "administration/mail/invitation.txt", {"study": reader.study, "link": link, "days": VALID_FOR.days}
    )
    subject = _("You are invited to read: %(title)s") % {"title": reader.study.title}
    try:
        mailed = send_mail(subject, text, settings.DEFAULT_FROM_EMAIL, [reader.person.email]) == 1
    except OSError:  # SMTPException is one
        mailed = False
    return Invitation(email=reader.person.email, pseudonym=reader.pseudonym, link=link, mailed=mailed)


def _addresses(readers: Iterable[Reader]) -> list[str]:
    return [reader.person.email for reader in readers]
