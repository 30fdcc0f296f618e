import pytest
from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

from webapp.operations.broker import Broker

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "truth"])


def test_the_process_answers(client):
    assert client.get("/healthz").json() == {"ok": True}


def test_a_site_without_broker_stays_in_service_and_says_what_is_missing(client):
    reply = client.get("/readyz")
    found = reply.json()
    assert (reply.status_code, found["ready"], found["complete"]) == (200, True, False)
    assert found["broker"] == {"ok": False, "detail": "does not answer; work waits as rows"}


def test_the_database_is_named_with_what_matters_about_it(client):
    detail = client.get("/readyz").json()["database"]["detail"]
    if connection.vendor == "sqlite":
        assert "journal_mode=" in detail and "synchronous=FULL" in detail
    else:
        assert detail.startswith("PostgreSQL ")


def test_a_site_without_database_is_out_of_service(client, monkeypatch):
    def gone(database):
        raise OperationalError("connection refused")

    monkeypatch.setattr(BaseDatabaseWrapper, "cursor", gone)
    assert client.get("/readyz").status_code == 503


def test_a_real_worker_makes_the_site_complete(client, worker):
    found = client.get("/readyz").json()
    assert found["complete"] is True
    assert found["worker"]["detail"].startswith("work@")


def test_a_stopped_broker_is_noticed_and_its_return_too(client, broker: Broker):
    assert client.get("/readyz").json()["broker"]["ok"] is True
    broker.stop()
    assert client.get("/readyz").json()["broker"]["ok"] is False
    broker.start()
    assert client.get("/readyz").json()["broker"]["ok"] is True
