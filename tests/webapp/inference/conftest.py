import hashlib
import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from django.utils import timezone
from PIL import Image as Picture

from webapp.imagery.services import ingest
from webapp.inference.models import ModelVersion

CLASSES = {"tumours": ["melanoma", "nevus"], "scalp": ["psoriasis", "dermatitis"]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Looks like what training leaves, as far as the registry can see."""
    return write_model(tmp_path / "trained", weights=b"weights")


def write_model(folder: Path, *, weights: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "model.safetensors").write_bytes(weights)
    card = {"files": {"model.safetensors": hashlib.sha256(weights).hexdigest()}, "datasets": CLASSES}
    (folder / "model_card.json").write_text(json.dumps(card))
    (folder / "metrics.jsonl").write_text("{}\n")
    (folder / "checkpoints").mkdir(exist_ok=True)
    return folder


@pytest.fixture
def model(db: None) -> ModelVersion:
    return ModelVersion.objects.create(
        name="tiny", sha256="a" * 64, folder="nowhere", card={"datasets": CLASSES}, registered_at=timezone.now()
    )


@pytest.fixture
def images(db: None) -> Callable[[int], list[UUID]]:
    def make(count: int) -> list[UUID]:
        return [ingest(photograph(seed)).pk for seed in range(count)]

    return make


def photograph(seed: int) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 255, (48, 48, 3), dtype=np.uint8)
    file = BytesIO()
    Picture.fromarray(pixels).save(file, "PNG")
    return file.getvalue()
