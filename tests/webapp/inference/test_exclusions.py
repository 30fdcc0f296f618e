from collections.abc import Iterator

import pytest

from tests.webapp.inference.conftest import photograph
from webapp.imagery.services import ingest
from webapp.inference import exclusions
from webapp.inference.exclusions import UnknownCollection, images_of, register_finder

pytestmark = pytest.mark.django_db


@pytest.fixture
def only_mine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(exclusions, "_finders", [])
    yield


def test_the_room_that_knows_the_name_says_its_images(only_mine: None) -> None:
    image, _other = ingest(photograph(1)), ingest(photograph(2))
    register_finder(lambda name: None)
    register_finder(lambda name: [image.pk] if name == "mine" else None)
    assert images_of("mine") == [image]


def test_a_name_that_nobody_knows_is_an_error_not_an_empty_list() -> None:
    with pytest.raises(UnknownCollection, match="misspelt"):
        images_of("misspelt")
