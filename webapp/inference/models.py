from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ModelVersion(models.Model):
    """A trained model in its folder. Its sha256 is that of `model.safetensors` and is checked at every load."""

    class State(models.TextChoices):
        CANDIDATE = "candidate", _("Candidate")
        PROMOTED = "promoted", _("Promoted")
        RETIRED = "retired", _("Retired")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.CharField(max_length=80)
    sha256 = models.CharField(max_length=64, unique=True)
    folder = models.CharField(max_length=500)  # relative to the site's var folder, or absolute
    card = models.JSONField(default=dict)  # model_card.json as it was at registration
    state = models.CharField(max_length=10, choices=State, default=State.CANDIDATE)
    registered_at = models.DateTimeField()

    class Meta:
        ordering = ["-registered_at"]
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=Q(state="promoted"), name="one_model_is_promoted"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.sha256[:8]})"

    @property
    def path(self) -> Path:
        return Path(settings.VAR_DIR) / self.folder


class Prediction(models.Model):
    """What one model said about one image under one data set's classes. Written once by a worker."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    model_version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="predictions")
    image = models.ForeignKey("imagery.Image", on_delete=models.CASCADE, related_name="+")
    dataset = models.CharField(max_length=80)
    ranked = models.JSONField()  # [{"label": str, "probability": float}], best first
    caption = models.TextField(blank=True)
    mask = models.ForeignKey("imagery.Image", null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["model_version", "image", "dataset"], name="one_prediction_per_image"),
        ]

    def __str__(self) -> str:
        return f"{self.dataset} prediction {self.id}"
