from uuid import uuid4

from django.db import models
from django.db.models import Q

from readerstudy.models.case import Case
from readerstudy.models.reading import Reading
from readerstudy.protocol.design import HONEST


class FrozenAid(models.Model):
    """The AI output of one case as every reader sees it, fixed before launch. Rows are only ever added (trigger)."""

    class Origin(models.TextChoices):
        MODEL = "model"
        SIMULATED = "simulated"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="aids")
    source = models.CharField(max_length=40, default=HONEST)  # the model's own, or another set
    origin = models.CharField(max_length=10, choices=Origin)
    model_version = models.ForeignKey("inference.ModelVersion", null=True, on_delete=models.PROTECT, related_name="+")
    ranked = models.JSONField()  # [{"label": str, "probability": float}], best first
    description = models.TextField(blank=True)
    content = models.JSONField(default=dict, blank=True)  # further formats: "malignancy", "similar", "crowd"
    mask = models.ForeignKey("imagery.Image", null=True, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)  # of all of the above
    frozen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "source"], name="one_aid_per_case_and_source"),
            models.CheckConstraint(
                condition=Q(origin="model", model_version__isnull=False)
                | Q(origin="simulated", model_version__isnull=True),
                name="a_model_aid_names_its_model",
            ),
        ]

    @property
    def answer(self) -> str:
        return self.ranked[0]["label"]


class AidShown(models.Model):
    """A reader saw an aid: it came on screen with the image. Rows are only ever added (trigger)."""

    reading = models.ForeignKey(Reading, on_delete=models.PROTECT, related_name="aids_shown")
    stage = models.PositiveSmallIntegerField(default=1)
    aid = models.ForeignKey(FrozenAid, on_delete=models.PROTECT, related_name="shown")
    requested = models.BooleanField(default=False)  # the reader asked for it
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reading", "stage"], name="one_aid_shown_per_stage")]
