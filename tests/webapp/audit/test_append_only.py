import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from webapp.audit.append_only import protected_tables
from webapp.audit.models import Event
from webapp.audit.services import record

pytestmark = pytest.mark.django_db


def test_events_are_protected_after_migrate():
    assert "audit_event" in protected_tables(connection)


@pytest.mark.parametrize("change", ["update", "delete"])
def test_a_recorded_event_can_neither_be_changed_nor_deleted(change):
    record("study.made", chain="study:1", at=timezone.now())
    rows = Event.objects.filter(chain="study:1")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        rows.update(kind="study.unmade") if change == "update" else rows.delete()
    assert rows.get().kind == "study.made"


def test_a_recorded_event_cannot_be_replaced_by_an_insert():
    event = record("study.made", chain="study:1", at=timezone.now())
    if connection.vendor == "sqlite":
        statement = "INSERT OR REPLACE INTO audit_event SELECT * FROM audit_event WHERE id = %s"
    else:
        statement = (
            "INSERT INTO audit_event SELECT * FROM audit_event WHERE id = %s ON CONFLICT (id) DO UPDATE SET kind = 'x'"
        )
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [event.pk])


def test_the_whole_table_cannot_be_emptied():
    if connection.vendor == "sqlite":
        pytest.skip("SQLite knows no TRUNCATE")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE audit_event CASCADE")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", ["first", "second"])
def test_a_flush_between_tests_leaves_the_protection_in_place(time):
    assert "audit_event" in protected_tables(connection)
    assert not Event.objects.exists()
    record("study.made", chain="study:1", at=timezone.now())
