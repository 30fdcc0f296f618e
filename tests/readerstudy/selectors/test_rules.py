"""The exclusion rules of the protocol, applied to readings without looking at truth."""

import pytest

from readerstudy.models import Reading
from readerstudy.results.joined import rows_for
from readerstudy.results.study_context import exclusions
from readerstudy.selectors.rules import ruled_out
from readerstudy.services.launch import launch_study
from readerstudy.services.study import edit_design
from tests.readerstudy.sample_study import NOON, draft_study
from tests.readerstudy.services.test_stages import DIAGNOSIS, Desk, study_with

pytestmark = pytest.mark.django_db(databases=["default", "truth"])


def two_readers(**design: object):
    study = study_with(cases=3, practice=1, **design)
    return study, Desk(study, number=1), Desk(study, number=2)


def read_all(desk: Desk, *, check: str = "melanoma") -> None:
    for _ in range(Reading.objects.filter(reader=desk.reader).count()):
        step = desk.next()
        desk.start(step)
        known = step.reading.is_attention
        desk.submit(step, {"diagnosis": check if known else step.reading.classes[0]})


def test_a_reader_who_failed_the_attention_check_stands_in_no_table():
    draft = draft_study(cases=3, practice=1)
    design = {
        "questions": [DIAGNOSIS], "rounds": [{}], "cases": {"attention": 1},
        "exclusions": [{"rule": "attention", "value": 1.0}],
    }  # fmt: skip
    edit_design(study_id=draft.pk, values=design, by=None, at=NOON)
    launch_study(study_id=draft.pk, by=None, at=NOON)
    careful, careless = Desk(draft, number=1), Desk(draft, number=2)
    read_all(careful)
    read_all(careless, check="nevus")
    assert ruled_out(draft) == {careless.reader.pk: "attention"}
    assert {row.reader for row in rows_for(draft)} == {careful.reader.pseudonym}


def test_a_reader_with_too_few_answers_is_left_out_and_counted():
    study, whole, half = two_readers(exclusions=[{"rule": "readings", "value": 3.0}])
    read_all(whole)
    half.read()
    assert ruled_out(study) == {half.reader.pk: "readings"}
    assert {row.reader for row in rows_for(study)} == {whole.reader.pseudonym}
    assert [(one.rule, one.scope, one.n) for one in exclusions(study)] == [("rule: readings", "reader", 1)]


def test_a_rule_of_a_second_estimate_leaves_everybody_in():
    study, whole, half = two_readers(exclusions=[{"rule": "readings", "value": 3.0, "sensitivity": True}])
    read_all(whole)
    half.read()
    assert ruled_out(study) == {}
    assert len({row.reader for row in rows_for(study)}) == 2
