"""Work to be done outside a request. The row is the work; the broker only rings the bell."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Work(models.Model):
    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        CLAIMED = "claimed", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=200, unique=True)  # what is to be done, so that it is asked for once
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    queued_at = models.DateTimeField()
    rung_at = models.DateTimeField()  # when the broker was last told
    claimed_by = models.CharField(max_length=200, blank=True)  # the worker's node name
    claimed_pid = models.PositiveIntegerField(null=True)  # its process that took the row
    claimed_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)  # ended with an error
    claims = models.PositiveSmallIntegerField(default=0)  # begun: more than attempts where a worker died
    error = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "rung_at"], name="work_waiting_longest")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="claimed") | Q(claimed_at__isnull=False), name="claimed_work_has_a_time"
            ),
            models.CheckConstraint(condition=~Q(state="done") | Q(done_at__isnull=False), name="done_work_has_a_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}: {self.get_state_display()}"
