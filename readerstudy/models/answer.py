from uuid import uuid4

from django.db import models
from django.db.models import Q

from readerstudy.models.reading import Reading


class _Content(models.Model):
    """What a reader decided and how, as the browser reported it."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)  # tells neither order nor truth
    stage = models.PositiveSmallIntegerField(default=1)
    diagnosis = models.CharField(max_length=400, blank=True)  # the principal one; empty where the stage asks for none
    confidence = models.FloatField(null=True)
    values = models.JSONField(default=dict)  # question -> value, the two above included
    rt_ms = models.IntegerField(null=True)
    measures = models.JSONField(default=dict)  # of the browser: zoom, hidden time, first choice ...
    arrived_at = models.DateTimeField()

    class Meta:
        abstract = True


class Answer(_Content):
    """What a reader decided in one reading. Rows are only ever added (trigger in migrations)."""

    reading = models.ForeignKey(Reading, on_delete=models.PROTECT, related_name="answers")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reading", "stage"], name="one_answer_per_stage"),
            models.CheckConstraint(
                condition=Q(confidence__isnull=True) | Q(confidence__range=(0, 1)), name="confidence_is_0_to_1"
            ),
            models.CheckConstraint(condition=~Q(diagnosis="") | ~Q(values={}), name="an_answer_says_something"),
            models.CheckConstraint(condition=Q(rt_ms__gte=0), name="an_answer_has_a_reaction_time"),
        ]


class LateAnswer(_Content):
    """What came after the time was over, or the draft at the time-out: kept apart, never counted (trigger)."""

    reading = models.ForeignKey(Reading, on_delete=models.PROTECT, related_name="late_answers")
    late_by_ms = models.IntegerField()  # arrival after deadline + grace; negative for a draft sent in time

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reading", "stage"], name="one_late_answer_per_stage")]
