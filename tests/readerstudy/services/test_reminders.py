"""Reminders: by rule, once, and telling nothing of the study."""

import smtplib
from datetime import timedelta

import pytest
from django.core import mail

from readerstudy.models import Reader, Reading, ReminderSent
from readerstudy.protocol.state import State
from readerstudy.services.amendment import amend_study
from readerstudy.services.reminders import remind
from readerstudy.services.study import close_study
from readerstudy.services.washout_override import override_washout
from readerstudy.services.withdrawal import withdraw_reader
from tests.readerstudy.sample_study import CLASSES, NOON, live_study
from tests.readerstudy.signers import signer
from webapp.audit.models import Event

pytestmark = pytest.mark.django_db(databases=["default", "truth"])
SITE = "https://study.example.org"
DAY = timedelta(days=1)


def reminded(*, after: tuple[float, ...] = (3.0, 7.0), **options: object):
    study, readers = live_study(cases=2, **options)
    amend_study(study_id=study.id, changes={"reminders": {"after_days": list(after)}}, reason="x", by=signer(), at=NOON)
    study.refresh_from_db()
    return study, readers


def read_round(reader: Reader, number: int) -> None:
    Reading.objects.filter(reader=reader, round__number=number).update(
        state=State.ANSWERED, issued_at=NOON, started_at=NOON, shown_at=NOON, closed_at=NOON
    )
    Reader.objects.filter(pk=reader.pk).update(last_seen_at=NOON)


def test_a_silent_reader_is_written_to_on_each_day_of_the_rule_and_once():
    reminded()
    sent = [remind(site=SITE, now=NOON + hours * timedelta(hours=1)) for hours in range(0, 24 * 12, 6)]
    assert sum(sent) == 2 == len(mail.outbox)
    assert [one.kind for one in ReminderSent.objects.order_by("sent_at")] == ["after_3", "after_7"]
    assert Event.objects.filter(kind="reminder.sent").count() == 2


def test_a_mail_tells_no_diagnosis_no_modality_and_no_count():
    study, [reader] = reminded()
    remind(site=SITE, now=NOON + 3 * DAY)
    [letter] = mail.outbox
    assert letter.to == [reader.person.email]
    assert f"{SITE}/accounts/link/" in letter.body
    text = f"{letter.subject} {letter.body}".lower()
    told = [name for names in CLASSES.values() for name in names] + ["aided", "ai ", "arm", "truth", " 2 cases"]
    assert not [word for word in told if word in text]


def test_at_night_nothing_is_sent():
    reminded()
    assert remind(site=SITE, now=(NOON + 3 * DAY).replace(hour=23)) == 0
    assert remind(site=SITE, now=(NOON + 4 * DAY).replace(hour=9)) == 1


def test_the_end_of_a_washout_is_told_once_and_no_reminder_comes_before():
    study, [reader] = reminded()
    read_round(reader, 1)
    assert remind(site=SITE, now=NOON + 10 * DAY) == 0
    assert remind(site=SITE, now=NOON + 14 * DAY) == 1
    assert remind(site=SITE, now=NOON + 14 * DAY) == 0
    assert "round 2" in mail.outbox[0].body
    assert remind(site=SITE, now=NOON + 17 * DAY) == 1


def test_it_follows_a_washout_override():
    study, [reader] = reminded(after=())
    read_round(reader, 1)
    override_washout(reader_id=reader.pk, round_number=2, washout_days=5, reason="x", by=signer(), at=NOON)
    assert remind(site=SITE, now=NOON + 5 * DAY) == 1


def test_nobody_is_written_to_who_is_done_withdrawn_simulated_or_in_a_study_that_is_over():
    study, [done, gone] = reminded(readers=2)
    read_round(done, 1)
    read_round(done, 2)
    withdraw_reader(reader_id=gone.pk, by=gone.person, reason="", at=NOON)
    assert remind(site=SITE, now=NOON + 30 * DAY) == 0
    over, _readers = reminded(seed=8)
    close_study(study_id=over.id, by=None, at=NOON)
    reminded(seed=9, simulated=True)
    assert remind(site=SITE, now=NOON + 30 * DAY) == 0


def test_a_mail_that_cannot_be_sent_is_tried_again_and_stops_no_other(monkeypatch: pytest.MonkeyPatch):
    study, [one, other] = reminded(readers=2)

    def fails(subject: str, text: str, sender: str, to: list[str]) -> int:
        if to == [one.person.email]:
            raise smtplib.SMTPServerDisconnected("gone")
        return 1

    monkeypatch.setattr("readerstudy.services.reminders.send_mail", fails)
    assert remind(site=SITE, now=NOON + 3 * DAY) == 1
    assert [row.reader for row in ReminderSent.objects.all()] == [other]
    monkeypatch.undo()
    assert remind(site=SITE, now=NOON + 3 * DAY) == 1
    assert mail.outbox[0].to == [one.person.email]
