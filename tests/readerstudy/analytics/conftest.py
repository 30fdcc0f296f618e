from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from webapp.accounts.models import Person
from webapp.accounts.services import grant, person_for


@pytest.fixture(autouse=True)
def _images_folder(tmp_path_factory: pytest.TempPathFactory, settings: object) -> None:
    settings.IMAGERY_ROOT = Path(tmp_path_factory.mktemp("images"))


@pytest.fixture
def administrator(db: None) -> Person:
    person = person_for("administrator@example.org")
    grant(person, "administrator")
    return person


@pytest.fixture
def get(administrator: Person) -> Callable:
    """GET as a study administrator."""
    client = Client()
    client.force_login(administrator)
    return client.get
