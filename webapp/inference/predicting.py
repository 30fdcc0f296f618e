"""What a worker does with a batch. Runs where torch may be loaded; every function may run twice for the same images."""

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from PIL import Image as Picture

from webapp.imagery.errors import ImageMissing
from webapp.imagery.models import Image
from webapp.imagery.removal import discard
from webapp.imagery.services import ingest, open_pixels
from webapp.inference.batches import Batch
from webapp.inference.errors import NotPredicted
from webapp.inference.loading import loaded
from webapp.inference.models import ModelVersion, Prediction
from webapp.inference.services import predictions

if TYPE_CHECKING:
    from ml.serving.predictor import Outcome


@dataclass(frozen=True, slots=True)
class Examined:
    """One image whose scope the model may have chosen itself; then it says how sure it was of the scope."""

    prediction: Prediction
    scope_probability: float | None


def predict_batch(payload: dict[str, Any]) -> None:
    """Predict what is missing of one batch. Raises NotPredicted after all others of the batch are kept."""
    batch = Batch.of(payload)
    model = ModelVersion.objects.get(sha256=batch.model_sha256)
    there = {image for image, dataset in predictions(model, batch.images) if dataset == batch.dataset}
    faults: list[str] = []
    pictures = _open([image for image in batch.images if image not in there], faults)
    if pictures:
        outcomes = loaded(model).predict(list(pictures.values()), dataset=batch.dataset)
        _keep(model, batch.dataset, dict(zip(pictures, outcomes, strict=True)))
    if faults:
        raise NotPredicted(" ".join(faults))


def examine(model: ModelVersion, image: Image, dataset: str) -> Examined:
    """Ask about one image. With an empty `dataset` the model chooses the scope. Raises ImageMissing."""
    if dataset and (known := predictions(model, [image.pk]).get((image.pk, dataset))):
        return Examined(known, None)
    picture = open_pixels(image)
    if dataset:
        outcome, probability = loaded(model).predict([picture], dataset=dataset)[0], None
    else:
        scoped = loaded(model).predict_any([picture])[0]
        dataset, outcome, probability = scoped.dataset, scoped.outcome, scoped.dataset_probability
    _keep(model, dataset, {image.pk: outcome})
    return Examined(Prediction.objects.get(model_version=model, image=image, dataset=dataset), probability)


def _open(image_ids: list[UUID], faults: list[str]) -> dict[UUID, Picture.Image]:
    """Those that can be read; of the others `faults` says why."""
    rows = Image.objects.in_bulk(image_ids)
    pictures = {}
    for image_id in image_ids:
        if image_id not in rows:
            faults.append(_("Image %(id)s was removed.") % {"id": image_id})
            continue
        try:
            pictures[image_id] = open_pixels(rows[image_id])
        except ImageMissing as missing:
            faults.append(str(missing))
    return pictures


def _keep(model: ModelVersion, dataset: str, outcomes: "dict[UUID, Outcome]") -> None:
    """Masks first, outside the transaction: their files take longer than the rows may lock anybody out."""
    masks = {image_id: _mask(outcome) for image_id, outcome in outcomes.items()}
    now = timezone.now()
    with transaction.atomic():
        alive = set(Image.objects.select_for_update().filter(pk__in=outcomes).values_list("pk", flat=True))
        rows = [
            Prediction(
                model_version=model,
                image_id=image_id,
                dataset=dataset,
                ranked=[{"label": one.label, "probability": one.probability} for one in outcome.ranked],
                caption=(outcome.caption or "").replace("\0", ""),  # PostgreSQL takes no NUL, a decoder may write one
                mask=masks[image_id],
                made_at=now,
            )
            for image_id, outcome in outcomes.items()
            if image_id in alive
        ]
        Prediction.objects.bulk_create(rows, ignore_conflicts=True)
    for image_id, mask in masks.items():
        if image_id not in alive and mask is not None:  # deleted by its owner while the model looked at it
            discard(mask)


def _mask(outcome: "Outcome") -> Image | None:
    if outcome.mask is None:
        return None
    file = BytesIO()
    Picture.fromarray(outcome.mask).convert("L").save(file, "PNG")
    return ingest(file.getvalue(), kind=Image.Kind.MASK)
