import io

import pytest

from readerstudy.services.study import close_study
from tests.readerstudy.sample_study import NOON, live_study, noise_image
from webapp.accounts.services import person_for
from webapp.imagery.errors import UploadRefused
from webapp.imagery.services import ingest_upload, open_pixels

pytestmark = pytest.mark.django_db(databases=["default", "truth"])


def recompressed(image) -> bytes:
    file = io.BytesIO()
    open_pixels(image).resize((128, 96)).save(file, "JPEG", quality=80)
    return file.getvalue()


def test_a_picture_of_a_running_study_gets_no_second_look_until_the_study_ends():
    study, _ = live_study(cases=3)
    copy = recompressed(study.cases.first().image)
    clinician = person_for("clinician@example.org")
    with pytest.raises(UploadRefused, match="being read now"):
        ingest_upload(copy, by=clinician)
    close_study(study_id=study.id, by=None, at=NOON)
    assert ingest_upload(copy, by=clinician).pk


def test_another_picture_is_looked_at_while_a_study_runs():
    live_study(cases=3)
    stranger = noise_image(999_999)
    assert ingest_upload(recompressed(stranger), by=person_for("clinician@example.org")).pk
