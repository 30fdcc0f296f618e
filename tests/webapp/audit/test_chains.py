from datetime import UTC, datetime
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from webapp.audit import chains
from webapp.audit.append_only import lifted
from webapp.audit.models import Event
from webapp.audit.services import record

pytestmark = pytest.mark.django_db(databases=["default", "truth"])
NOON = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def chain() -> str:
    for number in range(4):
        record(
            "reading.closed", chain="reader:a", at=NOON, about=uuid4(), by="reader:a", data={"n": number, "rt": 1e16}
        )
    record("study.launched", chain="study:1", at=NOON, data={"title": "Zweite Runde, 第二轮"})
    return "reader:a"


def tamper(**change: object) -> None:
    """As somebody with the database's own password would."""
    with lifted(connection):
        Event.objects.filter(chain="reader:a", index=2).update(**change)


def test_untouched_chains_verify(chain):
    assert list(chains.breaks()) == []


@pytest.mark.parametrize(
    "change", [{"kind": "reading.opened"}, {"by": "reader:b"}, {"content": "{}"}, {"about": None}, {"hash": "0" * 64}]
)
def test_a_changed_event_is_found(chain, change):
    tamper(**change)
    assert any("event 2" in finding or "event 3" in finding for finding in chains.breaks())


def test_a_removed_event_is_found(chain):
    with lifted(connection):
        Event.objects.filter(chain=chain, index=1).delete()
    assert next(chains.breaks()) == "reader:a: event 1 is missing; the next is 2"


def test_a_rewritten_event_with_a_fitting_hash_breaks_the_next(chain):
    event = Event.objects.get(chain=chain, index=2)
    event.kind = "reading.opened"
    tamper(kind=event.kind, hash=event.digest())
    assert list(chains.breaks()) == ["reader:a: event 3 does not follow the one before it"]


def test_two_events_at_one_place_are_refused(chain):
    last = Event.objects.filter(chain=chain).order_by("-index").first()
    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.create(chain=chain, index=last.index, at=NOON, kind="x", previous_hash="", hash="")


def test_recording_takes_two_statements(chain, django_assert_num_queries):
    with django_assert_num_queries(2):
        record("reading.closed", chain=chain, at=NOON)


def test_verify_audit_reports_breaks_and_ends_with_1(chain):
    tamper(kind="reading.opened")
    errors = StringIO()
    with pytest.raises(CommandError) as ended:
        call_command("verify_audit", stderr=errors)
    assert ended.value.returncode == 1
    assert "event 2 (reading.opened) was changed" in errors.getvalue()


def test_verify_audit_says_what_other_rooms_find_and_still_passes(chain, monkeypatch):
    monkeypatch.setattr(chains, "_remarks", [lambda: ["3 rows belong to no case"]])
    said = StringIO()
    call_command("verify_audit", stdout=said)
    assert said.getvalue().splitlines() == ["3 rows belong to no case", "5 events in 2 chains: all whole."]
