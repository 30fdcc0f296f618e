from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q


class SecondLook(models.Model):
    """One image that a clinician asked the model about. Nobody else may see it; deleting it removes the image too."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)  # tells neither order nor owner
    clinician = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    image = models.ForeignKey("imagery.Image", on_delete=models.PROTECT, related_name="+")
    model_version = models.ForeignKey("inference.ModelVersion", on_delete=models.PROTECT, related_name="+")
    dataset = models.CharField(max_length=80, blank=True)  # the scope asked for; empty: the model chooses
    prediction = models.ForeignKey("inference.Prediction", null=True, on_delete=models.PROTECT, related_name="+")
    scope_probability = models.FloatField(null=True)  # of the scope, where the model chose it
    received_at = models.DateTimeField()
    kept_at = models.DateTimeField()  # cleaned, checked and on the disk
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-received_at"]
        indexes = [models.Index(fields=["clinician", "-received_at"], name="looks_of_one_by_time")]
        constraints = [
            models.CheckConstraint(
                condition=Q(prediction__isnull=True) | Q(answered_at__isnull=False), name="an_answered_look_has_a_time"
            ),
            models.CheckConstraint(
                condition=Q(scope_probability__isnull=True) | Q(scope_probability__range=(0, 1)),
                name="scope_probability_is_0_to_1",
            ),
        ]

    def __str__(self) -> str:
        return f"Second look {self.id}"
