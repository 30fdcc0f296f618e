"""Asking for work, and doing it. Whatever dies in between, the row says what is left to do."""

import logging
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from celery import current_app
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone
from kombu.exceptions import OperationalError

from webapp.work.models import Work

log = logging.getLogger(__name__)

State = Work.State
Handler = Callable[[dict[str, Any]], None]

MAX_ATTEMPTS = 3  # that ended with an error
MAX_CLAIMS = 8  # begun; more means that the work kills its worker
RING_AGAIN_AFTER = timedelta(seconds=60)
CLAIM_LOST_AFTER = timedelta(seconds=200)  # above the task's hard time limit
SWEEP_AT_MOST = 500

_handlers: dict[str, Handler] = {}


def handles(kind: str) -> Callable[[Handler], Handler]:
    """Registers the function that does work of `kind`. It may run twice for one row: let unique rows be its result."""

    def register(handler: Handler) -> Handler:
        _handlers[kind] = handler
        return handler

    return register


def enqueue(kind: str, key: str, payload: dict[str, Any] | None = None) -> Work:
    """Ask for work inside the caller's transaction; the broker is rung after commit.

    `key` says what is to be done: asked for again, the row that is there is returned, and failed work begins anew.
    """
    now = timezone.now()
    fields = {"kind": kind, "payload": payload or {}, "queued_at": now, "rung_at": now}
    try:
        with transaction.atomic():
            work, new = Work.objects.get_or_create(key=key, defaults=fields)
    except IntegrityError:  # asked for by somebody else at the same moment
        work, new = Work.objects.get(key=key), False
    if not new and work.state == State.FAILED:
        Work.objects.filter(pk=work.pk, state=State.FAILED).update(
            state=State.QUEUED, attempts=0, claims=0, error="", **fields
        )
        work.refresh_from_db()
    if work.state == State.QUEUED:
        transaction.on_commit(lambda: ring([work.pk]))
    return work


def ring(work_ids: list[UUID]) -> bool:
    """Tell the broker. False where it cannot be reached: the rows wait, and the sweep rings again."""
    try:
        for work_id in work_ids:
            current_app.send_task("webapp.work.run", [str(work_id)])
    except (OperationalError, OSError) as gone:
        log.warning("Broker not reached, %d rows wait for the sweep: %s", len(work_ids), gone)
        return False
    return True


def perform(work_id: UUID, *, worker: str) -> bool:
    """Claim the row, do it, mark it done. False where it is done, failed, or in other hands."""
    work = _claim(work_id, worker=worker, at=timezone.now())
    if work is None:
        return False
    try:
        handler = _handlers[work.kind]
        handler(work.payload)
    except Exception as error:
        log.exception("Work %s (%s) ended with an error", work.pk, work.kind)
        _put_back(work, error)
        return False
    return _mine(work).update(state=State.DONE, done_at=timezone.now(), error="") == 1


def recover(*, worker: str) -> int:
    """At a worker's start: what its dead predecessor had claimed is queued again, and all that waits is rung."""
    now = timezone.now()
    Work.objects.filter(state=State.CLAIMED, claimed_by=worker).update(state=State.QUEUED)
    return _ring_waiting(Work.objects.filter(state=State.QUEUED), at=now)


def sweep(*, at: datetime) -> int:
    """Each minute: what was claimed too long ago is queued again, what waits too long is rung again."""
    Work.objects.filter(state=State.CLAIMED, claimed_at__lt=at - CLAIM_LOST_AFTER).update(state=State.QUEUED)
    return _ring_waiting(Work.objects.filter(state=State.QUEUED, rung_at__lte=at - RING_AGAIN_AFTER), at=at)


def _ring_waiting(waiting: Any, *, at: datetime) -> int:
    ids = list(waiting.order_by("rung_at").values_list("pk", flat=True)[:SWEEP_AT_MOST])
    if ids and ring(ids):
        Work.objects.filter(pk__in=ids).update(rung_at=at)
    return len(ids)


def _claim(work_id: UUID, *, worker: str, at: datetime) -> Work | None:
    work = Work.objects.filter(pk=work_id).first()
    if work is None or not (work.state == State.QUEUED or _holder_died(work, worker)):
        return None
    as_seen = Work.objects.filter(pk=work_id, state=work.state, claims=work.claims)
    if work.claims >= MAX_CLAIMS:
        as_seen.update(state=State.FAILED, error="Its worker process died each time. See the worker's log for memory.")
        return None
    won = as_seen.update(
        state=State.CLAIMED, claimed_by=worker, claimed_pid=os.getpid(), claimed_at=at, claims=F("claims") + 1
    )
    if not won:
        return None
    work.refresh_from_db()
    return work


def _holder_died(work: Work, worker: str) -> bool:
    """One pool child was killed; its message came back to a sibling under the same node name."""
    if work.state != State.CLAIMED or work.claimed_by != worker or work.claimed_pid == os.getpid():
        return False
    try:
        os.kill(work.claimed_pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _put_back(work: Work, error: Exception) -> None:
    state = State.FAILED if work.attempts + 1 >= MAX_ATTEMPTS else State.QUEUED
    message = f"{type(error).__name__}: {error}"[:2000]
    put = _mine(work).update(state=state, attempts=F("attempts") + 1, error=message)
    if put and state == State.QUEUED:
        ring([work.pk])


def _mine(work: Work) -> Any:
    """The row, as long as nobody took it over since."""
    return Work.objects.filter(Q(pk=work.pk, state=State.CLAIMED, claims=work.claims))
