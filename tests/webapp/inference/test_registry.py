"""The registry of models: no torch in here."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import IntegrityError
from django.utils import timezone

from tests.webapp.inference.conftest import write_model
from webapp.audit.models import Event
from webapp.inference import services
from webapp.inference.errors import ModelRefused
from webapp.inference.models import ModelVersion

NOW = timezone.now()
pytestmark = pytest.mark.django_db


def test_a_registered_model_is_a_candidate_with_its_hash_and_an_event(folder: Path) -> None:
    model = services.register(folder, name="tiny", at=NOW)
    assert (model.state, model.sha256) == (ModelVersion.State.CANDIDATE, model.card["files"]["model.safetensors"])
    assert Event.objects.get(kind="model.registered").data["sha256"] == model.sha256


def test_the_same_weights_give_the_same_row(folder: Path) -> None:
    first = services.register(folder, name="tiny", at=NOW)
    assert services.register(folder, name="other", at=NOW) == first
    assert Event.objects.filter(kind="model.registered").count() == 1


def test_training_again_in_the_same_folder_leaves_the_registered_model_alone(folder: Path) -> None:
    first = services.register(folder, name="tiny", at=NOW)
    write_model(folder, weights=b"other weights")
    second = services.register(folder, name="tiny", at=NOW)
    assert (first.path / "model.safetensors").read_bytes() == b"weights"
    assert second != first


def test_the_registry_keeps_neither_metrics_nor_checkpoints(folder: Path) -> None:
    model = services.register(folder, name="tiny", at=NOW)
    assert sorted(file.name for file in model.path.iterdir()) == ["model.safetensors", "model_card.json"]


def test_weights_that_are_not_those_of_the_card_are_refused(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"weightz")
    with pytest.raises(ModelRefused, match="sha256"):
        services.register(folder, name="tiny", at=NOW)
    assert not ModelVersion.objects.exists()


@pytest.mark.parametrize("name", ["model.safetensors", "model_card.json"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelRefused, match=name):
        services.register(folder, name="tiny", at=NOW)


@pytest.mark.parametrize("text", ["{", "[]", "{}"])
def test_a_damaged_card_is_refused(folder: Path, text: str) -> None:
    (folder / "model_card.json").write_text(text)
    with pytest.raises(ModelRefused, match=r"model_card\.json"):
        services.register(folder, name="tiny", at=NOW)


def test_a_figure_that_could_not_be_measured_is_unknown(folder: Path) -> None:
    card = json.loads((folder / "model_card.json").read_text())
    (folder / "model_card.json").write_text(json.dumps(card | {"figures": {"mask": {"dice": math.nan}}}))
    assert services.register(folder, name="tiny", at=NOW).card["figures"]["mask"]["dice"] is None


def test_promoting_retires_the_one_before(folder: Path) -> None:
    first = services.register(folder, name="first", at=NOW)
    second = services.register(write_model(folder, weights=b"new"), name="second", at=NOW)
    services.promote(first, at=NOW)
    services.promote(second, at=NOW)
    first.refresh_from_db()
    assert services.promoted() == second
    assert first.state == ModelVersion.State.RETIRED


def test_two_promoted_models_cannot_be_stored(model: ModelVersion) -> None:
    services.promote(model, at=NOW)
    with pytest.raises(IntegrityError):
        ModelVersion.objects.create(name="x", sha256="b" * 64, state="promoted", registered_at=NOW)


def test_the_registry_loads_no_torch() -> None:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "webapp.settings.testing"}
    code = "import django; django.setup(); import webapp.inference.services, webapp.inference.tasks, webapp.urls, sys; "
    code += "sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
