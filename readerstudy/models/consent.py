from django.db import models

from readerstudy.models.study import Study


class ConsentVersion(models.Model):
    """A consent text that readers signed, or are asked to sign, by its hash. Rows are only ever added (trigger)."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="consent_versions")
    number = models.PositiveSmallIntegerField()
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    since = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["study", "number"], name="one_consent_text_per_version"),
            models.UniqueConstraint(fields=["study", "sha256"], name="one_consent_version_per_text"),
        ]
