"""Upload through the page: the same import, the same messages."""

import io
import zipfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from readerstudy.models import Study
from readerstudy.services.study import create_study
from tests.readerstudy.exchange.folder import three_cases
from tests.readerstudy.sample_study import NOON, live_study
from webapp.imagery.models import Image

pytestmark = pytest.mark.django_db(databases=["default", "truth"])


@pytest.fixture
def study() -> Study:
    return create_study(title="Imported", preset="dermino-two-round", seed=1, by=None, at=NOON)


def packed(folder: Path) -> SimpleUploadedFile:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for path in folder.iterdir():
            archive.write(path, path.name)
    return SimpleUploadedFile("cases.zip", content.getvalue())


def send(client: Client, study: Study, *files: SimpleUploadedFile, **fields: str) -> tuple[int, str]:
    address = reverse("administration:cases", args=[study.slug])
    reply = client.post(address, {"files": list(files), **fields}, follow=True)
    return reply.status_code, reply.content.decode()


def test_an_archive_becomes_cases(administrator: Client, study: Study, tmp_path: Path) -> None:
    three_cases(tmp_path)
    status, text = send(administrator, study, packed(tmp_path))
    assert status == 200 and "3 cases imported" in text
    assert study.cases.count() == 3


def test_single_files_become_practice_cases(administrator: Client, study: Study, tmp_path: Path) -> None:
    three_cases(tmp_path)
    files = [SimpleUploadedFile(path.name, path.read_bytes()) for path in tmp_path.iterdir()]
    send(administrator, study, *files, practice="on")
    assert (study.practice_cases.count(), study.cases.count()) == (3, 0)


def test_faults_are_listed_by_line_and_nothing_is_kept(administrator: Client, study: Study, tmp_path: Path) -> None:
    three_cases(tmp_path)
    (tmp_path / "b.png").write_text("no image")
    (tmp_path / "c.png").unlink()
    status, text = send(administrator, study, packed(tmp_path))
    assert status == 422
    assert "Line 4" in text and "Nothing was imported" in text
    assert not Image.objects.exists() and not study.cases.exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"hello", b"\x89PNG\r\n"])
def test_what_is_no_case_table_ends_in_a_message(administrator: Client, study: Study, content: bytes) -> None:
    for name in ("cases.csv", "cases.zip", "picture.png"):
        status, text = send(administrator, study, SimpleUploadedFile(name, content))
        assert status == 422 and "Traceback" not in text


def test_nothing_sent_is_asked_for(administrator: Client, study: Study) -> None:
    assert send(administrator, study)[0] == 422


def test_more_files_than_the_site_takes_at_once_end_in_a_message(administrator: Client, study: Study) -> None:
    status, text = send(administrator, study, *(SimpleUploadedFile(f"{n}.png", b"x") for n in range(101)))
    assert status == 400 and "one zip archive" in text


def test_a_launched_study_takes_none(administrator: Client, tmp_path: Path) -> None:
    study, _ = live_study()
    three_cases(tmp_path)
    assert send(administrator, study, packed(tmp_path))[0] == 409


def test_thumbnails_are_small_and_only_of_this_study(administrator: Client) -> None:
    study, _ = live_study()
    other, _ = live_study(seed=9)
    case = study.cases.first()
    good = administrator.get(reverse("administration:case-picture", args=[study.slug, case.pk]))
    assert good["Cache-Control"] == "private, no-store"
    assert administrator.get(reverse("administration:case-picture", args=[other.slug, case.pk])).status_code == 404


def test_the_mix_is_counted_and_no_case_is_shown_beside_its_diagnosis(administrator: Client) -> None:
    study, _ = live_study()
    text = administrator.get(reverse("administration:cases", args=[study.slug])).content.decode()
    pictures = text[text.index('class="thumbs"') :]
    assert "melanoma" in text and "melanoma" not in pictures
