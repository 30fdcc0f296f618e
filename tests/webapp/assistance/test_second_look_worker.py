"""Second looks and batches through a real worker process, started and killed by its number."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.services import Process, wait_for
from tests.webapp.assistance.conftest import photograph
from tests.webapp.tiny_model import write_tiny_model
from webapp.assistance.models import SecondLook
from webapp.imagery.models import Image
from webapp.imagery.services import ingest
from webapp.inference.models import ModelVersion, Prediction
from webapp.inference.services import progress, promote, register, request_predictions
from webapp.operations.broker import Broker

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
MODEL_LOADED = 180  # seconds: torch is imported by each process of the pool, on a machine that does other things


@pytest.fixture
def tiny(worker: Process, tmp_path: Path) -> ModelVersion:
    return promote(register(write_tiny_model(tmp_path / "tiny"), at=timezone.now()), at=timezone.now())


def ask(client: Client, seed: int) -> SecondLook:
    client.post(reverse("assistance:home"), {"image": SimpleUploadedFile("lesion.jpg", photograph(seed))})
    return SecondLook.objects.get()


def wait_for_answer(client: Client, look: SecondLook) -> None:
    address = reverse("assistance:status", args=[look.pk])
    wait_for(lambda: client.get(address).json()["answered"], "the look is answered", seconds=MODEL_LOADED)


def test_a_worker_answers_and_deletion_leaves_nothing(as_anna: Client, tiny: ModelVersion) -> None:
    look = ask(as_anna, seed=11)
    wait_for_answer(as_anna, look)
    page = as_anna.get(reverse("assistance:look", args=[look.pk])).content.decode()
    assert "chosen by the model" in page and "trained on synthetic images" in page
    assert as_anna.get(reverse("assistance:mask", args=[look.pk])).status_code == 200
    as_anna.post(reverse("assistance:delete", args=[look.pk]))
    assert not Prediction.objects.exists() and not Image.objects.exists()


def test_asked_while_the_broker_is_down_it_is_answered_later(
    as_anna: Client, tiny: ModelVersion, worker: Process, broker: Broker
) -> None:
    worker.stop()
    broker.stop()
    look = ask(as_anna, seed=12)
    SecondLook.objects.update(kept_at=timezone.now() - timedelta(seconds=10))
    assert "nothing is lost" in as_anna.get(reverse("assistance:look", args=[look.pk])).content.decode()
    broker.start()
    worker.start()
    wait_for_answer(as_anna, look)


def test_a_killed_worker_loses_no_prediction_and_makes_none_twice(tiny: ModelVersion, worker: Process) -> None:
    pairs = [(ingest(photograph(seed)).pk, "tumours") for seed in range(100, 140)]
    request_predictions(tiny, pairs)
    wait_for(lambda: progress(tiny, pairs).done >= 1, "the first batch is done", seconds=MODEL_LOADED)
    worker.kill()
    worker.start()
    wait_for(lambda: progress(tiny, pairs).done == 40, "all 40 are predicted", seconds=MODEL_LOADED)
    assert Prediction.objects.count() == 40
