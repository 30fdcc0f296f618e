"""What is still to be coded, what texts mean, and how graders agree. Blind: no reader, case, modality or stage."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import mean
from uuid import UUID

from readerstudy.models import Answer, Coding, Grade, Study
from readerstudy.protocol.coding import agreed_code, known_code, plain_text
from readerstudy.protocol.questions import Kind, Question
from readerstudy.services.grading import listed
from webapp.accounts.models import Person


@dataclass(frozen=True, slots=True)
class TextToCode:
    """One text, as somebody wrote it, and the list to choose from."""

    question: str
    asked: str
    text: str
    options: list[str]


@dataclass(frozen=True, slots=True)
class GraderLine:
    """How far one grader is."""

    name: str
    grades: int


def texts_to_code(study: Study, coder: Person) -> list[TextToCode]:
    """The texts that neither the list nor synonyms settle and that need this coder, in an order of the coder's own."""
    codes = _codes(study)
    mine = set(Coding.objects.filter(study=study, coder=coder).values_list("question", "text"))
    waiting = [
        TextToCode(one.name, one.text, text, listed(study, one))
        for one, text in _unsettled(study)
        if (one.name, text) not in mine
        and agreed_code(codes[one.name, text]) is None
        and len(codes[one.name, text]) < 3
    ]
    return sorted(waiting, key=lambda one: hashlib.sha256(f"{coder.pk}{one.question}{one.text}".encode()).digest())


def codes_of(study: Study) -> Mapping[tuple[str, str], str]:
    """(question, text) -> the entry that it means; texts that nobody settled are absent."""
    codes = _codes(study)
    found = {key: agreed_code(given) for key, given in codes.items()}
    return {key: code for key, code in found.items() if code}


def scores_of(study: Study, *, measure: str = "diagnosis") -> Mapping[UUID, float]:
    """Mean score of each graded answer in one measure."""
    scores: dict[UUID, list[float]] = defaultdict(list)
    rows = Grade.objects.filter(grader__study=study, measure=measure).values_list("answer_id", "value")
    for answer_id, value in rows:
        scores[answer_id].append(value)
    return {answer_id: mean(values) for answer_id, values in scores.items()}


def grader_lines(study: Study) -> list[GraderLine]:
    return [GraderLine(str(grader), grader.grades.count()) for grader in study.graders.order_by("name", "version")]


def free_questions(study: Study) -> list[Question]:
    """The questions whose answers may be a text that is not on the list."""
    return [one for one in study.design.questions if one.free and one.kind == Kind.RANKED]


def _unsettled(study: Study) -> Iterator[tuple[Question, str]]:
    for one in free_questions(study):
        options = listed(study, one)
        texts: set[str] = set()
        answers = Answer.objects.filter(reading__reader__study=study, reading__reader__kind="reader")
        for values in answers.values_list("values", flat=True).iterator(chunk_size=2000):
            texts |= {plain_text(text) for text in values.get(one.name, ())}
        for text in sorted(texts):
            if known_code(text, options=options, synonyms=one.synonyms) is None:
                yield one, text


def _codes(study: Study) -> dict[tuple[str, str], list[str]]:
    codes: dict[tuple[str, str], list[str]] = defaultdict(list)
    rows = Coding.objects.filter(study=study).order_by("pk").values_list("question", "text", "code")
    for question, text, code in rows:
        codes[question, text].append(code)
    return codes
