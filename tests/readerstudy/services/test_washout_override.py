"""Another washout for one reader: audited, reasoned, and followed by every page that names the day."""

from datetime import timedelta

import pytest

from readerstudy.models import Reader, Reading, WashoutOverride
from readerstudy.protocol.state import State
from readerstudy.selectors.progress import progress
from readerstudy.services.errors import Refused
from readerstudy.services.next_step import CaseStep, WaitStep, next_step
from readerstudy.services.permission import NotAllowed
from readerstudy.services.pilot import start_dry_run
from readerstudy.services.washout_override import override_washout, washout_days_for
from tests.readerstudy.sample_study import NOON, live_study
from tests.readerstudy.signers import signer
from webapp.audit.models import Event

pytestmark = pytest.mark.django_db(databases=["default", "truth"])


def read_round(reader: Reader, number: int) -> None:
    Reading.objects.filter(reader=reader, round__number=number).update(
        state=State.ANSWERED, issued_at=NOON, started_at=NOON, shown_at=NOON, closed_at=NOON
    )


def override(reader: Reader, days: float, *, number: int = 2, reason: str = "Conference", by=None) -> WashoutOverride:
    return override_washout(
        reader_id=reader.pk, round_number=number, washout_days=days, reason=reason, by=by or signer(), at=NOON
    )


def test_the_override_moves_one_reader_s_opening_and_no_other_s():
    study, [one, other] = live_study(cases=2, readers=2)
    read_round(one, 1)
    read_round(other, 1)
    override(one, 20)
    override(one, 5)
    after_six_days = NOON + timedelta(days=6)
    assert isinstance(next_step(slug=study.slug, person_id=one.person_id, now=after_six_days), CaseStep)
    waits = next_step(slug=study.slug, person_id=other.person_id, now=after_six_days)
    assert waits == WaitStep(opens_at=NOON + timedelta(days=14), round=2)
    assert [line.rounds[1].opens_at for line in progress(study, now=NOON)] == [
        NOON + timedelta(days=5), NOON + timedelta(days=14),
    ]  # fmt: skip


def test_it_is_audited_with_plan_and_reason():
    _study, [reader] = live_study(cases=2)
    override(reader, 5)
    assert Event.objects.get(kind="washout.overridden").data == {
        "round": 2, "planned_days": 14.0, "days": 5, "reason": "Conference",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("days", "number", "reason", "said"),
    [
        (5, 2, " ", "needs a reason"),
        (-1, 2, "x", "Use 0 to 365"),
        (366, 2, "x", "Use 0 to 365"),
        (5, 1, "x", "no washout before it"),
        (5, 9, "x", "no washout before it"),
    ],
)
def test_an_impossible_override_is_named(days: float, number: int, reason: str, said: str):
    _study, [reader] = live_study(cases=2)
    with pytest.raises(Refused, match=said):
        override(reader, days, number=number, reason=reason)
    assert not WashoutOverride.objects.exists()


def test_a_round_that_was_begun_has_no_washout_any_more():
    _study, [reader] = live_study(cases=2)
    read_round(reader, 1)
    read_round(reader, 2)
    with pytest.raises(Refused, match="has begun round 2"):
        override(reader, 5)


def test_a_reader_cannot_shorten_their_own_washout():
    _study, [reader] = live_study(cases=2)
    with pytest.raises(NotAllowed):
        override(reader, 0, by=reader.person)


def test_a_dry_run_does_not_wait():
    study, _readers = live_study(cases=2)
    tried = start_dry_run(study_id=study.id, person=signer(), speed=2, at=NOON)
    assert washout_days_for(tried, study.rounds.get(number=2)) == 0
