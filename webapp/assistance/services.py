"""Asking for a second look, answering it, deleting it."""

from datetime import datetime
from typing import BinaryIO
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from webapp.accounts.models import Person
from webapp.assistance.errors import NoModel
from webapp.assistance.models import SecondLook
from webapp.audit.services import record
from webapp.imagery.models import Image
from webapp.imagery.services import ingest_upload
from webapp.inference.models import ModelVersion
from webapp.inference.services import forget_image, promoted, require_known
from webapp.work.services import enqueue

KIND = "assistance.second_look"


def ask(data: bytes | BinaryIO, *, dataset: str, by: Person, at: datetime) -> SecondLook:
    """Keep the image and queue the question to the promoted model; an empty `dataset` lets the model choose the scope.

    Raises NoModel, UnknownDataset, BadImage, UploadRefused, StorageFull; then nothing was saved.
    """
    model = promoted()
    if model is None:
        raise NoModel(_("No model is in use on this site yet. An engineer must promote one."))
    if dataset:
        require_known(model, {dataset})
    try:
        return _keep(ingest_upload(data, by=by), model, dataset=dataset, by=by, at=at)
    except IntegrityError:  # the same file was deleted in another window a moment ago
        if hasattr(data, "seek"):
            data.seek(0)
        return _keep(ingest_upload(data, by=by), model, dataset=dataset, by=by, at=at)


def ask_again(look: SecondLook) -> None:
    """Queue anew what failed; anything else stays as it is."""
    enqueue(KIND, work_key(look.pk), {"look": str(look.pk)})


def answer(look_id: UUID) -> None:
    """In a worker: what the model says. A look that is deleted or answered is left alone."""
    look = SecondLook.objects.select_related("image", "model_version").filter(pk=look_id, prediction=None).first()
    if look is None:
        return
    from webapp.inference.predicting import examine  # reaches torch: only in a worker

    examined = examine(look.model_version, look.image, look.dataset)
    SecondLook.objects.filter(pk=look_id, prediction=None).update(
        prediction=examined.prediction, scope_probability=examined.scope_probability, answered_at=timezone.now()
    )


def delete(look: SecondLook, *, at: datetime) -> None:
    """Remove the row, and the image with its mask unless something else needs them. Twice is as good as once."""
    with transaction.atomic():
        chain = _lock_chain(look.clinician)
        deleted, _rows = SecondLook.objects.filter(pk=look.pk).delete()
        if not deleted:
            return
        forget_image(look.image)
        record("second_look.deleted", chain=chain, at=at, about=look.pk, by=str(look.clinician_id))


def _keep(image: Image, model: ModelVersion, *, dataset: str, by: Person, at: datetime) -> SecondLook:
    with transaction.atomic():
        chain = _lock_chain(by)
        look = SecondLook.objects.create(
            clinician=by, image=image, model_version=model, dataset=dataset, received_at=at, kept_at=timezone.now()
        )
        enqueue(KIND, work_key(look.pk), {"look": str(look.pk)})
        record("second_look.asked", chain=chain, at=at, about=look.pk, by=str(by.pk), data={"model": model.sha256})
    return look


def work_key(look_id: UUID) -> str:
    return f"second-look:{look_id}"


def _lock_chain(clinician: Person) -> str:
    """A clinician's events are a chain of their own; who writes to it holds the person's row."""
    Person.objects.select_for_update().get(pk=clinician.pk)
    return f"second-look:{clinician.pk}"
