"""The JSON forms of the reading room. Fields are named by hand: what nobody named cannot leak."""

from typing import Any

from django.urls import reverse
from rest_framework import serializers

from readerstudy.services.next_step import CaseStep

KEYS_OF_CONFIDENCE = (0.0, 0.25, 0.5, 0.75, 1.0)
MEASURES = (
    "first_choice_rt_ms", "n_changes", "load_ms", "decode_ms", "hidden_ms", "blur_count", "zoom_max", "zoom_ms",
    "tone_changed", "overlay_toggles", "input_type", "viewport", "dpr", "client_clock_offset_ms",
)  # fmt: skip


class Empty(serializers.Serializer):
    """A request that says nothing but who asks."""


class LeaseRequest(serializers.Serializer):
    lease = serializers.UUIDField()


class ShownRequest(LeaseRequest):
    onset_method = serializers.CharField(max_length=20, required=False, default="double_raf")


class Measures(serializers.Serializer):
    """What the browser measured. Unknown names are dropped, so nothing grows unseen."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            raise serializers.ValidationError("Send the measures as an object.")
        return {name: _plain(data[name]) for name in MEASURES if name in data}


class SubmitRequest(LeaseRequest):
    key = serializers.UUIDField()
    outcome = serializers.ChoiceField(["answered", "timed_out", "technical"])
    choice = serializers.CharField(max_length=120, required=False, allow_null=True, default=None)
    confidence = serializers.FloatField(required=False, allow_null=True, default=None)
    rt_ms = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=0, max_value=10**9)
    measures = Measures(required=False, default=dict)

    def validate_confidence(self, value: float | None) -> float | None:
        if value is not None and value not in KEYS_OF_CONFIDENCE:
            raise serializers.ValidationError("Confidence has five keys: 0, 0.25, 0.5, 0.75, 1.")
        return value


class Feedback(serializers.Serializer):
    right = serializers.BooleanField()
    answer_label = serializers.CharField()


class Outcome(serializers.Serializer):
    """How a reading ended, as its reader is told."""

    outcome = serializers.CharField()
    message = serializers.CharField()
    next = serializers.CharField()
    left = serializers.IntegerField()
    feedback = Feedback(allow_null=True)


class StartReply(serializers.Serializer):
    limit_ms = serializers.IntegerField()


class NextReply(serializers.Serializer):
    """Either a case (all fields) or a page to go to (`kind`, `url`, `message`, `opens_at`)."""

    kind = serializers.CharField()
    url = serializers.CharField(required=False)
    message = serializers.CharField(required=False)
    opens_at = serializers.DateTimeField(required=False)
    trial = serializers.UUIDField(required=False)
    lease = serializers.UUIDField(required=False)
    practice = serializers.BooleanField(required=False)
    question = serializers.CharField(required=False)
    options = serializers.ListField(required=False)
    confidence = serializers.BooleanField(required=False)
    position = serializers.IntegerField(required=False)
    total = serializers.IntegerField(required=False)
    limit_ms = serializers.IntegerField(required=False)
    image = serializers.DictField(required=False)
    aid = serializers.DictField(required=False, allow_null=True)
    resumed = serializers.BooleanField(required=False)
    remaining_ms = serializers.IntegerField(required=False, allow_null=True)


class Problem(serializers.Serializer):
    """What went wrong, for a program (`code`) and for a person (`message`)."""

    code = serializers.CharField()
    message = serializers.CharField()


def case_reply(slug: str, step: CaseStep) -> dict[str, Any]:
    """A case as its reader may know it: no data set, no case id, no file name, nothing of other rounds."""
    reading = step.reading
    study = reading.round.study
    return {
        "kind": "case",
        "trial": reading.id,
        "lease": reading.lease,
        "practice": reading.is_practice,
        "question": study.question,
        "options": [{"value": label, "label": label} for label in reading.classes],
        "confidence": study.confidence,
        "position": step.position,
        "total": step.total,
        "limit_ms": reading.limit_ms,
        "image": _picture(slug, "image", reading, (reading.practice_case or reading.case).image),
        "aid": _aid(slug, step) if step.aid else None,
        "resumed": step.remaining_ms is not None,
        "remaining_ms": step.remaining_ms,
    }


def _aid(slug: str, step: CaseStep) -> dict[str, Any]:
    mask = step.aid.mask
    return {
        "ranked": [{"label": r["label"], "probability": round(r["probability"], 4)} for r in step.aid.ranked[:3]],
        "description": step.aid.description or None,
        "mask": _picture(slug, "mask", step.reading, mask) if mask else None,
    }


def _picture(slug: str, view: str, reading: Any, image: Any) -> dict[str, Any]:
    return {
        "url": reverse(f"readingroom:{view}", args=[slug, reading.id]),
        "sha256": image.view_sha256,
        "width": image.view_width,
        "height": image.view_height,
    }


def _plain(value: Any) -> Any:
    """A number, a flag or a short text; anything else is not a measurement."""
    if isinstance(value, str):
        return value[:40]
    return value if isinstance(value, int | float | bool | None) else None
