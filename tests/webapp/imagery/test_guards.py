import pytest

from webapp.accounts.services import person_for
from webapp.imagery import guards
from webapp.imagery.errors import UploadRefused
from webapp.imagery.models import Image
from webapp.imagery.services import ingest, ingest_upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def refusing(settings, tmp_path, monkeypatch):
    settings.IMAGERY_ROOT = tmp_path / "images"
    monkeypatch.setattr(guards, "_guards", [lambda fingerprint, person: "This picture belongs to a running study."])


def test_a_refused_upload_is_not_stored(refusing, photo, as_file):
    with pytest.raises(UploadRefused, match="running study"):
        ingest_upload(as_file(photo), by=person_for("c@example.org"))
    assert not Image.objects.exists()


def test_a_picture_that_is_here_already_is_guarded_too(refusing, photo, as_file):
    ingest(as_file(photo))
    with pytest.raises(UploadRefused):
        ingest_upload(as_file(photo), by=person_for("c@example.org"))


def test_guards_do_not_stand_before_a_study_s_own_import(refusing, photo, as_file):
    assert ingest(as_file(photo)).width == 160
