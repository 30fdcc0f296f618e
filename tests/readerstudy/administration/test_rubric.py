"""The table of graded managements, imported on the design page."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from readerstudy.services.launch import launch_study
from readerstudy.services.study import edit_design
from tests.readerstudy.sample_study import NOON, draft_study

pytestmark = pytest.mark.django_db(databases=["default", "truth"])
QUESTIONS = [
    {"name": "diagnosis", "kind": "diagnosis", "text": "Which?"},
    {"name": "management", "kind": "management", "text": "What next?", "options": ["excise", "dismiss"]},
]


def send(client: Client, study: object, table: str) -> object:
    file = SimpleUploadedFile("rubric.csv", table.encode())
    return client.post(reverse("administration:rubric", args=[study.slug]), {"file": file})


def draft():
    study = draft_study(cases=2)
    edit_design(study_id=study.pk, values={"rounds": [{}], "questions": QUESTIONS}, by=None, at=NOON)
    return study


def test_a_table_becomes_part_of_the_design(administrator: Client) -> None:
    study = draft()
    reply = send(administrator, study, "diagnosis,excise,dismiss\nmelanoma,optimal,dangerous\n")
    study.refresh_from_db()
    assert reply.status_code == 302
    assert study.design.rubric == {"melanoma": {"excise": "optimal", "dismiss": "dangerous"}}


def test_an_unknown_management_or_grade_is_named_and_nothing_is_saved(administrator: Client) -> None:
    study = draft()
    unknown = send(administrator, study, "diagnosis,freeze\nmelanoma,optimal\n")
    assert (unknown.status_code, "freeze" in unknown.content.decode()) == (422, True)
    wrong = send(administrator, study, "diagnosis,excise\nmelanoma,superb\n")
    assert (wrong.status_code, "superb" in wrong.content.decode()) == (422, True)
    study.refresh_from_db()
    assert study.design.rubric == {}


def test_a_live_studys_table_is_frozen(administrator: Client) -> None:
    study = draft()
    launch_study(study_id=study.pk, by=None, at=NOON)
    assert send(administrator, study, "diagnosis,excise\nmelanoma,optimal\n").status_code == 409
