from django.db import models


class ReferenceStandard(models.Model):
    """What a case truly is. Joined to the case by its random id only; no key runs between the two databases."""

    case_id = models.UUIDField(primary_key=True)
    study_id = models.UUIDField(db_index=True)
    diagnosis = models.CharField(max_length=120)
    mask_id = models.UUIDField(null=True)  # imagery.Image of an expert's outline
    recorded_at = models.DateTimeField()
