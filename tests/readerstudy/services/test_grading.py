"""Free text coded by two blind coders, answers graded by people and programs."""

import csv
import io

import pytest

from readerstudy.exchange.grading import grading_sheet, read_grades
from readerstudy.models import Answer, Grade, Study
from readerstudy.selectors.grading import codes_of, scores_of, texts_to_code
from readerstudy.services.errors import Refused, StudyFrozen
from readerstudy.services.grading import NewGrade, add_grades, code_text
from readerstudy.table.reading import BadRows
from tests.readerstudy.sample_study import NOON
from tests.readerstudy.services.test_stages import Desk, study_with
from webapp.accounts.services import person_for

pytestmark = pytest.mark.django_db(databases=["default", "truth"])

OPEN_LIST = {
    "name": "differential", "kind": "ranked", "text": "Which diagnoses?", "most": 3, "free": True,
    "synonyms": {"mole": "nevus"},
}  # fmt: skip


@pytest.fixture
def study():
    """One reader wrote, for four cases: a listed entry, a synonym, and one unknown text twice in two spellings."""
    study = study_with(questions=[OPEN_LIST], cases=6)
    desk = Desk(study)
    for text in ("nevus", "Mole", "Clark  Naevus", "clark naevus"):
        desk.read({"differential": [text]})
    return study


def coder(number: int):
    return person_for(f"coder{number}@example.org")


def code(study, person, entry: str = "nevus") -> None:
    code_text(study_id=study.pk, question="differential", text="clark naevus", code=entry, by=person, at=NOON)


def test_only_texts_that_neither_the_list_nor_a_synonym_settles_are_coded(study):
    (waiting,) = texts_to_code(study, coder(1))
    assert (waiting.text, waiting.asked) == ("clark naevus", "Which diagnoses?")
    assert Answer.objects.filter(diagnosis="nevus").count() == 2


def test_two_coders_who_agree_settle_a_text_and_a_third_decides_between_two(study):
    code(study, coder(1))
    assert codes_of(study) == {}
    assert texts_to_code(study, coder(1)) == []
    code(study, coder(2), "melanoma")
    assert codes_of(study) == {}
    code(study, coder(3))
    assert codes_of(study) == {("differential", "clark naevus"): "nevus"}
    assert texts_to_code(study, coder(4)) == []


def test_the_first_word_of_a_coder_counts(study):
    code(study, coder(1))
    code(study, coder(1), "melanoma")
    code(study, coder(2))
    assert codes_of(study) == {("differential", "clark naevus"): "nevus"}


def test_a_code_must_be_on_the_list(study):
    with pytest.raises(Refused, match="“wart”"):
        code(study, coder(1), "wart")


def test_a_grading_sheet_tells_nothing_of_the_reader_and_comes_back_as_scores(study):
    sheet = grading_sheet(study, measure="diagnosis", share=1.0, seed=1)
    rows = list(csv.DictReader(io.StringIO(sheet)))
    assert list(rows[0]) == ["answer", "truth", "given", "management", "measure", "value"]
    assert {row["given"] for row in rows} >= {"nevus", "Clark Naevus"} or len(rows) == 4
    filled = "answer,measure,value\n" + "".join(f"{row['answer']},diagnosis,{n}\n" for n, row in enumerate(rows, 1))
    add_grades(study_id=study.pk, name="Dr A", grades=read_grades(filled), by=coder(1), at=NOON)
    second = [NewGrade(Answer.objects.first().pk, "diagnosis", 5)]
    add_grades(study_id=study.pk, name="grader-model", version="2.1", grades=second, by=None, at=NOON)
    assert len(scores_of(study)) == 4
    assert {str(grader) for grader in study.graders.all()} == {"Dr A", "grader-model 2.1"}
    first = Answer.objects.first().pk
    own = Grade.objects.get(answer=first, grader__name="Dr A").value
    assert scores_of(study)[first] == (own + 5) / 2


def test_a_share_of_the_answers_goes_to_a_second_grader(study):
    assert len(grading_sheet(study, measure="diagnosis", share=0.5, seed=1).splitlines()) == 3
    assert grading_sheet(study, measure="a", share=0.5, seed=1) == grading_sheet(study, measure="a", share=0.5, seed=1)


def test_a_grade_is_never_changed_nor_given_to_another_studys_answer(study):
    grades = [NewGrade(Answer.objects.first().pk, "diagnosis", 3)]
    add_grades(study_id=study.pk, name="Dr A", grades=grades, by=coder(1), at=NOON)
    with pytest.raises(Refused, match="already"):
        add_grades(study_id=study.pk, name="Dr A", grades=grades, by=coder(1), at=NOON)
    with pytest.raises(Refused, match="not of this study"):
        strange = [NewGrade(study.pk, "diagnosis", 3)]
        add_grades(study_id=study.pk, name="Dr B", grades=strange, by=coder(1), at=NOON)
    assert Grade.objects.count() == 1


def test_nothing_is_graded_after_the_database_lock(study):
    Study.objects.filter(pk=study.pk).update(state="locked", locked_at=NOON)
    with pytest.raises(StudyFrozen):
        code(study, coder(1))


def test_every_faulty_line_of_a_sheet_is_named():
    with pytest.raises(BadRows) as bad:
        read_grades("answer,measure,value\nx,diagnosis,3\n\n,diagnosis,good\n")
    assert [row.line for row in bad.value.rows] == [2, 3]
    with pytest.raises(BadRows, match="measure"):
        read_grades("answer,value\n")
