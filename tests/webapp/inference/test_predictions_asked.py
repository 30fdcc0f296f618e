"""Predictions as rows: asking for them, and how far they have come."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from webapp.inference import services
from webapp.inference.batches import BATCH
from webapp.inference.errors import UnknownDataset
from webapp.inference.models import ModelVersion, Prediction
from webapp.work.models import Work

NOW = timezone.now()
pytestmark = pytest.mark.django_db


def say(model: ModelVersion, image_id: UUID, dataset: str = "tumours") -> Prediction:
    return Prediction.objects.create(
        model_version=model,
        image_id=image_id,
        dataset=dataset,
        ranked=[{"label": "nevus", "probability": 1.0}],
        made_at=NOW,
    )


def test_work_is_queued_in_batches_and_only_once(model: ModelVersion, images: Callable[[int], list[UUID]]) -> None:
    pairs = [(image, "tumours") for image in images(BATCH + 1)]
    assert services.request_predictions(model, pairs) == BATCH + 1
    assert services.request_predictions(model, list(reversed(pairs))) == BATCH + 1
    assert sorted(len(work.payload["images"]) for work in Work.objects.all()) == [1, BATCH]


def test_what_is_predicted_is_not_asked_for_again(model: ModelVersion, images: Callable[[int], list[UUID]]) -> None:
    one, two = images(2)
    say(model, one)
    assert services.request_predictions(model, [(one, "tumours")]) == 0
    assert not Work.objects.exists()
    assert services.request_predictions(model, [(one, "tumours"), (two, "tumours"), (one, "scalp")]) == 2


def test_an_unknown_data_set_is_refused_before_any_work(
    model: ModelVersion, images: Callable[[int], list[UUID]]
) -> None:
    one, two = images(2)
    with pytest.raises(UnknownDataset, match="warts.*scalp, tumours"):
        services.request_predictions(model, [(one, "tumours"), (two, "warts")])
    assert not Work.objects.exists()


def test_predictions_of_another_model_do_not_count(model: ModelVersion, images: Callable[[int], list[UUID]]) -> None:
    other = ModelVersion.objects.create(name="other", sha256="b" * 64, registered_at=NOW)
    [one] = images(1)
    say(other, one)
    assert services.predictions(model, [one]) == {}
    assert list(services.predictions(other, [one])) == [(one, "tumours")]


def test_progress_counts_what_is_done_failed_and_why(model: ModelVersion, images: Callable[[int], list[UUID]]) -> None:
    one, two, three = images(3)
    pairs = [(one, "tumours"), (two, "tumours"), (three, "scalp")]
    services.request_predictions(model, pairs)
    say(model, one)
    Work.objects.filter(pk=_work_of(two).pk).update(state=Work.State.FAILED, error="NotPredicted: its file is gone")
    done, total, failed, message = services.progress(model, pairs)
    assert (done, total, failed) == (1, 3, 1)
    assert "its file is gone" in message


def test_progress_says_that_work_waits_for_an_unreachable_worker(
    model: ModelVersion, images: Callable[[int], list[UUID]]
) -> None:
    pairs = [(image, "tumours") for image in images(2)]
    services.request_predictions(model, pairs)
    assert "2 images wait; nothing is lost" in services.progress(model, pairs).message


def test_progress_of_finished_work_has_nothing_to_say(model: ModelVersion, images: Callable[[int], list[UUID]]) -> None:
    [one] = images(1)
    say(model, one)
    assert services.progress(model, [(one, "tumours")]) == (1, 1, 0, "")


def test_what_failed_begins_anew_when_asked_for_again(model: ModelVersion, images: Callable[[int], list[UUID]]) -> None:
    pairs = [(image, "tumours") for image in images(1)]
    services.request_predictions(model, pairs)
    Work.objects.update(state=Work.State.FAILED, attempts=3)
    services.request_predictions(model, pairs)
    assert Work.objects.get().state == Work.State.QUEUED


def test_nothing_asked_is_nothing_to_do(model: ModelVersion) -> None:
    assert services.request_predictions(model, []) == 0
    assert services.progress(model, [(uuid4(), "tumours")])[:3] == (0, 1, 0)


def _work_of(image: UUID) -> Work:
    return next(work for work in Work.objects.all() if str(image) in work.payload["images"])
