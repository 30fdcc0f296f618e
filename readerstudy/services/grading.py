"""Grades of answers and codes of free texts. Both are made blind, are only added, and end with the database lock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from readerstudy.models import Answer, Coding, Grade, Grader, Study
from readerstudy.protocol.coding import plain_text
from readerstudy.protocol.questions import Question
from readerstudy.services.errors import Refused, StudyFrozen
from readerstudy.services.study import chain_of, lock_study_row
from webapp.accounts.models import Person
from webapp.audit.services import record


@dataclass(frozen=True, slots=True)
class NewGrade:
    """One score of one answer."""

    answer_id: UUID
    measure: str
    value: float


def add_grades(
    *, study_id: object, name: str, version: str = "", grades: Iterable[NewGrade], by: Person | None, at: datetime
) -> int:
    """Record a grader's scores, all or nothing; a program names its version. Raises Refused, StudyFrozen."""
    with transaction.atomic():
        study = _open_study(study_id)
        if not name.strip():
            raise Refused(_("Name the grader: a person, or a program with its version."))
        grader, _new = Grader.objects.get_or_create(
            study=study, name=name.strip(), version=version.strip(), defaults={"person": None if version else by}
        )
        rows = [Grade(answer_id=g.answer_id, grader=grader, measure=g.measure, value=g.value, at=at) for g in grades]
        _require_new(study, grader, rows)
        Grade.objects.bulk_create(rows, batch_size=500)
        record("answers.graded", chain=chain_of(study), at=at, about=study.id, by=str(by.pk) if by else "system",
               data={"grader": str(grader), "grades": len(rows)})  # fmt: skip
    return len(rows)


def code_text(*, study_id: object, question: str, text: str, code: str, by: Person, at: datetime) -> None:
    """Record what a coder took a text for. The first word of a coder counts. Raises Refused, StudyFrozen."""
    with transaction.atomic():
        study = _open_study(study_id)
        asked = _free_question(study, question)
        if code and code not in listed(study, asked):
            raise Refused(_("“%(code)s” is not on the list of this question.") % {"code": code})
        _row, new = Coding.objects.get_or_create(
            study=study, question=question, text=plain_text(text), coder=by, defaults={"code": code, "at": at}
        )
        if new:
            record(
                "text.coded", chain=chain_of(study), at=at, about=study.id, by=str(by.pk), data={"question": question}
            )


def listed(study: Study, question: Question) -> list[str]:
    """Every entry of a question's list, over all data sets."""
    return sorted({one for dataset in study.datasets.all() for one in question.offered(dataset.classes)})


def _open_study(study_id: object) -> Study:
    study = lock_study_row(study_id)
    if study.state == Study.State.LOCKED:
        raise StudyFrozen(_("The database is locked. Nothing is graded or coded any more."))
    return study


def _free_question(study: Study, name: str) -> Question:
    for one in study.design.questions:
        if one.name == name and one.free:
            return one
    raise Refused(_("The study has no free-text question “%(name)s”.") % {"name": name})


def _require_new(study: Study, grader: Grader, rows: list[Grade]) -> None:
    ids = {row.answer_id for row in rows}
    known = set(Answer.objects.filter(reading__reader__study=study, pk__in=ids).values_list("pk", flat=True))
    if ids - known:
        raise Refused(_("%(n)d answers are not of this study. Use the sheet that it gave.") % {"n": len(ids - known)})
    there = set(Grade.objects.filter(grader=grader, answer__in=ids).values_list("answer_id", "measure"))
    again = sum((row.answer_id, row.measure) in there for row in rows)
    if again:
        raise Refused(
            _("%(grader)s has graded %(n)d of these answers already. A grade is not changed; name another grader.")
            % {"grader": str(grader), "n": again}
        )
