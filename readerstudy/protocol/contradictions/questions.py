"""Contradictions in what is asked and how answers are scored: questions, rubric, managements, endpoint."""

from collections.abc import Iterable

from readerstudy.protocol.design import ENDPOINTS, Design
from readerstudy.protocol.questions import CLASSES, NEEDS_OPTIONS, PRINCIPAL, Kind, Question
from readerstudy.protocol.rubric import GRADES


def questions(design: Design) -> Iterable[str]:
    if not design.questions:
        yield "The design asks nothing. Add at least one question."
    for one in design.questions:
        yield from _question(one)
    principal = [one.name for one in design.questions if one.kind in PRINCIPAL]
    if design.reference and not principal:
        yield "No question asks for a diagnosis. Add one, or say that the study has no reference standard."
    for number, one_round in enumerate(design.rounds, start=1):
        for place, stage in enumerate(one_round.stages, start=1):
            asked = [name for name in principal if not stage.questions or name in stage.questions]
            if len(asked) > 1:
                yield (
                    f"Round {number}, stage {place} asks for two principal diagnoses ({', '.join(asked)}). Make one a "
                    "choice."
                )


def scoring(design: Design) -> Iterable[str]:
    managements = {option for one in design.questions if one.kind == Kind.MANAGEMENT for option in one.options}
    offered = ", ".join(sorted(managements)) or "none: add a management question"
    for diagnosis, row in design.rubric.items():
        for action, grade in row.items():
            if action not in managements:
                yield (
                    f'The rubric grades the action "{action}" of "{diagnosis}", which no management question offers. '
                    f"Offered: {offered}."
                )
            if grade not in GRADES:
                yield f'The rubric grades "{diagnosis}", "{action}" as "{grade}". Use one of: {", ".join(GRADES)}.'
    for action in sorted(set(design.active) - managements):
        yield f'The active management "{action}" is not offered by any management question. Offered: {offered}.'
    if design.endpoint not in ENDPOINTS:
        yield f'The endpoint "{design.endpoint}" is not known. Use one of: {", ".join(ENDPOINTS)}.'


def _question(one: Question) -> Iterable[str]:
    if not one.text.strip():
        yield f'The question "{one.name}" has no text. Write what the reader is asked.'
    if one.kind == Kind.SCALE and one.low >= one.high:
        yield f'The scale of "{one.name}" goes from {one.low} to {one.high}. Let it end above its beginning.'
    if one.kind not in NEEDS_OPTIONS:
        return
    if CLASSES not in one.options and len(set(one.options)) < 2:
        yield f'The question "{one.name}" offers fewer than two options. Add options.'
    if len(set(one.options)) < len(one.options):
        yield f'The question "{one.name}" offers an option twice. Name each once.'
    if one.kind == Kind.MANAGEMENT and CLASSES in one.options:
        yield f'The question "{one.name}" offers diagnoses as managements. Name its options.'
