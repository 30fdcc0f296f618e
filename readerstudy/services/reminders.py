"""Mails by rule: a round has opened, or a reader has been silent. Each is sent once, however often this runs."""

import logging
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Max
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from readerstudy.models import Reader, ReminderSent, Round, Study
from readerstudy.protocol.reminders import OPENS, ReminderRule, due
from readerstudy.protocol.state import CLOSED
from readerstudy.protocol.washout import opens_at
from readerstudy.services.washout_override import washout_days_for
from webapp.accounts.services import sign_in_link
from webapp.audit.services import record

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Standing:
    """Where a reader stands, for the rule."""

    current: Round
    opened_at: datetime | None  # after a washout; None in a first round
    silent_since: datetime | None


def remind(*, site: str, now: datetime) -> int:
    """Send every mail that is due in all live studies. `site` is the address before the path. Returns how many."""
    sent = 0
    for study in Study.objects.filter(state=Study.State.LIVE, simulated=False):
        for reader in study.readers.filter(kind=Reader.Kind.READER, withdrawn_at__isnull=True):
            try:
                sent += _remind(study, reader.pk, site=site, now=now)
            except OSError as failed:  # SMTPException is one; the next hour tries again
                logger.warning("Reminder of reader %s could not be sent: %s", reader.pk, failed)
    return sent


def _remind(study: Study, reader_id: object, *, site: str, now: datetime) -> bool:
    """One reader. The row and the mail are one transaction: a mail server that refuses leaves no row behind."""
    with transaction.atomic():
        readers = Reader.objects.select_for_update(of=("self",)).select_related("person", "study")
        reader = readers.get(pk=reader_id)
        stands = _standing(reader, now)
        if stands is None:
            return False
        sent = set(reader.reminders.filter(round=stands.current).values_list("kind", flat=True))
        kind = due(rule_of(study), now=now, silent_since=stands.silent_since, opened_at=stands.opened_at, sent=sent)
        if kind is None:
            return False
        ReminderSent.objects.create(reader=reader, round=stands.current, kind=kind, sent_at=now)
        record("reminder.sent", chain=reader.chain, at=now, about=reader.id, by="system",
               data={"kind": kind, "round": stands.current.number})  # fmt: skip
        _mail(reader, kind, stands.current.number, site=site)
    return True


def rule_of(study: Study) -> ReminderRule:
    """The study's own rule."""
    values = study.design.reminders
    return ReminderRule(
        after_days=values.after_days,
        quiet_from=values.quiet_from,
        quiet_to=values.quiet_to,
        timezone=values.timezone,
    )


def _standing(reader: Reader, now: datetime) -> _Standing | None:
    """None where nothing is left to read."""
    left = reader.readings.filter(is_practice=False).exclude(state__in=CLOSED)
    current = Round.objects.filter(readings__in=left).order_by("number").first()
    if current is None:
        return None
    opened_at = _opened_at(reader, current)
    if opened_at is not None and opened_at > now:
        return _Standing(current, opened_at, None)
    signs = (reader.enrolled_at, reader.last_seen_at, opened_at, reader.study.launched_at)
    return _Standing(current, opened_at, max(sign for sign in signs if sign is not None))


def _opened_at(reader: Reader, current: Round) -> datetime | None:
    """When a washout ended or ends for this reader, where the round behind it is not begun."""
    begun = reader.readings.filter(round=current, is_practice=False, closed_at__isnull=False)
    days = washout_days_for(reader, current)
    if current.number == 1 or not days or begun.exists():
        return None
    before = reader.readings.filter(is_practice=False, round__number__lt=current.number)
    last = before.aggregate(last=Max("closed_at"))["last"]
    return opens_at(last_closed_at=last, washout_days=days) if last is not None else None


def _mail(reader: Reader, kind: str, number: int, *, site: str) -> None:
    """Nothing in it tells an arm, a modality, a count of cases or an answer. Raises OSError where it cannot be sent."""
    link = site + sign_in_link(reader.person, next=reverse("readingroom:room", args=[reader.study.slug]))
    template = "opens" if kind == OPENS else "reminder"
    text = render_to_string(
        f"administration/mail/{template}.txt", {"title": reader.study.title, "number": number, "link": link}
    )
    subject = (
        _("You can go on reading: %(title)s") if kind == OPENS else _("Your reading waits for you: %(title)s")
    ) % {"title": reader.study.title}
    send_mail(subject, text, settings.DEFAULT_FROM_EMAIL, [reader.person.email])
