"""Every answer to every question of a study, for agreement between readers and with oneself."""

from collections.abc import Iterator
from typing import Any

from readerstudy.models import Reading, Study
from readerstudy.protocol.questions import PRINCIPAL, Kind, Question
from readerstudy.protocol.state import State
from readerstudy.results.context import QuestionValue
from readerstudy.results.counted import counted_readings, stage_name
from readerstudy.results.stages import stage_outcomes

NO_AGREEMENT = (Kind.TEXT, Kind.REGION)  # free text and outlines agree in other ways than by name


def question_values(study: Study) -> tuple[QuestionValue, ...]:
    """One value a reading, stage and question, hidden repeats included.

    A checklist gives yes or no for each option. The diagnosis is given by data set, whose class lists differ, and
    only where cases are repeated: agreement on it between readers stands in the report's own section.
    """
    return tuple(_values(study))


def _values(study: Study) -> Iterator[QuestionValue]:
    design = study.design
    asked = [one for one in design.questions if one.kind not in NO_AGREEMENT]
    if not design.cases.repeats:
        asked = [one for one in asked if one.kind not in PRINCIPAL]
    if not asked:
        return
    stages_before = [sum(len(one.stages) for one in design.rounds[:at]) for at in range(len(design.rounds))]
    for reading in counted_readings(study, repeats=True):
        for stage in stage_outcomes(reading):
            if stage.state != State.ANSWERED:
                continue
            for question in asked:
                if question.name not in stage.values:
                    continue
                for name, value in _named(question, stage.values[question.name], reading):
                    yield QuestionValue(
                        reader=reading.reader.pseudonym,
                        round=stages_before[reading.round_number - 1] + stage.number,
                        stage=stage_name(design, reading.round_number, stage.number),
                        case=str(reading.case_id),
                        occurrence=reading.occurrence,
                        question=name,
                        value=value,
                        session=str(reading.session),
                    )


def _named(question: Question, value: Any, reading: Reading) -> Iterator[tuple[str, str]]:
    if value is None:
        return
    if question.kind == Kind.CHECKLIST:
        for option in question.offered(reading.case.dataset.classes):
            yield f"{question.name}: {option}", "yes" if option in value else "no"
    elif question.kind in PRINCIPAL:
        first = value[0] if isinstance(value, list) else value
        yield f"{question.name}, {reading.case.dataset.name}", str(first)
    elif question.kind == Kind.YES_NO:
        yield question.name, "yes" if value else "no"
    else:
        yield question.name, f"{value:g}" if isinstance(value, float) else str(value)
