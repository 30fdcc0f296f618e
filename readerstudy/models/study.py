import json
from functools import lru_cache
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from readerstudy.protocol.design import Design


def one_round() -> dict[str, Any]:
    """The plain values of a study that nobody gave a preset."""
    return {"rounds": [{"modality": "unaided"}]}


@lru_cache(maxsize=64)
def design_of(text: str) -> Design:
    """A design from its JSON. Parsed once a process: every answer asks for it."""
    return Design.from_dict(json.loads(text))


class Study(models.Model):
    """One reader study. Its design may change while it is a draft; from launch on the protocol is frozen."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PILOT = "pilot", _("Pilot")
        LIVE = "live", _("Live")
        CLOSED = "closed", _("Closed")
        LOCKED = "locked", _("Locked")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    slug = models.SlugField(unique=True)
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    preset = models.CharField(max_length=80)
    values = models.JSONField(default=one_round)  # the design as plain values; `design` reads them
    registration = models.JSONField(default=dict, blank=True)  # ethics committee and number, registration
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
    locked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=("draft", "pilot")) | Q(launched_at__isnull=False),
                name="only_a_draft_is_not_launched",
            ),
            models.CheckConstraint(
                condition=~Q(state="locked") | Q(locked_at__isnull=False), name="a_locked_study_says_since_when"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def design(self) -> Design:
        """The design as the pure rules read it."""
        return design_of(json.dumps(self.values, sort_keys=True))


class ProtocolVersion(models.Model):
    """The signed protocol of a launch: design, cases, images, aids, plan rule and the seed's hash. Never changed.

    An amendment is a further version that says why.
    """

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="protocol_versions")
    number = models.PositiveSmallIntegerField()
    document = models.JSONField()
    sha256 = models.CharField(max_length=64)
    frozen_at = models.DateTimeField()
    reason = models.TextField(blank=True)  # of an amendment; empty for the launch

    class Meta:
        constraints = [models.UniqueConstraint(fields=["study", "number"], name="one_protocol_per_version")]


class Round(models.Model):
    """One pass of every reader through the cases. Its stages are in the study's design."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="rounds")
    number = models.PositiveSmallIntegerField()
    aided = models.BooleanField(default=False)  # some stage of it shows AI output to some reader
    limit_ms = models.PositiveIntegerField(default=20_000)  # of a whole reading
    washout_days = models.FloatField(default=0)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["study", "number"], name="one_round_per_number"),
            models.CheckConstraint(condition=Q(washout_days__gte=0), name="washout_is_not_negative"),
        ]
