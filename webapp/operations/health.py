"""Whether the site's parts answer, each with what an operator would want to know."""

import sqlite3
from dataclasses import asdict, dataclass

from celery import current_app
from django.conf import settings
from django.db import DatabaseError, connections
from kombu.exceptions import OperationalError

from webapp.inference.models import ModelVersion
from webapp.work.selectors import broker_answers


@dataclass(frozen=True, slots=True)
class Check:
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Health:
    database: Check
    truth: Check
    broker: Check
    worker: Check
    model: Check

    @property
    def ready(self) -> bool:
        """Pages and answers need the database only: a site whose broker is gone must stay in service."""
        return self.database.ok

    @property
    def complete(self) -> bool:
        return self.ready and self.truth.ok and self.broker.ok and self.worker.ok

    def as_json(self) -> dict[str, object]:
        return {"ready": self.ready, "complete": self.complete, **asdict(self)}


def health() -> Health:
    """Takes about a second where the broker or the worker does not answer."""
    broker = Check(True, "answers") if broker_answers() else Check(False, "does not answer; work waits as rows")
    return Health(
        database=_database("default"),
        truth=_database("truth") if settings.HAS_TRUTH else Check(True, "not configured on this node"),
        broker=broker,
        worker=_worker() if broker.ok else Check(False, "unknown without the broker"),
        model=_model(),
    )


def _database(alias: str) -> Check:
    connection = connections[alias]
    try:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                mode = cursor.execute("PRAGMA journal_mode").fetchone()[0]
                synchronous = cursor.execute("PRAGMA synchronous").fetchone()[0]
                level = {0: "OFF", 1: "NORMAL", 2: "FULL", 3: "EXTRA"}[synchronous]
                return Check(True, f"SQLite {sqlite3.sqlite_version}, journal_mode={mode}, synchronous={level}")
            cursor.execute("SHOW server_version")
            return Check(True, f"PostgreSQL {cursor.fetchone()[0]}")
    except DatabaseError as error:
        return Check(False, f"{type(error).__name__}: does not answer")


def _worker() -> Check:
    with current_app.connection_for_write() as connection:  # a pooled one may be left over from a broker that is gone
        try:
            replies = current_app.control.broadcast("ping", reply=True, limit=1, timeout=1, connection=connection)
        except (OperationalError, *connection.connection_errors):
            return Check(False, "unknown without the broker")
    names = [name for reply in replies for name in reply]
    return Check(True, f"{names[0]} answers") if names else Check(False, "no worker answers; work waits as rows")


def _model() -> Check:
    try:
        model = ModelVersion.objects.filter(state=ModelVersion.State.PROMOTED).first()
    except DatabaseError as error:
        return Check(False, f"{type(error).__name__}: the database does not answer")
    if model is None:
        return Check(False, "none promoted; train one with: python manage.py train_dermino")
    return Check(True, str(model))
