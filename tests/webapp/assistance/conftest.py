from io import BytesIO

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from webapp.accounts.models import Person, Role
from webapp.accounts.services import grant, person_for
from webapp.inference.models import ModelVersion

CLASSES = {"tumours": ["melanoma", "nevus"], "scalp": ["psoriasis", "dermatitis"]}


def photograph(seed: int = 1, size: int = 64) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 255, (size, size, 3), dtype=np.uint8)
    file = BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=92)
    return file.getvalue()


def clinician(email: str) -> Person:
    person = person_for(email)
    grant(person, Role.Name.CLINICIAN)
    return person


@pytest.fixture
def model(db: None) -> ModelVersion:
    """A promoted model as the registry knows it; no test of this fixture loads its weights."""
    return ModelVersion.objects.create(
        name="tiny",
        sha256="a" * 64,
        folder="models/registered/none",
        card={"datasets": CLASSES},
        state=ModelVersion.State.PROMOTED,
        registered_at=timezone.now(),
    )


@pytest.fixture
def anna(db: None) -> Person:
    return clinician("anna@example.org")


@pytest.fixture
def as_anna(client: Client, anna: Person) -> Client:
    client.force_login(anna)
    return client
