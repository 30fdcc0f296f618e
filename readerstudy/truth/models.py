from django.db import models
from django.db.models import F, Q

from readerstudy.truth.sources import Source


class _Standard(models.Model):
    """What a case is held to be, and why."""

    diagnosis = models.CharField(max_length=120)
    mask_id = models.UUIDField(null=True)  # imagery.Image of an expert's outline
    source = models.CharField(max_length=10, choices=[(s.value, s.value) for s in Source], default=Source.UNKNOWN)
    panel_agreed = models.PositiveSmallIntegerField(null=True)
    panel_of = models.PositiveSmallIntegerField(null=True)
    certainty = models.FloatField(null=True)  # 0-1, as the source states it
    decided_by = models.CharField(max_length=100, blank=True)  # a named adjudicator's id; empty: the source itself
    version = models.PositiveSmallIntegerField(default=1)
    recorded_at = models.DateTimeField()

    class Meta:
        abstract = True


class ReferenceStandard(_Standard):
    """What a case truly is. Joined to the case by its random id only; no key runs between the two databases."""

    case_id = models.UUIDField(primary_key=True)
    study_id = models.UUIDField(db_index=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(source="panel", panel_agreed__lte=F("panel_of"), panel_agreed__gte=1)
                | (~Q(source="panel") & Q(panel_agreed__isnull=True, panel_of__isnull=True)),
                name="a_panel_says_k_of_n",
            ),
            models.CheckConstraint(
                condition=Q(certainty__isnull=True) | Q(certainty__range=(0, 1)), name="certainty_is_0_to_1"
            ),
        ]


class ReferenceHistory(_Standard):
    """Every version of a case's truth, with the reason of the change. Rows are only ever added (trigger)."""

    case_id = models.UUIDField()
    study_id = models.UUIDField(db_index=True)
    reason = models.TextField(blank=True)  # empty for the first version
    by = models.CharField(max_length=100, blank=True)  # a person's id; empty: an import by the system

    class Meta:
        ordering = ["case_id", "version"]
        constraints = [models.UniqueConstraint(fields=["case_id", "version"], name="one_truth_per_version")]


class Opinion(models.Model):
    """What one truther holds a case to be; the latest of a person counts. Rows are only ever added (trigger)."""

    case_id = models.UUIDField()
    study_id = models.UUIDField(db_index=True)
    person = models.CharField(max_length=100)  # a person's id
    diagnosis = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["case_id"], name="opinions_of_a_case")]


class AlteredAid(models.Model):
    """A frozen AI output that was made false, or right, on purpose. Only here: no other database knows."""

    study_id = models.UUIDField(db_index=True)
    source = models.CharField(max_length=40)
    case_id = models.UUIDField()
    kind = models.CharField(max_length=10)  # "false" or "boosted"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study_id", "source", "case_id"], name="an_aid_is_altered_once"),
        ]
