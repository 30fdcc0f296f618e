"""What a worker does with a batch, with a real (tiny) model in this process."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.utils import timezone

from tests.webapp.tiny_model import CLASSES, write_tiny_model
from webapp.imagery.models import Image
from webapp.imagery.services import open_pixels
from webapp.inference import services, tasks
from webapp.inference.batches import Batch
from webapp.inference.errors import ModelRefused, NotPredicted
from webapp.inference.loading import loaded
from webapp.inference.models import ModelVersion, Prediction
from webapp.inference.predicting import examine, predict_batch
from webapp.work.models import Work
from webapp.work.services import perform

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def tiny(tiny_folder: Path) -> ModelVersion:
    return services.register(tiny_folder, at=timezone.now())


def payload(model: ModelVersion, images: list[UUID], dataset: str = "tumours") -> dict[str, object]:
    return Batch(model.sha256, dataset, tuple(images)).payload


def test_a_batch_becomes_predictions_with_masks_and_captions(
    tiny: ModelVersion, images: Callable[[int], list[UUID]]
) -> None:
    ids = images(3)
    predict_batch(payload(tiny, ids))
    said = services.predictions(tiny, ids)
    assert set(said) == {(image, "tumours") for image in ids}
    for prediction in said.values():
        assert {one["label"] for one in prediction.ranked} == set(CLASSES["tumours"])
        shares = [one["probability"] for one in prediction.ranked]
        assert shares == sorted(shares, reverse=True) and sum(shares) == pytest.approx(1)
        assert open_pixels(prediction.mask).size == open_pixels(prediction.image).size
        assert {grey for _count, grey in open_pixels(prediction.mask).getcolors()} <= {0, 255}


def test_a_batch_done_twice_has_one_result(tiny: ModelVersion, images: Callable[[int], list[UUID]]) -> None:
    ids = images(3)
    predict_batch(payload(tiny, ids[:2]))
    before = list(Prediction.objects.values_list("pk", "made_at"))
    predict_batch(payload(tiny, ids))
    predict_batch(payload(tiny, ids))
    assert Prediction.objects.count() == 3
    assert set(before) <= set(Prediction.objects.values_list("pk", "made_at"))


def test_one_broken_file_is_named_and_the_others_are_done(
    tiny: ModelVersion, images: Callable[[int], list[UUID]]
) -> None:
    ids = images(3)
    Image.objects.get(pk=ids[1]).path(Path(settings.IMAGERY_ROOT)).write_bytes(b"no image")
    services.request_predictions(tiny, [(image, "tumours") for image in ids])
    work = Work.objects.get()
    for _ in range(3):
        perform(work.pk, worker="test")
    work.refresh_from_db()
    assert work.state == Work.State.FAILED and str(ids[1]) in work.error
    assert services.progress(tiny, [(image, "tumours") for image in ids])[:3] == (2, 3, 1)


def test_an_image_removed_in_the_meantime_is_named(tiny: ModelVersion, images: Callable[[int], list[UUID]]) -> None:
    [one] = images(1)
    Image.objects.filter(pk=one).delete()
    with pytest.raises(NotPredicted, match=str(one)):
        predict_batch(payload(tiny, [one]))


def test_weights_exchanged_after_registration_are_refused(tiny: ModelVersion, tmp_path: Path) -> None:
    other = services.register(write_tiny_model(tmp_path / "other", seed=1), at=timezone.now())
    tiny.folder = other.folder
    with pytest.raises(ModelRefused, match="another model"):
        loaded(tiny)


def test_weights_damaged_after_registration_are_refused(tiny: ModelVersion, tmp_path: Path) -> None:
    damaged = write_tiny_model(tmp_path / "damaged")
    weights = bytearray((damaged / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (damaged / "model.safetensors").write_bytes(weights)
    tiny.folder = str(damaged)
    with pytest.raises(ModelRefused, match="sha256"):
        loaded(tiny)


def test_without_a_scope_the_model_chooses_one(tiny: ModelVersion, images: Callable[[int], list[UUID]]) -> None:
    [one] = images(1)
    examined = examine(tiny, Image.objects.get(pk=one), "")
    assert examined.prediction.dataset in CLASSES
    assert 0.5 <= examined.scope_probability <= 1


def test_a_chosen_scope_is_kept_to_and_asked_once(tiny: ModelVersion, images: Callable[[int], list[UUID]]) -> None:
    image = Image.objects.get(pk=images(1)[0])
    first, second = examine(tiny, image, "scalp"), examine(tiny, image, "scalp")
    assert first.prediction.dataset == "scalp" and first.scope_probability is None
    assert first.prediction == second.prediction


def test_the_worker_knows_this_work() -> None:
    from webapp.work.services import _handlers

    assert _handlers[tasks.KIND] is predict_batch


def test_processes_share_the_cores(tiny: ModelVersion, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    from webapp.inference import loading

    monkeypatch.setattr("os.cpu_count", lambda: 4)
    loading.share_cores(2)
    loading._load.cache_clear()
    before = torch.get_num_threads()
    try:
        loaded(tiny)
        assert torch.get_num_threads() == 2
    finally:
        loading.share_cores(1)
        torch.set_num_threads(before)
