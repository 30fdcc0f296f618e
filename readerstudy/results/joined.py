"""The one place where answers meet truth: the rows of a study's tidy table, and the report made from them."""

from collections.abc import Iterator, Mapping
from typing import Any

from readerstudy.models import FrozenAid, Reading, Study
from readerstudy.protocol.design import HONEST, Design, Modality, StageDesign
from readerstudy.protocol.questions import CANNOT_TELL, PRINCIPAL, Kind
from readerstudy.protocol.state import CLOSED, State
from readerstudy.results.counted import counted_readings, stage_name
from readerstudy.results.report import report
from readerstudy.results.stages import StageOutcome, stage_outcomes
from readerstudy.results.study_context import study_context
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
    return list(_rows(study))


def report_for(study: Study) -> dict[str, Any]:
    """The study's report: the same dict for page, JSON and tables."""
    cuts = study.design.groups.cuts if study.design.groups.variable == "years" else ()
    return report(rows_for(study), groups=cuts, context=study_context(study))


def _rows(study: Study) -> Iterator[Row]:
    design = study.design
    first = {number: sum(len(one.stages) for one in design.rounds[: number - 1]) + 1 for number in _numbers(design)}
    truth = _truth(study, design)
    ai = {
        (case_id, source): ranked[0]["label"]
        for case_id, source, ranked in FrozenAid.objects.filter(case__study=study).values_list(
            "case_id", "source", "ranked"
        )
    }
    for reading in counted_readings(study):
        source = advising_source(design, reading)
        held: StageOutcome | None = None
        for stage in stage_outcomes(reading):
            designed = design.rounds[reading.round_number - 1].stages[stage.number - 1]
            held = _with_answer(design, designed, reading, stage, held)
            yield _row(
                study,
                reading,
                held,
                number=first[reading.round_number] + stage.number - 1,
                stage=stage_name(design, reading.round_number, stage.number),
                truth=truth(reading.case_id),
                ai_answer=ai.get((reading.case_id, source)),
            )


def advising_source(design: Design, reading: Reading) -> str:
    """Whose AI output belongs to a reading: what a stage of it shows; else what the reader's arm meets elsewhere."""
    names = [*reading.modalities, *_of_arm(design, reading)]
    shown = next((one for one in _known(design, names) if one.aided), None)
    return shown.source_in(reading.session) if shown else HONEST


def reader_group(design: Design, profile: Mapping[str, Any]) -> str | None:
    """The study's own group of a reader; None where readers are grouped by years."""
    value = profile.get(design.groups.variable) if design.groups.variable != "years" else None
    return None if value in (None, "") else str(value)


def _row(
    study: Study, reading: Reading, outcome: StageOutcome, *, number: int, stage: str | None, truth: str | None,
    ai_answer: str | None,
) -> Row:  # fmt: skip
    reader, design = reading.reader, study.design
    status = STATUS.get(outcome.state, Status.MISSING) if outcome.state is not None else Status.MISSING
    answered = status is Status.ANSWERED
    ranked = outcome.ranked if answered else ()
    return Row(
        study=study.slug,
        reader=reader.pseudonym,
        experience_years=reader.experience_years,
        round=number,
        modality=outcome.modality,
        case=str(reading.case_id),
        dataset=reading.case.dataset.name,
        truth=truth,
        answer=ranked[0] if ranked else None,
        confidence=outcome.confidence if answered else None,
        ai_answer=ai_answer,
        presented_at=outcome.shown_at or outcome.started_at,
        answered_at=outcome.closed_at if answered else None,
        time_ms=outcome.rt_ms if answered else None,
        status=status,
        position=reading.position,
        group=reader_group(design, reader.profile),
        session=str(reading.session) if design.cases.batches > 1 else None,
        arm=reader.arm.name if reader.arm and len(design.arms) > 1 else None,
        stage=stage,
        management=outcome.management if answered else None,
        **dict(zip(RANKS, ranked[1:], strict=False)),
    )


def _with_answer(
    design: Design, designed: StageDesign, reading: Reading, stage: StageOutcome, held: StageOutcome | None
) -> StageOutcome:
    """The stage with its list of diagnoses: its own; where it asks for none, or was not due, the one held before."""
    if stage.state is None and reading.state in CLOSED and held is not None:
        return stage.carried(held)
    if stage.state != State.ANSWERED:
        return stage
    asked = design.stage_questions(designed, design.modality(stage.modality))
    ranked = stage.own_list(next((one.name for one in design.questions if one.kind in PRINCIPAL), None))
    if not ranked and any(one.kind in PRINCIPAL for one in asked):
        ranked = (CANNOT_TELL,)  # asked, optional, and passed over
    management = next((one.name for one in asked if one.kind == Kind.MANAGEMENT), None)
    return stage.with_list(ranked or (held.ranked if held else ()), management)


def _truth(study: Study, design: Design) -> Any:
    known = diagnoses(study.id)
    return known.__getitem__ if design.reference else known.get


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


def _numbers(design: Design) -> range:
    return range(1, len(design.rounds) + 1)
