from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from readerstudy.protocol.design import Design, Modality
from readerstudy.protocol.timing import TimeRule


class Study(models.Model):
    """One reader study. Its design may change while it is a draft; from launch on the protocol is frozen."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        LIVE = "live", _("Live")
        CLOSED = "closed", _("Closed")
        LOCKED = "locked", _("Locked")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    slug = models.SlugField(unique=True)
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    preset = models.CharField(max_length=80)
    question = models.CharField(max_length=200, default="Which diagnosis is most likely?")
    confidence = models.BooleanField(default=True)
    draw = models.JSONField(default=dict, blank=True)  # data set -> cases; a data set not named is read whole
    grace_ms = models.PositiveIntegerField(default=1500)
    shown_cap_ms = models.PositiveIntegerField(default=3000)
    seed = models.BigIntegerField()  # revealed only after the database lock
    seed_sha256 = models.CharField(max_length=64)
    consent_text = models.TextField()
    simulated = models.BooleanField(default=False)  # its readers are programs: said on every page and in every file
    results_notes = models.JSONField(default=dict, blank=True)  # what a results page must say about a figure
    aid_model = models.ForeignKey("inference.ModelVersion", null=True, blank=True, on_delete=models.PROTECT)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)
    created_at = models.DateTimeField()
    launched_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="draft") | Q(launched_at__isnull=False), name="only_a_draft_is_not_launched"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def design(self) -> Design:
        """The design as the pure rules read it. One query for the rounds."""
        return Design.from_dict(
            {
                "rounds": [
                    {"modality": r.modality, "limit_s": r.limit_ms / 1000, "washout_days": r.washout_days}
                    for r in self.rounds.order_by("number")
                ],
                "question": self.question,
                "confidence": self.confidence,
                "draw": self.draw,
                "grace_ms": self.grace_ms,
                "shown_cap_ms": self.shown_cap_ms,
            }
        )


class ProtocolVersion(models.Model):
    """The signed protocol of a launch: design, cases, images, aids, plan rule and the seed's hash. Never changed."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="protocol_versions")
    number = models.PositiveSmallIntegerField()
    document = models.JSONField()
    sha256 = models.CharField(max_length=64)
    frozen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["study", "number"], name="one_protocol_per_version")]


class Round(models.Model):
    """One pass of every reader through the cases."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="rounds")
    number = models.PositiveSmallIntegerField()
    modality = models.CharField(max_length=20, choices=[(m.value, m.value) for m in Modality])
    limit_ms = models.PositiveIntegerField(default=20_000)
    washout_days = models.FloatField(default=0)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["study", "number"], name="one_round_per_number"),
            models.CheckConstraint(condition=Q(limit_ms__range=(1_000, 600_000)), name="limit_is_1_to_600_seconds"),
            models.CheckConstraint(condition=Q(washout_days__gte=0), name="washout_is_not_negative"),
        ]

    @property
    def aided(self) -> bool:
        return self.modality == Modality.AIDED

    def time_rule(self, study: Study) -> TimeRule:
        """The clock of this round's readings."""
        return TimeRule(
            limit=timedelta(milliseconds=self.limit_ms),
            grace=timedelta(milliseconds=study.grace_ms),
            shown_cap=timedelta(milliseconds=study.shown_cap_ms),
        )
