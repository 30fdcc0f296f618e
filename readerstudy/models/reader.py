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

    class Kind(models.TextChoices):
        READER = "reader"
        PILOT = "pilot"  # read before the launch; never counts
        DRY_RUN = "dry_run"  # an administrator tries the study; never counts

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="readers")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="readers")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.READER)
    arm = models.ForeignKey(Arm, null=True, on_delete=models.PROTECT, related_name="readers")  # set once, at allocation
    number = models.PositiveIntegerField()
    allocated_at = models.DateTimeField(null=True)
    place = models.PositiveIntegerField(null=True)  # among the readers of one stratum and arm, from 0: set with the arm
    withdrawn_at = models.DateTimeField(null=True)
    debriefed_at = models.DateTimeField(null=True)
    time_multiplier = models.FloatField(default=1.0)  # approved for this reader; flagged in the export
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
            models.UniqueConstraint(fields=["study", "person", "kind"], name="one_reader_per_person"),
            models.UniqueConstraint(fields=["study", "kind", "number"], name="one_reader_per_number"),
            models.CheckConstraint(
                condition=Q(experience_years__isnull=True) | Q(experience_years__range=(0, 80)),
                name="experience_is_0_to_80_years",
            ),
        ]

    @property
    def pseudonym(self) -> str:
        """The name under which this reader appears in tables and to the administrator's monitor."""
        first = {self.Kind.READER: "r", self.Kind.PILOT: "pilot", self.Kind.DRY_RUN: "dry"}[self.Kind(self.kind)]
        return f"{first}{self.number:02d}"

    @property
    def chain(self) -> str:
        """The audit chain that holds this reader's events."""
        return chain_of(self.id)


class Batch(models.Model):
    """The cases of one session of a reader, drawn at enrolment. Its readings are laid out when it begins."""

    reader = models.ForeignKey(Reader, on_delete=models.PROTECT, related_name="batches")
    number = models.PositiveSmallIntegerField()
    case_ids = models.JSONField()
    begun_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reader", "number"], name="one_batch_per_number")]
