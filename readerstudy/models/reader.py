from uuid import UUID, uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q

from readerstudy.models.study import Study


class Arm(models.Model):
    """A group of readers who follow the same path."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="arms")
    name = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["study", "name"], name="one_arm_per_name")]


def chain_of(reader_id: UUID) -> str:
    """The audit chain of a reader, by id alone."""
    return f"reader:{reader_id}"


class Reader(models.Model):
    """A person in one study."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="readers")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="readers")
    arm = models.ForeignKey(Arm, on_delete=models.PROTECT, related_name="readers")
    number = models.PositiveIntegerField()
    enrolled_at = models.DateTimeField()
    consented_at = models.DateTimeField(null=True)
    consent_sha256 = models.CharField(max_length=64, blank=True)
    profiled_at = models.DateTimeField(null=True)
    experience_years = models.FloatField(null=True)
    profile = models.JSONField(default=dict, blank=True)
    practised_at = models.DateTimeField(null=True)
    last_seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "person"], name="one_reader_per_person"),
            models.UniqueConstraint(fields=["study", "number"], name="one_reader_per_number"),
            models.CheckConstraint(
                condition=Q(experience_years__isnull=True) | Q(experience_years__range=(0, 80)),
                name="experience_is_0_to_80_years",
            ),
        ]

    @property
    def pseudonym(self) -> str:
        """The name under which this reader appears in tables and to the administrator's monitor."""
        return f"r{self.number:02d}"

    @property
    def chain(self) -> str:
        """The audit chain that holds this reader's events."""
        return chain_of(self.id)
