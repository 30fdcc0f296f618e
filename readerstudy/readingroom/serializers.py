"""The JSON forms of the reading room. Fields are named by hand: what nobody named cannot leak."""

from typing import Any

from django.urls import reverse
from rest_framework import serializers

from readerstudy.models import FrozenAid, Reading
from readerstudy.protocol.design import Format, Limit, Timing
from readerstudy.protocol.questions import Kind, Question
from readerstudy.selectors.evidence import clinical_of, in_reader_order, pictures_of, similar_of
from readerstudy.services.next_step import CaseStep
from webapp.imagery.models import Image

WHEN = {Timing.CONCURRENT: "now", Timing.ON_REQUEST: "request", Timing.DELAYED: "delayed"}
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
    values = serializers.DictField(required=False, default=dict)  # question -> value; the question's kind checks it
    rt_ms = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=0, max_value=10**9)
    measures = Measures(required=False, default=dict)


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


class AidReply(serializers.Serializer):
    """The AI output of the running stage; only the parts that the stage shows are there."""

    aid = serializers.DictField()


class StartReply(serializers.Serializer):
    limit_ms = serializers.IntegerField()


class NextReply(serializers.Serializer):
    """Either a case (all fields) or a page to go to (`kind`, `url`, `message`, `opens_at`).

    `aid_when`: null where the stage shows no AI output, "now" (it is in `aid`), "request" or "delayed" (ask for it).
    """

    kind = serializers.CharField()
    url = serializers.CharField(required=False)
    message = serializers.CharField(required=False)
    opens_at = serializers.DateTimeField(required=False)
    trial = serializers.UUIDField(required=False)
    lease = serializers.UUIDField(required=False)
    practice = serializers.BooleanField(required=False)
    stage = serializers.IntegerField(required=False)
    stages = serializers.IntegerField(required=False)
    questions = serializers.ListField(required=False)
    position = serializers.IntegerField(required=False)
    total = serializers.IntegerField(required=False)
    limit_ms = serializers.IntegerField(required=False)
    clock = serializers.DictField(required=False)
    images = serializers.ListField(required=False)
    clinical = serializers.ListField(required=False)
    aid = serializers.DictField(required=False, allow_null=True)
    aid_when = serializers.CharField(required=False, allow_null=True)
    aid_delay_ms = serializers.IntegerField(required=False)
    own = serializers.DictField(required=False, allow_null=True)
    resumed = serializers.BooleanField(required=False)
    remaining_ms = serializers.IntegerField(required=False, allow_null=True)


class Problem(serializers.Serializer):
    """What went wrong, for a program (`code`) and for a person (`message`)."""

    code = serializers.CharField()
    message = serializers.CharField()


def case_reply(slug: str, step: CaseStep) -> dict[str, Any]:
    """A case as its reader may know it: no data set, no case id, no file name, no name of arm, modality or source."""
    reading = step.reading
    stage, modality = reading.stage_design, reading.shown_modality
    return {
        "kind": "case",
        "trial": reading.id,
        "lease": reading.lease,
        "practice": reading.is_practice,
        "stage": reading.stage,
        "stages": max(1, len(reading.modalities)),
        "questions": [_question(one, reading) for one in reading.questions],
        "position": step.position,
        "total": step.total,
        "limit_ms": reading.limit_ms,
        "clock": {"limited": stage.limit != Limit.NONE, "hard": reading.limit_is_hard, "visible": stage.clock_visible},
        "images": [
            _picture(slug, reading, "image", number, one.image, kind=one.kind)
            for number, one in enumerate(pictures_of(reading), start=1)
        ],
        "clinical": [{"name": name, "value": value} for name, value in clinical_of(reading)],
        "aid": aid_reply(slug, reading, step.aid) if step.aid else None,
        "aid_when": None if modality is None else WHEN[modality.timing],
        "aid_delay_ms": 0 if modality is None else round(modality.delay_s * 1000),
        "own": step.own,
        "resumed": step.remaining_ms is not None,
        "remaining_ms": step.remaining_ms,
    }


def aid_reply(slug: str, reading: Reading, aid: FrozenAid) -> dict[str, Any]:
    """The parts of an AI output that the reading's modality shows, and nothing else of it."""
    modality = reading.shown_modality
    makers = {
        Format.RANKED: lambda: ("ranked", _ranked(aid, modality.top_k)),
        Format.LABEL: lambda: ("label", aid.answer),
        Format.MALIGNANCY: lambda: ("malignancy", aid.content.get("malignancy")),
        Format.CAPTION: lambda: ("description", aid.description or None),
        Format.MASK: lambda: ("mask", _picture(slug, reading, "mask", 1, aid.mask) if aid.mask else None),
        Format.SIMILAR: lambda: ("similar", _similar(slug, reading, aid)),
        Format.CROWD: lambda: ("crowd", aid.content.get("crowd", [])),
    }
    return dict(makers[shown]() for shown in modality.shows)


def _question(one: Question, reading: Reading) -> dict[str, Any]:
    options = one.offered(reading.classes)
    if one.kind == Kind.ACTION:
        options = in_reader_order(options, reading.reader_id)
    return {
        "name": one.name,
        "kind": str(one.kind),
        "text": one.text,
        "options": [{"value": option, "label": option} for option in options],
        "required": one.required,
        "low": one.low,
        "high": one.high,
        "low_label": one.low_label,
        "high_label": one.high_label,
        "most": one.most,
        "free": one.free,
    }


def _ranked(aid: FrozenAid, top_k: int) -> list[dict[str, Any]]:
    return [{"label": r["label"], "probability": round(r["probability"], 4)} for r in aid.ranked[:top_k]]


def _similar(slug: str, reading: Reading, aid: FrozenAid) -> list[dict[str, Any]]:
    return [
        {**_picture(slug, reading, "similar", number, image), "label": label}
        for number, (image, label) in enumerate(similar_of(aid), start=1)
    ]


def _picture(slug: str, reading: Reading, what: str, number: int, image: Image, kind: str = "") -> dict[str, Any]:
    return {
        "url": reverse("readingroom:picture", args=[slug, reading.id, what, number]),
        "sha256": image.view_sha256,
        "width": image.view_width,
        "height": image.view_height,
        "kind": kind,
    }


def _plain(value: Any) -> Any:
    """A number, a flag or a short text; anything else is not a measurement."""
    if isinstance(value, str):
        return value[:40]
    return value if isinstance(value, int | float | bool | None) else None
