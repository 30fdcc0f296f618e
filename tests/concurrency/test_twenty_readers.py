"""Twenty readers at once, each with every hostile behaviour, on the real server. The invariants are asked in SQL."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from django.db import connection

from readerstudy.models import Answer, LateAnswer, Reading, Study
from readerstudy.services.enrolment import enrol
from readerstudy.services.launch import launch_study
from readerstudy.services.study import edit_design
from tests.concurrency.hostile_reader import BEHAVIOURS, IN_VAIN, LATE, Clock, HostileReader
from tests.readerstudy.sample_study import NOON, draft_study
from tests.services import Site
from webapp.accounts.services import person_for, sign_in_link

READERS = 20
CLOCK = Clock(limit=3.0, cap=0.5, grace=0.5)
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True, databases=["default", "truth"])]


def _study() -> tuple[Study, list[str]]:
    """A live study with a short clock and one case for each behaviour; the readers' sign-in links."""
    study = draft_study(cases=len(BEHAVIOURS), slug="hostile")
    design = {
        "rounds": [{"modality": "unaided", "limit_s": CLOCK.limit, "washout_days": 0}],
        "shown_cap_ms": round(CLOCK.cap * 1000),
        "grace_ms": round(CLOCK.grace * 1000),
    }
    edit_design(study_id=study.id, values=design, by=None, at=NOON)
    launch_study(study_id=study.id, by=None, at=NOON)
    study.refresh_from_db()
    readers = [enrol(study, person_for(f"reader{n}@example.org"), at=NOON) for n in range(READERS)]
    study.readers.update(consented_at=NOON, profiled_at=NOON, practised_at=NOON)
    return study, [sign_in_link(reader.person) for reader in readers]


@pytest.fixture
def hostile(site: Site) -> Iterator[list[HostileReader]]:
    """Twenty readers who have read everything."""
    study, links = _study()
    readers = [HostileReader(site.url, study.slug, CLOCK, number) for number in range(READERS)]
    with ThreadPoolExecutor(READERS) as pool:
        yield list(pool.map(HostileReader.read_all, readers, links))


def test_no_answer_is_lost_doubled_or_accepted_late(hostile: list[HostileReader]) -> None:
    assert [surprise for reader in hostile for surprise in reader.surprises] == []
    told = {trial: one for reader in hostile for trial, one in reader.told.items()}
    states = dict(Reading.objects.values_list("pk", "state"))
    answers = _choices(Answer)

    assert len(told) == len(states) == READERS * len(BEHAVIOURS)
    assert {t: one.outcome for t, one in told.items()} == states  # each was told what holds
    kept = {t: one.choice for t, one in told.items() if one.outcome == "answered"}
    assert answers == kept  # none lost, none of a superseded tab or a replay
    assert {one.behaviour for one in told.values() if one.outcome == "timeout"} == IN_VAIN
    assert set(_choices(LateAnswer)) == {t for t, one in told.items() if one.behaviour in LATE}
    assert _count(ANSWERS_PER_READING) == 0
    assert _count(ACCEPTED_LATE) == 0
    assert _count(ANSWERED_WITHOUT_ANSWER) == 0
    assert _count(COUNTED_AND_LATE) == 0
    assert _count(BROKEN_CHAINS) == 0


ANSWERS_PER_READING = """
    SELECT count(*) FROM (
        SELECT reading_id FROM readerstudy_answer GROUP BY reading_id HAVING count(*) > 1
    ) AS twice"""
ACCEPTED_LATE = """
    SELECT count(*) FROM readerstudy_answer a JOIN readerstudy_reading r ON r.id = a.reading_id
    WHERE a.arrived_at > least(coalesce(r.shown_at, 'infinity'), r.started_at + r.shown_cap_ms * interval '1 ms')
        + (r.limit_ms + r.grace_ms) * interval '1 ms'"""
ANSWERED_WITHOUT_ANSWER = """
    SELECT count(*) FROM readerstudy_reading r LEFT JOIN readerstudy_answer a ON a.reading_id = r.id
    WHERE (r.state = 'answered') <> (a.id IS NOT NULL)"""
COUNTED_AND_LATE = """
    SELECT count(*) FROM readerstudy_answer a JOIN readerstudy_lateanswer l ON l.reading_id = a.reading_id"""
BROKEN_CHAINS = """
    SELECT count(*) FROM (
        SELECT chain FROM audit_event GROUP BY chain HAVING count(*) <> max(index) - min(index) + 1
    ) AS broken"""


def _count(query: str) -> int:
    if connection.vendor != "postgresql":
        pytest.skip("the invariants are asked in PostgreSQL's SQL; SQLite is not for studies with real readers")
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


def _choices(model: type[Answer | LateAnswer]) -> dict[UUID, str]:
    return dict(model.objects.values_list("reading_id", "diagnosis"))
