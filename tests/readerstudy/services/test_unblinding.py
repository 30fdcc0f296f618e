"""Accuracy is for nobody before the lock, but by a signed, logged act."""

import pytest

from readerstudy.models import Unblinding
from readerstudy.selectors.unblinding import unblinding_log
from readerstudy.services.enrolment import enrol
from readerstudy.services.errors import NotReady, Refused
from readerstudy.services.permission import NotAllowed
from readerstudy.services.signature import NotSigned
from readerstudy.services.study import close_study
from readerstudy.services.study_role import TrutherCannotRead, grant_study_role
from readerstudy.services.unblinding import may_see_results, unblind
from tests.readerstudy.sample_study import NOON, draft_study, live_study
from tests.readerstudy.signers import PASSWORD, lock, signer
from webapp.accounts.services import person_for
from webapp.audit.models import Event

pytestmark = pytest.mark.django_db(databases=["default", "truth"])
ACT = {"password": PASSWORD, "reason": "Safety board", "at": NOON}


def test_nobody_sees_results_of_a_study_that_reads_or_is_merely_closed():
    study, [reader] = live_study(cases=2)
    administrator = signer()
    assert not may_see_results(study, administrator)
    study = close_study(study_id=study.id, by=None, at=NOON)
    assert not may_see_results(study, administrator)
    study = lock(study)
    assert may_see_results(study, administrator)
    assert not may_see_results(study, reader.person)


def test_a_planned_act_opens_results_to_its_signer_and_the_unblinded_statistician():
    study, _readers = live_study(cases=2)
    chief, other = signer(), signer("other@example.org")
    grant_study_role(study_id=study.id, email="s@example.org", role="statistician_unblinded", by=chief,
                     password=PASSWORD, at=NOON)  # fmt: skip
    statistician = person_for("s@example.org")
    assert not may_see_results(study, statistician)
    unblind(study_id=study.id, by=chief, kind="planned", **ACT)
    assert may_see_results(study, chief) and may_see_results(study, statistician)
    assert not may_see_results(study, other)


def test_an_accident_is_recorded_and_opens_nothing():
    study, _readers = live_study(cases=2)
    chief = signer()
    unblind(study_id=study.id, by=chief, kind="accidental", **ACT)
    assert not may_see_results(study, chief)
    [line] = unblinding_log(study)
    assert (line.by, line.kind, line.reason, line.at) == (
        "Ada Signer <signer@example.org>", "accidental", "Safety board", NOON,
    )  # fmt: skip
    assert Event.objects.filter(kind="study.unblinded").count() == 1


def test_without_password_or_reason_nothing_is_unblinded():
    study, _readers = live_study(cases=2)
    with pytest.raises(NotSigned):
        unblind(study_id=study.id, by=signer(), kind="planned", **{**ACT, "password": "wrong"})
    with pytest.raises(Refused, match="needs a reason"):
        unblind(study_id=study.id, by=signer(), kind="planned", **{**ACT, "reason": " "})
    assert not Unblinding.objects.exists()


def test_a_reader_of_the_study_can_neither_unblind_nor_profit_from_it():
    study, _readers = live_study(readers=0, cases=2)
    administrator, chief = signer(), signer("chief@example.org")
    enrol(study, administrator, at=NOON)
    with pytest.raises(NotAllowed, match="You read in"):
        unblind(study_id=study.id, by=administrator, kind="planned", **ACT)
    unblind(study_id=study.id, by=chief, kind="planned", **ACT)
    assert not may_see_results(study, administrator)
    with pytest.raises(TrutherCannotRead):
        enrol(study, chief, at=NOON)


def test_there_is_nothing_to_unblind_in_a_draft_or_after_the_lock():
    with pytest.raises(NotReady, match="no readings yet"):
        unblind(study_id=draft_study(cases=1).id, by=signer(), kind="planned", **ACT)
    study, _readers = live_study(cases=2, seed=8)
    with pytest.raises(Refused, match="is locked"):
        unblind(study_id=lock(study).id, by=signer(), kind="planned", **ACT)


def test_a_simulated_study_has_nobody_to_unblind():
    study, _readers = live_study(cases=2, simulated=True)
    assert may_see_results(study, signer())
    assert not may_see_results(study, person_for("stranger@example.org"))
