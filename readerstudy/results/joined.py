"""The one place where answers meet truth: the rows of a study's tidy table, and the report made from them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from readerstudy.models import FrozenAid, Reading, Study
from readerstudy.protocol.coding import plain_text
from readerstudy.protocol.design import HONEST, Design, Modality
from readerstudy.protocol.questions import CANNOT_TELL, PRINCIPAL, Kind
from readerstudy.protocol.state import CLOSED, State
from readerstudy.results.counted import counted_readings, stage_name
from readerstudy.results.report import report
from readerstudy.results.stages import StageOutcome, stage_outcomes
from readerstudy.results.study_context import study_context
from readerstudy.selectors.grading import codes_of, scores_of
from readerstudy.table.row import Row
from readerstudy.table.status import Status
from readerstudy.truth.services import diagnoses

STATUS = {
    State.ANSWERED: Status.ANSWERED,
    State.TIMEOUT: Status.TIMEOUT,
    State.TECHNICAL: Status.TECHNICAL,
}
RANKS = ("answer_2", "answer_3", "answer_4", "answer_5")


def rows_for(study: Study) -> list[Row]:
    """Every reading that counts, a row a stage, joined with truth; a handful of queries whatever the size.

    Left out: practice, attention cases, first cases as practice, hidden repeats, excluded and withdrawn readers,
    excluded cases and readings. KeyError for a case without truth in a study that has a reference standard.
    """
    return [one.row for one in joined(study, counted_readings(study))]


def report_for(study: Study) -> dict[str, Any]:
    """The study's report: the same dict for page, JSON and tables."""
    cuts = study.design.groups.cuts if study.design.groups.variable == "years" else ()
    return report(rows_for(study), groups=cuts, context=study_context(study))


@dataclass(frozen=True, slots=True)
class Joined:
    """One row of the tidy table with what it was made from."""

    row: Row
    reading: Reading
    outcome: StageOutcome


@dataclass(frozen=True, slots=True)
class _Join:
    """What a reading is joined with, each read once."""

    study: Study
    design: Design
    truth: Callable[[UUID], str | None]
    ai: Mapping[tuple[UUID, str], str]  # (case, source) -> the AI's answer
    scores: Mapping[UUID, float]  # answer -> mean grade
    codes: Mapping[tuple[str, str], str]  # (question, free text) -> the entry that it means

    def ranked(self, stage: StageOutcome) -> tuple[str, ...]:
        """The stage's own list of diagnoses, free texts coded; each entry once."""
        name = next((one.name for one in self.design.questions if one.kind in PRINCIPAL), None)
        own = stage.own_list(name)
        return tuple(dict.fromkeys(self.codes.get((name or "", plain_text(one)), one) for one in own))


def joined(study: Study, readings: Iterable[Reading]) -> Iterator[Joined]:
    """A row for each stage of each reading, in their order, beside the reading that it was made from."""
    design = study.design
    aids = FrozenAid.objects.filter(case__study=study).values_list("case_id", "source", "ranked")
    join = _Join(
        study=study,
        design=design,
        truth=_truth(study, design),
        ai={(case_id, source): ranked[0]["label"] for case_id, source, ranked in aids},
        scores=scores_of(study),
        codes=codes_of(study),
    )
    for reading in readings:
        before = sum(len(one.stages) for one in design.rounds[: reading.round_number - 1])
        held: StageOutcome | None = None
        for stage in stage_outcomes(reading):
            held = _with_answer(join, reading, stage, held)
            yield Joined(_row(join, reading, held, number=before + stage.number), reading, held)


def advising_source(design: Design, reading: Reading) -> str:
    """Whose AI output belongs to a reading: what a stage of it shows; else what the reader's arm meets elsewhere."""
    names = [*reading.modalities, *_of_arm(design, reading)]
    shown = next((one for one in _known(design, names) if one.aided), None)
    return shown.source_in(reading.session) if shown else HONEST


def reader_group(design: Design, profile: Mapping[str, Any]) -> str | None:
    """The study's own group of a reader; None where readers are grouped by years."""
    value = profile.get(design.groups.variable) if design.groups.variable != "years" else None
    return None if value in (None, "") else str(value)


def _row(join: _Join, reading: Reading, outcome: StageOutcome, *, number: int) -> Row:
    reader, design = reading.reader, join.design
    status = STATUS.get(outcome.state, Status.MISSING) if outcome.state is not None else Status.MISSING
    answered = status is Status.ANSWERED
    ranked = outcome.ranked if answered else ()
    return Row(
        study=join.study.slug,
        reader=reader.pseudonym,
        experience_years=reader.experience_years,
        round=number,
        modality=outcome.modality,
        case=str(reading.case_id),
        dataset=reading.case.dataset.name,
        truth=join.truth(reading.case_id),
        answer=ranked[0] if ranked else None,
        confidence=outcome.confidence if answered else None,
        ai_answer=join.ai.get((reading.case_id, advising_source(design, reading))),
        presented_at=outcome.shown_at or outcome.started_at,
        answered_at=outcome.closed_at if answered else None,
        time_ms=outcome.rt_ms if answered else None,
        status=status,
        position=reading.position,
        group=reader_group(design, reader.profile),
        session=str(reading.session) if design.cases.batches > 1 else None,
        arm=reader.arm.name if reader.arm and len(design.arms) > 1 else None,
        stage=stage_name(design, reading.round_number, outcome.number),
        management=outcome.management if answered else None,
        score=join.scores.get(outcome.answer_id) if answered and outcome.answer_id else None,
        **dict(zip(RANKS, ranked[1:], strict=False)),
    )


def _with_answer(join: _Join, reading: Reading, stage: StageOutcome, held: StageOutcome | None) -> StageOutcome:
    """The stage with its list of diagnoses: its own; where it asks for none, or was not due, the one held before."""
    if stage.state is None and reading.state in CLOSED and held is not None:
        return stage.carried(held)
    if stage.state != State.ANSWERED:
        return stage
    designed = join.design.rounds[reading.round_number - 1].stages[stage.number - 1]
    asked = join.design.stage_questions(designed, join.design.modality(stage.modality))
    ranked = join.ranked(stage)
    if not ranked and any(one.kind in PRINCIPAL for one in asked):
        ranked = (CANNOT_TELL,)  # asked, optional, and passed over
    management = next((one.name for one in asked if one.kind == Kind.MANAGEMENT), None)
    return stage.with_list(ranked or (held.ranked if held else ()), management)


def _truth(study: Study, design: Design) -> Callable[[UUID], str | None]:
    """A case's diagnosis; a study without a reference standard has none, whatever is recorded."""
    return diagnoses(study.id).__getitem__ if design.reference else lambda case_id: None


def _of_arm(design: Design, reading: Reading) -> list[str]:
    """Every modality that the reader's arm meets, in order."""
    arm = next((one for one in design.arms if reading.reader.arm and one.name == reading.reader.arm.name), None)
    names = []
    for number, one in enumerate(design.rounds, start=1):
        own = arm.modalities[number - 1] if arm and number <= len(arm.modalities) else ()
        names += list(own) or [stage.modality for stage in one.stages]
    return names


def _known(design: Design, names: list[str]) -> list[Modality]:
    by_name = {one.name: one for one in design.modalities}
    return [by_name[name] for name in names if name in by_name]
