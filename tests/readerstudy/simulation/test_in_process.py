"""Readers in the process of the site: what they send and get is what HTTP carries; only their clock is their own."""

from datetime import timedelta

import pytest
from django.test import RequestFactory
from django.utils import timezone

from readerstudy.models import Answer, Reader, Reading, Study
from readerstudy.services.simulated_readers import enrol_simulated
from readerstudy.simulation.browser import Browser
from readerstudy.simulation.clock import VirtualClock
from readerstudy.simulation.in_process import InProcessBrowser
from readerstudy.simulation.run import arrive, ready, seats, targets_for
from tests.readerstudy.sample_study import NOON, live_study
from tests.services import Site
from webapp.accounts.services import sign_in_link
from webapp.operations.arrival import arriving_at, stamp_arrival

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "truth"])
LEASE = "lease"  # another one at every "next"


def read_all(study: Study, readers: list[Reader]) -> None:
    targets = targets_for(study)
    seated = seats(study, readers, targets, seed=5, clock=lambda reader: VirtualClock(NOON), browser=InProcessBrowser)
    for one in seated:
        arrive(study, one)
    for one in ready(study, seated, targets, seed=5, pictures=False):
        assert one.read().ended == "end"


def test_a_network_and_none_give_the_same_replies(site: Site) -> None:
    study, [reader] = live_study(cases=3)
    replies = []
    for browser in (Browser(site.url), InProcessBrowser(VirtualClock(timezone.now()))):
        signed_in = browser.post_form(sign_in_link(reader.person, next="/read/"), {})
        step = browser.post_json(f"/read/{study.slug}/api/next", {}).json()
        picture = browser.get(step["images"][0]["url"])
        missing = browser.post_json(f"/read/{study.slug}/api/trial/{step['trial']}/start", {"lease": "no lease"})
        resumed = {**step, LEASE: None}
        replies.append((signed_in.status, signed_in.location, resumed, picture.body, missing.status, missing.json()))
    assert replies[0] == replies[1]


def test_a_clock_of_their_own_makes_washout_and_reaction_times_real() -> None:
    study, _ = live_study(cases=6, preset="dermino-two-round", readers=0)
    read_all(study, enrol_simulated(study_id=study.pk, wanted=2, at=NOON))
    readings = Reading.objects.filter(is_practice=False)
    assert readings.count() == 24 and not readings.exclude(state__in=("answered", "timeout")).exists()
    for reader in study.readers.all():
        first, second = (reader.readings.filter(round__number=number).order_by("closed_at") for number in (1, 2))
        assert second.first().started_at - first.last().closed_at >= timedelta(days=14)
    for answer in Answer.objects.select_related("reading"):
        passed = answer.arrived_at - (answer.reading.shown_at or answer.reading.started_at)
        assert answer.rt_ms == pytest.approx(passed.total_seconds() * 1000, abs=1)
        assert 0 < answer.rt_ms <= answer.reading.limit_ms


def test_nothing_that_a_request_carries_moves_the_time_of_arrival() -> None:
    moved = {"HTTP_DATE": "Mon, 03 Mar 2025 08:00:00 GMT", "HTTP_X_ARRIVAL": "2025-03-03T08:00:00Z"}
    request = RequestFactory().post("/?arrival=2025-03-03", {"arrived_at": "2025-03-03"}, **moved)
    stamp_arrival(lambda request: request)(request)
    assert abs(timezone.now() - request.arrived_at) < timedelta(seconds=5)
    with arriving_at(NOON):
        assert stamp_arrival(lambda request: request)(RequestFactory().get("/")).arrived_at == NOON
    assert stamp_arrival(lambda request: request)(RequestFactory().get("/")).arrived_at != NOON
