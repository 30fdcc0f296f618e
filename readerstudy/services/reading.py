"""One reading from "start" to its outcome. Source of the rules: docs/protocol.md, "The clock"."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from readerstudy.models import AidShown, Answer, LateAnswer, Reader, Reading, Study
from readerstudy.models.reader import chain_of
from readerstudy.protocol.design import Timing
from readerstudy.protocol.questions import principal
from readerstudy.protocol.state import CLOSED, OPEN, State
from readerstudy.services.errors import LeaseLost, ReadingClosed, Refused
from readerstudy.services.reading_lock import diagnoses_offered, lock_reading
from readerstudy.services.stage import aid_of, checked_values, draft_values, end_stage
from webapp.audit.services import record


@dataclass(frozen=True, slots=True)
class Draft:
    """What the browser sends when a trial ends. `outcome` is what the browser believes; the server decides."""

    lease: UUID
    key: UUID
    outcome: str  # "answered", "timed_out" or "technical"
    values: Mapping[str, Any] = field(default_factory=dict)  # question -> value
    rt_ms: int | None = None
    measures: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Closed:
    """The outcome of a reading, as told to the reader."""

    outcome: str
    left: int
    practice: bool
    another_stage: bool = False  # of the same case
    feedback: tuple[bool, str] | None = None  # practice only: right, the answer's label

    @property
    def next(self) -> str:
        if self.another_stage:
            return "stage"
        if self.practice:
            return "practice_done" if self.left == 0 else "case"
        return "round_done" if self.left == 0 else "case"

    @property
    def message(self) -> str:
        if self.another_stage and self.outcome == State.ANSWERED:
            return _("Saved.")
        left = ngettext("%(n)d case left.", "%(n)d cases left.", self.left) % {"n": self.left}
        words = {
            State.ANSWERED: _("Saved."),
            State.TIMEOUT: _(
                "Time was over before the answer arrived. What you had chosen is kept apart, not counted."
            ),
            State.TECHNICAL: _("The image could not be shown. Nothing was counted."),
            State.PLANNED: _("The image could not be shown. It comes again at the end."),
        }
        return f"{words[State(self.outcome)]} {left}"


def start_reading(*, slug: str, person_id: UUID, reading_id: UUID, lease: UUID, arrived_at: datetime) -> Reading:
    """Start the clock; a second call changes nothing. Raises LeaseLost, ReadingClosed, NotAReader."""
    with transaction.atomic():
        reading = lock_reading(slug=slug, person_id=person_id, reading_id=reading_id)
        _require_open(reading, lease)
        if reading.state == State.RUNNING:
            return reading
        reading.state, reading.started_at = State.RUNNING, arrived_at
        reading.save(update_fields=["state", "started_at"])
        if reading.shown_modality is not None and reading.shown_modality.timing == Timing.CONCURRENT:
            AidShown.objects.create(reading=reading, stage=reading.stage, aid=aid_of(reading), at=arrived_at)
        record("reading.started", chain=chain_of(reading.reader_id), at=arrived_at, about=reading.id)
    return reading


def mark_shown(
    *, slug: str, person_id: UUID, reading_id: UUID, lease: UUID, onset_method: str, arrived_at: datetime
) -> None:
    """Note when the image came on screen: only the first note counts, and at most the cap after the start."""
    with transaction.atomic():
        reading = lock_reading(slug=slug, person_id=person_id, reading_id=reading_id)
        if reading.state != State.RUNNING or reading.lease != lease or reading.shown_at is not None:
            return
        reading.shown_at = reading.time_rule.shown(started_at=reading.started_at, arrived_at=arrived_at)
        reading.onset_method = onset_method
        reading.save(update_fields=["shown_at", "onset_method"])


def submit_answer(*, slug: str, person_id: UUID, reading_id: UUID, draft: Draft, arrived_at: datetime) -> Closed:
    """Close one reading; the same key gets the same reply. Raises ReadingClosed, LeaseLost, NotAReader, Refused."""
    with transaction.atomic():
        reading = lock_reading(slug=slug, person_id=person_id, reading_id=reading_id)
        if reading.submit_key == draft.key:
            return _closed(reading)
        _require_open(reading, draft.lease)
        if draft.outcome == "technical":
            _fail(reading, draft, arrived_at)
        else:
            _decide(reading, draft, arrived_at)
    return _closed(reading)


def expire(reading: Reading, *, now: datetime) -> bool:
    """End the stage of a locked running reading whose time is over; whether it did. The caller holds its lock."""
    if reading.state != State.RUNNING or not reading.time_rule.expired(now=now, deadline=reading.deadline):
        return False
    end_stage(reading, State.TIMEOUT, at=now)
    record("reading.expired", chain=chain_of(reading.reader_id), at=now, about=reading.id)
    return True


def close_unshown(reading: Reading, *, now: datetime) -> None:
    """End the stage of a locked running reading that has too little time left to be shown again."""
    end_stage(reading, State.TIMEOUT, at=now)
    record("reading.closed", chain=chain_of(reading.reader_id), at=now, about=reading.id, data={"state": "timeout"})


def _require_open(reading: Reading, lease: UUID) -> None:
    if not reading.is_open():
        raise ReadingClosed(_("This case already has its outcome. Go on with the next one."), outcome=reading.state)
    if not takes_readings(reading.study_state, reading.reader_kind):
        raise ReadingClosed(_("The study was closed before this answer arrived. It is not counted."), outcome="closed")
    if reading.lease != lease:
        raise LeaseLost(_("Continued in another window. This one is paused; nothing is lost."))


def _decide(reading: Reading, draft: Draft, arrived_at: datetime) -> None:
    """Turn a draft into an answer, or keep it apart as late."""
    if reading.state != State.RUNNING:
        raise Refused(_("The clock of this case has not started. Reload the page to go on."))
    content = _content(reading, draft)
    state = State.TIMEOUT
    if draft.outcome == "answered":
        state = reading.time_rule.state(
            arrived_at=arrived_at, deadline=reading.deadline, client_rt=timedelta(milliseconds=draft.rt_ms)
        )
    stage = reading.stage
    if state == State.ANSWERED:
        Answer.objects.create(reading=reading, stage=stage, arrived_at=arrived_at, **content)
    elif content["values"]:
        late_by = arrived_at - reading.deadline - reading.time_rule.grace
        LateAnswer.objects.create(
            reading=reading,
            stage=stage,
            arrived_at=arrived_at,
            late_by_ms=round(late_by / timedelta(milliseconds=1)),
            **content,
        )
    end_stage(reading, state, at=arrived_at, key=draft.key)
    data = {"state": state} if len(reading.modalities) < 2 else {"state": state, "stage": stage}
    record("reading.closed", chain=chain_of(reading.reader_id), at=arrived_at, about=reading.id, data=data)


def _content(reading: Reading, draft: Draft) -> dict[str, Any]:
    """The columns of an answer, complete where the reader committed it. Raises Refused."""
    offered = diagnoses_offered(reading)
    if draft.outcome == "answered":
        if draft.rt_ms is None:
            raise Refused(_("The browser did not say how long the answer took. Reload the page to go on."))
        values = checked_values(reading, draft.values, offered)
    else:
        values = draft_values(reading, draft.values, offered)
    diagnosis, confidence = principal(reading.design.questions, values)
    return {
        "diagnosis": diagnosis,
        "confidence": confidence,
        "values": values,
        "rt_ms": draft.rt_ms,
        "measures": dict(draft.measures),
    }


def _fail(reading: Reading, draft: Draft, at: datetime) -> None:
    """An image that never came on screen goes to the end of the round once; a second failure closes it.

    After the start the image was there: then a reported failure only ends the time.
    """
    if reading.state == State.RUNNING:
        state = State.TIMEOUT
    elif reading.technical_failures:
        state = State.TECHNICAL
    else:
        state = State.PLANNED
    if state == State.PLANNED:
        reading.technical_failures = F("technical_failures") + 1
        last = Reading.objects.filter(reader_id=reading.reader_id, round_id=reading.round_id, session=reading.session)
        reading.position = last.aggregate(last=Max("position"))["last"] + 1
        reading.state, reading.lease, reading.issued_at, reading.submit_key = state, None, None, draft.key
        reading.save(update_fields=["technical_failures", "position", "state", "lease", "issued_at", "submit_key"])
    elif state == State.TIMEOUT:
        end_stage(reading, state, at=at, key=draft.key)
    else:
        _close(reading, state, at=at, key=draft.key)
    record("reading.failed", chain=chain_of(reading.reader_id), at=at, about=reading.id, data={"state": state})


def _close(reading: Reading, state: State, *, at: datetime, key: UUID | None = None) -> None:
    reading.state, reading.closed_at = state, at
    reading.submit_key = key or reading.submit_key
    reading.save(update_fields=["state", "closed_at", "submit_key"])


def _closed(reading: Reading) -> Closed:
    feedback = None
    if reading.is_practice and reading.state == State.ANSWERED:
        answer = reading.answers.get(stage=reading.stage)
        feedback = (answer.diagnosis == reading.practice_case.answer, reading.practice_case.answer)
    outcome = reading.state if reading.state in CLOSED else State.PLANNED
    another = reading.state in OPEN and reading.stage > 1
    if another:
        outcome = reading.passed_stages.values_list("state", flat=True).get(stage=reading.stage - 1)
    left = reading.others_left + (0 if reading.state in CLOSED else 1)
    return Closed(
        outcome=outcome, left=left, practice=reading.is_practice, another_stage=another, feedback=feedback
    )  # fmt: skip


def takes_readings(study_state: str, reader_kind: str) -> bool:
    """Whether a reader of this kind may read in a study of this state."""
    open_in = {
        Reader.Kind.READER: (Study.State.LIVE,),
        Reader.Kind.PILOT: (Study.State.PILOT,),
        Reader.Kind.DRY_RUN: (Study.State.DRAFT, Study.State.PILOT, Study.State.LIVE),
    }
    return study_state in open_in[Reader.Kind(reader_kind)]
