"""A reading's stages, each with how it ended and what was answered."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from readerstudy.models import Answer, Reading
from readerstudy.protocol.state import CLOSED, State


@dataclass(frozen=True, slots=True)
class StageOutcome:
    """One stage. state None: the reading never came to it. carried_on: it was not due, so the answer before stands."""

    number: int
    modality: str
    state: State | None
    started_at: datetime | None = None
    shown_at: datetime | None = None
    closed_at: datetime | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    diagnosis: str = ""
    confidence: float | None = None
    rt_ms: int | None = None
    answer_id: UUID | None = None
    ranked: tuple[str, ...] = ()
    management: str | None = None
    carried_on: bool = False

    def own_list(self, principal: str | None) -> tuple[str, ...]:
        """The diagnoses given here, best first."""
        value = self.values.get(principal) if principal else None
        if isinstance(value, list):
            return tuple(value)
        return (self.diagnosis,) if self.diagnosis else ()

    def with_list(self, ranked: tuple[str, ...], management: str | None) -> "StageOutcome":
        return replace(self, ranked=ranked, management=self.values.get(management) if management else None)

    def carried(self, held: "StageOutcome") -> "StageOutcome":
        """The outcome of the stage before, for a stage that was not due: nothing was shown and nothing timed."""
        return replace(
            held, number=self.number, modality=self.modality, started_at=None, shown_at=None, closed_at=None,
            rt_ms=None, carried_on=True,
        )  # fmt: skip


def stage_outcomes(reading: Reading) -> Iterator[StageOutcome]:
    """Every stage of the plan in its order. `answers` and `passed_stages` should be prefetched."""
    passed = {one.stage: one for one in reading.passed_stages.all()}
    answers = {one.stage: one for one in reading.answers.all()}
    for number, modality in enumerate(reading.modalities, start=1):
        own = passed.get(number) or (reading if number == reading.stage else None)
        content = _content(answers.get(number))
        if own is None:
            yield StageOutcome(number, modality, None)
            continue
        state = State(own.state)
        yield StageOutcome(
            number,
            modality,
            state if state in CLOSED else None,
            started_at=own.started_at,
            shown_at=own.shown_at,
            closed_at=own.closed_at,
            **content,
        )


def _content(answer: Answer | None) -> dict[str, Any]:
    if answer is None:
        return {}
    return {
        "values": answer.values,
        "diagnosis": answer.diagnosis,
        "confidence": answer.confidence,
        "rt_ms": answer.rt_ms,
        "answer_id": answer.id,
    }
