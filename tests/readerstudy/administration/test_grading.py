"""Grading and coding through the pages."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from readerstudy.models import Coding, Grade
from tests.readerstudy.services.test_grading import OPEN_LIST
from tests.readerstudy.services.test_stages import Desk, study_with

pytestmark = pytest.mark.django_db(databases=["default", "truth"])


@pytest.fixture
def study():
    study = study_with(questions=[OPEN_LIST], cases=6)
    desk = Desk(study)
    for text in ("nevus", "Clark naevus"):
        desk.read({"differential": [text]})
    return study


def page(name: str, study: object) -> str:
    return reverse(f"administration:{name}", args=[study.slug])


def test_a_sheet_goes_out_and_comes_back_filled(administrator: Client, study: object) -> None:
    sheet = administrator.get(page("grading-sheet", study), {"measure": "diagnosis", "percent": 100})
    header, *lines = sheet.content.decode().splitlines()
    assert (len(lines), header.startswith("answer,truth,given")) == (2, True)
    filled = "\n".join([header, *(line + "4" for line in lines)]).encode()
    sent = {"file": SimpleUploadedFile("sheet.csv", filled), "name": "Dr A", "version": ""}
    reply = administrator.post(page("grading", study), sent, follow=True)
    assert "2 grades recorded" in reply.content.decode()
    assert list(Grade.objects.values_list("measure", "value")) == [("diagnosis", 4.0)] * 2


def test_a_faulty_sheet_is_refused_line_by_line(administrator: Client, study: object) -> None:
    sent = {"file": SimpleUploadedFile("sheet.csv", b"answer,measure,value\nx,diagnosis,4\n"), "name": "Dr A"}
    reply = administrator.post(page("grading", study), sent)
    assert reply.status_code == 422
    assert "Line 2" in reply.content.decode()
    assert not Grade.objects.exists()


def test_a_coder_sees_the_text_alone_and_codes_it(administrator: Client, study: object) -> None:
    shown = administrator.get(page("coding", study)).content.decode()
    assert "clark naevus" in shown
    assert "unaided" not in shown
    coded = {"question": "differential", "text": "clark naevus", "code": "nevus"}
    reply = administrator.post(page("coding", study), coded, follow=True)
    assert "No text waits for you" in reply.content.decode()
    assert Coding.objects.get().code == "nevus"


@pytest.mark.parametrize("name", ["grading", "grading-sheet", "coding"])
def test_nobody_else_gets_there(anybody: Client, study: object, name: str) -> None:
    assert anybody.get(page(name, study)).status_code == 403
