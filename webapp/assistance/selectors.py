"""A second look as its page shows it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from webapp.accounts.models import Person
from webapp.assistance.models import SecondLook
from webapp.assistance.services import KIND, work_key
from webapp.inference.card import dataset_classes
from webapp.work.models import Work
from webapp.work.selectors import broker_answers

RECENT = 12
UNSURE_BELOW = 0.5  # the best answer is then less likely than all others together
ASK_BROKER_AFTER = timedelta(seconds=3)
SLOW_AFTER = timedelta(seconds=30)
# A wrong "benign" about these costs most, so they are flagged wherever they stand in the list.
DANGEROUS = {"melanoma", "basal cell carcinoma", "squamous cell carcinoma", "bowen disease"}


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the way from upload to answer. state: done, now, next or failed."""

    label: str
    state: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    percent: int
    dangerous: bool


@dataclass(frozen=True, slots=True)
class Status:
    steps: list[Step]
    answered: bool
    failed: bool
    message: str

    def as_json(self) -> dict[str, Any]:
        return {
            "steps": [{"label": step.label, "state": step.state, "note": step.note} for step in self.steps],
            "answered": self.answered,
            "failed": self.failed,
            "message": self.message,
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model said. `classes`: all that it could have said."""

    scope: str
    scope_percent: int | None
    classes: list[str]
    bars: list[Bar]
    unsure: bool
    caption: str
    has_mask: bool


def look_of(clinician: Person, look_id: UUID) -> SecondLook | None:
    """Only the clinician who sent the image may see it; to anybody else it does not exist."""
    looks = SecondLook.objects.select_related("image", "model_version", "prediction__mask", "clinician")
    return looks.filter(pk=look_id, clinician=clinician).first()


def recent(clinician: Person) -> list[SecondLook]:
    return list(SecondLook.objects.filter(clinician=clinician).select_related("prediction")[:RECENT])


def status(look: SecondLook, *, at: datetime) -> Status:
    work = Work.objects.filter(kind=KIND, key=work_key(look.pk)).first()
    failed = look.prediction_id is None and work is not None and work.state == Work.State.FAILED
    took = f"{(look.kept_at - look.received_at).total_seconds():.1f} s"
    steps = [
        Step(_("Received"), "done"),
        Step(_("Cleaned: rebuilt from its pixels, without metadata"), "done"),
        Step(_("Checked: in no running study"), "done", took),
        _model_step(look, work, failed=failed),
    ]
    message = "" if look.prediction_id else _message(look, work, failed=failed, at=at)
    return Status(steps, look.prediction_id is not None, failed, message)


def answer_of(look: SecondLook) -> Answer:
    """Of an answered look."""
    said = look.prediction
    bars = [Bar(one["label"], _percent(one["probability"]), _is_dangerous(one["label"])) for one in said.ranked]
    return Answer(
        scope=said.dataset,
        scope_percent=None if look.scope_probability is None else _percent(look.scope_probability),
        classes=dataset_classes(look.model_version.card).get(said.dataset, [bar.label for bar in bars]),
        bars=bars,
        unsure=said.ranked[0]["probability"] < UNSURE_BELOW,
        caption=said.caption,
        has_mask=said.mask_id is not None,
    )


def _model_step(look: SecondLook, work: Work | None, *, failed: bool) -> Step:
    if look.prediction_id:
        return Step(_("Model"), "done", f"{(look.answered_at - look.kept_at).total_seconds():.1f} s")
    if failed:
        return Step(_("Model"), "failed")
    if work is not None and work.state == Work.State.CLAIMED:
        return Step(_("Model: looking at the image"), "now")
    return Step(_("Model: waiting for the worker"), "now")


def _message(look: SecondLook, work: Work | None, *, failed: bool, at: datetime) -> str:
    waited = at - look.kept_at
    if failed:
        return _("The model could not answer. Your image is kept. Try again, or delete it. Reason: %(error)s") % {
            "error": work.error
        }
    if work is not None and work.state == Work.State.CLAIMED:
        return ""
    if waited > ASK_BROKER_AFTER and not broker_answers():
        return _(
            "The worker cannot be reached at the moment. Your image is kept and waits; nothing is lost. "
            "You may close this page and come back."
        )
    if waited > SLOW_AFTER:
        return _("This takes longer than usual. Your image is kept and waits; you may close this page and come back.")
    return ""


def _percent(probability: float) -> int:
    """Never 100: no model of this kind knows that much."""
    return min(99, round(100 * probability))


def _is_dangerous(label: str) -> bool:
    return label.lower().replace("_", " ") in DANGEROUS
