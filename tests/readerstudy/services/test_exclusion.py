"""Exclusions are decisions: recorded, reasoned, blind, and never a deleted row."""

import pytest

from readerstudy.models import Exclusion, Reading
from readerstudy.selectors.exclusion import excluded, exclusion_counts, exclusion_lines, exclusion_reasons
from readerstudy.services.errors import Refused
from readerstudy.services.exclusion import NotBlind, decide_exclusion
from readerstudy.services.permission import NotAllowed
from readerstudy.services.study_role import grant_study_role
from readerstudy.services.unblinding import unblind
from tests.readerstudy.sample_study import NOON, live_study
from tests.readerstudy.signers import PASSWORD, signer
from webapp.accounts.services import person_for
from webapp.audit.models import Event

pytestmark = pytest.mark.django_db(databases=["default", "truth"])


def decide(study, kind, target, decision="excluded", *, by=None, reason="Image of another lesion"):
    return decide_exclusion(
        study_id=study.id, kind=kind, target_id=target.pk, decision=decision, reason=reason, by=by or signer(), at=NOON
    )


def test_the_latest_decision_counts_and_every_one_stays():
    study, [reader] = live_study(cases=3)
    case, reading = study.cases.first(), reader.readings.first()
    rows = Reading.objects.count()
    decide(study, "case", case)
    decide(study, "reading", reading)
    decide(study, "case", case, "kept", reason="It was the right one")
    assert (excluded(study).cases, excluded(study).readings) == (frozenset(), {reading.pk})
    assert exclusion_counts(study) == {"reader": 0, "case": 0, "reading": 1}
    assert exclusion_reasons(study) == {"Image of another lesion": 1}
    assert len(exclusion_lines(study)) == 3 == Event.objects.filter(kind="exclusion.decided").count()
    assert Reading.objects.count() == rows


def test_who_may_see_results_does_not_decide_what_counts():
    study, [reader] = live_study(cases=2)
    chief = signer()
    unblind(study_id=study.id, by=chief, password=PASSWORD, reason="Board", kind="planned", at=NOON)
    with pytest.raises(NotBlind, match="who does not"):
        decide(study, "reader", reader, by=chief)


def test_the_blinded_statistician_decides_and_the_monitor_does_not():
    study, [reader] = live_study(cases=2)
    for role in ("statistician_blinded", "monitor"):
        grant_study_role(
            study_id=study.id, email=f"{role}@example.org", role=role, by=signer(), password=PASSWORD, at=NOON
        )
    decide(study, "reader", reader, by=person_for("statistician_blinded@example.org"))
    with pytest.raises(NotAllowed):
        decide(study, "reader", reader, by=person_for("monitor@example.org"))
    assert excluded(study).readers == {reader.pk}


def test_an_exclusion_needs_a_reason_and_something_of_this_study():
    study, [reader] = live_study(cases=2)
    other, [stranger] = live_study(cases=2, seed=8)
    with pytest.raises(Refused, match="needs a reason"):
        decide(study, "reader", reader, reason="  ")
    with pytest.raises(Refused, match="has no such reader"):
        decide(study, "reader", stranger)
    with pytest.raises(Refused, match="not round"):
        decide(study, "round", reader)
    assert not Exclusion.objects.exists()
