"""A live study changes little, and each change is a protocol version with its reason."""

import pytest

from readerstudy.models import ConsentVersion, ProtocolVersion
from readerstudy.protocol.design import BadDesign
from readerstudy.services.amendment import amend_study
from readerstudy.services.enrolment import give_consent
from readerstudy.services.errors import Refused, StudyFrozen
from readerstudy.services.next_step import PageStep, next_step
from readerstudy.services.permission import NotAllowed
from readerstudy.services.study import close_study
from tests.readerstudy.sample_study import NOON, draft_study, live_study
from tests.readerstudy.signers import signer
from webapp.audit.models import Event

pytestmark = pytest.mark.django_db(databases=["default", "truth"])


def amend(study, changes, *, reason="Ethics committee", by=None):
    return amend_study(study_id=study.id, changes=changes, reason=reason, by=by or signer(), at=NOON)


def test_an_amendment_is_a_further_version_that_says_why():
    study, _readers = live_study(cases=2)
    version = amend(study, {"title": "New title", "planned_readers": 30, "registration": {"ethics_number": "12/26"}})
    study.refresh_from_db()
    assert (study.title, study.design.planned_readers) == ("New title", 30)
    assert (version.number, version.reason) == (2, "Ethics committee")
    assert version.document["registration"] == {"ethics_number": "12/26"}
    assert Event.objects.get(kind="study.amended").data["changed"] == ["planned_readers", "registration", "title"]


@pytest.mark.parametrize("key", ["cases", "arms", "rounds", "questions", "seed", "modalities", "allocation"])
def test_everything_else_is_frozen_and_named(key: str):
    study, _readers = live_study(cases=2)
    with pytest.raises(StudyFrozen, match=f"“{key}” was frozen at launch") as frozen:
        amend(study, {"title": "New title", key: {}})
    assert frozen.value.details == {"key": key}
    study.refresh_from_db()
    assert study.title == "Sample" and ProtocolVersion.objects.count() == 1


def test_an_amended_consent_is_asked_again_and_both_texts_are_kept():
    study, [reader] = live_study(cases=2, ready=False)
    step = {"slug": study.slug, "person_id": reader.person_id}
    assert next_step(**step, now=NOON) == PageStep("consent")
    give_consent(**step, at=NOON)
    assert next_step(**step, now=NOON) == PageStep("profile")
    amend(study, {"consent_text": "You take part. Your answers are kept for ten years."})
    assert next_step(**step, now=NOON) == PageStep("consent")
    give_consent(**step, at=NOON)
    assert next_step(**step, now=NOON) == PageStep("profile")
    assert [one.number for one in ConsentVersion.objects.all()] == [1, 2]
    reader.refresh_from_db()
    assert reader.consent_sha256 == ConsentVersion.objects.get(number=2).sha256
    said = [event.data["version"] for event in Event.objects.filter(kind="reader.consented").order_by("index")]
    assert said == [1, 2]


def test_a_limit_changes_for_a_round_that_nobody_has_begun():
    study, [reader] = live_study(cases=2)
    next_step(slug=study.slug, person_id=reader.person_id, now=NOON)
    amend(study, {"limits": {"2": [45.0]}})
    assert set(reader.readings.filter(round__number=2).values_list("limit_ms", flat=True)) == {45_000}
    study.refresh_from_db()
    assert study.design.rounds[1].stages[0].limit_s == 45
    with pytest.raises(StudyFrozen, match="begun round 1"):
        amend(study, {"limits": {"1": [45.0]}})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"limits": {"2": [45.0, 1.0]}}, "has 1 stages"),
        ({"limits": {"7": [45.0]}}, "There is no round 7"),
        ({"limits": {"2": [0.0]}}, "limit_s"),
        ({"planned_readers": -1}, "planned_readers"),
        ({"reminders": {"quiet_from": 25}}, "quiet_from"),
    ],
)
def test_an_impossible_value_is_named_and_nothing_is_written(changes: dict, said: str):
    study, _readers = live_study(cases=2)
    with pytest.raises(BadDesign, match=said):
        amend(study, changes)
    assert ProtocolVersion.objects.count() == 1


def test_it_needs_a_reason_a_change_a_live_study_and_an_administrator():
    study, [reader] = live_study(cases=2)
    with pytest.raises(Refused, match="needs a reason"):
        amend(study, {"title": "x"}, reason=" ")
    with pytest.raises(Refused, match="changes nothing"):
        amend(study, {})
    with pytest.raises(NotAllowed):
        amend(study, {"title": "x"}, by=reader.person)
    with pytest.raises(StudyFrozen, match="a draft is edited"):
        amend(draft_study(cases=1, seed=9), {"title": "x"})
    close_study(study_id=study.id, by=None, at=NOON)
    with pytest.raises(StudyFrozen, match="is closed"):
        amend(study, {"title": "x"})
