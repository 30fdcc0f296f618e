from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings as live
from django.http import Http404
from PIL import Image as Picture

from webapp.imagery.delivery import deliver
from webapp.imagery.services import ingest, view_bytes

pytestmark = pytest.mark.django_db


@pytest.fixture
def image(settings, tmp_path, photo, as_file):
    settings.IMAGERY_ROOT = tmp_path / "images"
    return ingest(as_file(photo))


def test_no_cache_keeps_an_image(image):
    assert deliver(image)["Cache-Control"] == "private, no-store"


def test_headers_tell_nothing_of_the_file(image):
    headers = deliver(image).headers
    assert set(headers) == {"Content-Type", "Cache-Control", "Content-Disposition"}
    assert headers["Content-Disposition"] == 'inline; filename="image.jpg"'


def test_the_body_is_the_view(image):
    assert deliver(image).content == view_bytes(image)


def test_a_smaller_picture_can_be_had(image):
    with Picture.open(BytesIO(deliver(image, longest=50).content)) as small:
        assert small.size == (50, 30)


def test_a_lost_file_is_a_404_that_names_the_backup(image):
    image.path(Path(live.IMAGERY_ROOT)).unlink()
    with pytest.raises(Http404, match="backup"):
        deliver(image)
