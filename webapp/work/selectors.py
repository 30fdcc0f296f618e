"""How far work has come."""

from dataclasses import dataclass

from celery import current_app
from django.db.models import Count
from kombu.exceptions import OperationalError

from webapp.work.models import Work


@dataclass(frozen=True, slots=True)
class WorkProgress:
    queued: int
    claimed: int
    done: int
    failed: int
    errors: tuple[str, ...]  # of what failed, each once

    @property
    def total(self) -> int:
        return self.queued + self.claimed + self.done + self.failed

    @property
    def finished(self) -> bool:
        return self.queued + self.claimed == 0


def progress(kind: str, prefix: str) -> WorkProgress:
    """All work of `kind` whose key begins with `prefix`."""
    rows = Work.objects.filter(kind=kind, key__startswith=prefix)
    counts = dict(rows.values_list("state").annotate(Count("pk")))
    errors = rows.filter(state=Work.State.FAILED).order_by("error").values_list("error", flat=True).distinct()
    return WorkProgress(*(counts.get(state.value, 0) for state in Work.State), errors=tuple(errors[:20]))


def broker_answers() -> bool:
    """Whether the bell can be rung now. For pages that must say that work waits; takes 1 s at most."""
    with current_app.connection_for_write() as connection:
        try:
            connection.ensure_connection(max_retries=0, timeout=1)
            connection.default_channel.client.ping()
        except (OperationalError, *connection.connection_errors):
            return False
    return True
