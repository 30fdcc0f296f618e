"""A reader may go: nothing more is asked, nothing counts, the name leaves, no row does."""

import pytest

from readerstudy.models import Answer, Exclusion, Reading
from readerstudy.protocol.state import OPEN
from readerstudy.selectors.exclusion import excluded
from readerstudy.selectors.progress import progress
from readerstudy.services.next_step import CaseStep, PageStep, next_step
from readerstudy.services.permission import NotAllowed
from readerstudy.services.withdrawal import Withdrawn, refuse_withdrawn, withdraw_reader
from tests.readerstudy.analytics.finished import finished_study
from tests.readerstudy.sample_study import NOON, live_study
from tests.readerstudy.signers import lock, signer
from webapp.accounts.services import person_for
from webapp.audit.models import Event

pytestmark = pytest.mark.django_db(databases=["default", "truth"])


def test_a_withdrawn_reader_reads_no_more_and_counts_no_more():
    study, [reader] = live_study(cases=3)
    step = {"slug": study.slug, "person_id": reader.person_id, "now": NOON}
    assert isinstance(next_step(**step), CaseStep)
    rows = Reading.objects.count()
    withdrawn = withdraw_reader(reader_id=reader.pk, by=reader.person, reason="", at=NOON)
    assert withdrawn.withdrawn_at == NOON
    assert next_step(**step) == PageStep("closed")
    assert not reader.readings.filter(state__in=OPEN).exists()
    assert Reading.objects.count() == rows
    assert excluded(study).readers == {reader.pk}
    with pytest.raises(Withdrawn, match="withdrew"):
        refuse_withdrawn(withdrawn)
    [line] = progress(study, now=NOON)
    assert (line.state, line.email) == ("withdrawn", "")


def test_a_second_withdrawal_changes_nothing():
    study, [reader] = live_study(cases=2)
    for _time in range(2):
        withdraw_reader(reader_id=reader.pk, by=reader.person, reason="No time", at=NOON)
    assert Exclusion.objects.get().reason == "Withdrawn. No time"
    assert Event.objects.filter(kind="reader.withdrawn").count() == 1


def test_nobody_else_withdraws_a_reader_but_an_administrator():
    study, readers = live_study(cases=2, readers=2)
    for person in (readers[1].person, person_for("stranger@example.org")):
        with pytest.raises(NotAllowed):
            withdraw_reader(reader_id=readers[0].pk, by=person, reason="x", at=NOON)
    withdraw_reader(reader_id=readers[0].pk, by=signer(), reason="Left the clinic", at=NOON)


def test_after_the_lock_only_the_name_goes():
    study = lock(finished_study(readers=1, cases=2))
    reader = study.readers.get()
    answers = Answer.objects.count()
    withdraw_reader(reader_id=reader.pk, by=reader.person, reason="", at=NOON)
    assert not Exclusion.objects.exists() and Answer.objects.count() == answers
    assert progress(study, now=NOON)[0].email == ""
