"""The registry of models, and predictions as others ask for them. Knows no torch: a worker does the predicting."""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Collection, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from webapp.audit.services import record
from webapp.imagery.models import Image
from webapp.imagery.removal import discard
from webapp.inference.batches import KIND, Batch, Pair, batches
from webapp.inference.card import dataset_names
from webapp.inference.errors import ModelRefused, UnknownDataset
from webapp.inference.models import ModelVersion, Prediction
from webapp.work.models import Work
from webapp.work.selectors import broker_answers
from webapp.work.services import enqueue

CHAIN = "models"
WEIGHTS = "model.safetensors"
CARD = "model_card.json"


class Progress(NamedTuple):
    """How far the predictions of some pairs have come. `message` is empty where there is nothing to say."""

    done: int
    total: int
    failed: int
    message: str


def register(folder: Path, *, at: datetime, name: str | None = None) -> ModelVersion:
    """Take a trained model in as a candidate, named as its card says. The same weights give the row that is there.

    The registry keeps its own copy below the site's var folder: training again in `folder` must not change a model
    that has a name. Raises ModelRefused.
    """
    card = _card(folder)
    files = _checked_files(folder, card)
    sha256 = files[WEIGHTS]
    kept = Path("models") / "registered" / sha256
    _copy(folder, [*files, CARD], Path(settings.VAR_DIR) / kept)
    with transaction.atomic():
        _lock_registry()
        name = name or str(card.get("name", folder.resolve().name))
        fields = {"name": name[:80], "folder": str(kept), "card": card, "registered_at": at}
        model, new = ModelVersion.objects.get_or_create(sha256=sha256, defaults=fields)
        if new:
            record("model.registered", chain=CHAIN, at=at, about=model.pk, data={"name": name, "sha256": sha256})
    return model


def promote(model: ModelVersion, *, at: datetime, by: str = "") -> ModelVersion:
    """From now on the second look asks this model; the one before is retired. Running studies keep theirs."""
    with transaction.atomic():
        _lock_registry()
        model.refresh_from_db()
        if model.state == ModelVersion.State.PROMOTED:
            return model
        ModelVersion.objects.filter(state=ModelVersion.State.PROMOTED).update(state=ModelVersion.State.RETIRED)
        model.state = ModelVersion.State.PROMOTED
        model.save(update_fields=["state"])
        record("model.promoted", chain=CHAIN, at=at, about=model.pk, by=by, data={"sha256": model.sha256})
    return model


def promoted() -> ModelVersion | None:
    return ModelVersion.objects.filter(state=ModelVersion.State.PROMOTED).first()


def request_predictions(model: ModelVersion, pairs: Collection[Pair]) -> int:
    """Queue what this model has not said yet, in the caller's transaction. Returns how many pairs are missing.

    Asked for again, the same work is not queued twice, and what failed begins anew. Raises UnknownDataset.
    """
    require_known(model, {dataset for _image, dataset in pairs})
    missing = 0
    there = predictions(model, [image for image, _dataset in pairs])
    for batch in batches(model.sha256, pairs):
        lacking = len(batch.pairs - there.keys())
        if lacking:
            enqueue(KIND, batch.key, batch.payload)
        missing += lacking
    return missing


def require_known(model: ModelVersion, datasets: set[str]) -> None:
    """Raises UnknownDataset, naming what the model knows."""
    known = dataset_names(model.card)
    if unknown := sorted(datasets - set(known)):
        raise UnknownDataset(
            _("%(model)s does not know the data set %(unknown)s, only %(known)s. Rename it, or train a model on it.")
            % {"model": model, "unknown": ", ".join(unknown), "known": ", ".join(known)}
        )


def predictions(model: ModelVersion, image_ids: Iterable[UUID]) -> dict[Pair, Prediction]:
    """What this model said, by (image id, data set name). One query for up to 500 images."""
    found: dict[Pair, Prediction] = {}
    ids = sorted(set(image_ids))
    for start in range(0, len(ids), 500):  # SQLite takes a limited number of parameters
        rows = Prediction.objects.filter(model_version=model, image__in=ids[start : start + 500])
        found |= {(row.image_id, row.dataset): row for row in rows}
    return found


def progress(model: ModelVersion, pairs: Iterable[Pair]) -> Progress:
    """What is predicted, what failed, and why the rest waits."""
    wanted = set(pairs)
    there = predictions(model, [image for image, _dataset in wanted])
    missing = wanted - there.keys()
    parts = [batch for batch in batches(model.sha256, wanted) if missing & batch.pairs]
    states = {work.key: work for work in Work.objects.filter(key__in=[batch.key for batch in parts])}
    broken = [batch for batch in parts if _failed(states.get(batch.key))]
    failed = sum(len(missing & batch.pairs) for batch in broken)
    return Progress(
        done=len(wanted) - len(missing),
        total=len(wanted),
        failed=failed,
        message=_message(broken, states, waiting=len(missing) - failed),
    )


def forget_image(image: Image) -> bool:
    """Remove an image with all that models said about it. False where something else still needs it."""
    masks = list(Image.objects.filter(pk__in=Prediction.objects.filter(image=image).values("mask")))
    with transaction.atomic():
        if not discard(image):
            return False
        for mask in masks:
            discard(mask)  # stays where another image has the very same mask
    return True


def _failed(work: Work | None) -> bool:
    return work is not None and work.state == Work.State.FAILED


def _message(broken: list[Batch], states: dict[str, Work], *, waiting: int) -> str:
    if broken:
        return " ".join(dict.fromkeys(states[batch.key].error for batch in broken))
    if waiting and not broker_answers():
        return ngettext(
            "The worker cannot be reached. %(n)d image waits; nothing is lost, it goes on by itself.",
            "The worker cannot be reached. %(n)d images wait; nothing is lost, it goes on by itself.",
            waiting,
        ) % {"n": waiting}
    return ""


def _card(folder: Path) -> dict[str, Any]:
    try:
        # A figure that could not be measured is NaN in Python's JSON, which no database takes: here it is unknown.
        card = json.loads((folder / CARD).read_text(encoding="utf-8"), parse_constant=lambda name: None)
    except FileNotFoundError as missing:
        raise ModelRefused(
            _("%(folder)s holds no %(card)s. Name the folder that train_dermino wrote.")
            % {"folder": folder, "card": CARD}
        ) from missing
    except ValueError as broken:
        raise ModelRefused(
            _("%(file)s is damaged: %(why)s. Copy it again.") % {"file": folder / CARD, "why": broken}
        ) from broken
    if not isinstance(card, dict):
        raise ModelRefused(_("%(file)s is no model card. Copy it again.") % {"file": folder / CARD})
    return card


def _checked_files(folder: Path, card: dict[str, Any]) -> dict[str, str]:
    """The sha256 of each file that the model consists of, by name."""
    files = card.get("files")
    if not isinstance(files, dict) or WEIGHTS not in files:
        raise ModelRefused(
            _("%(file)s names no %(weights)s. Copy it again.") % {"file": folder / CARD, "weights": WEIGHTS}
        )
    for name, said in files.items():
        file = folder / Path(name).name  # a card must not reach out of its folder
        if not file.is_file():
            raise ModelRefused(_("%(file)s is missing. Train to the end, or copy the folder again.") % {"file": file})
        with file.open("rb") as opened:
            found = hashlib.file_digest(opened, "sha256").hexdigest()
        if found != said:
            raise ModelRefused(
                _("%(file)s has the sha256 %(found)s, its card says %(said)s. Copy the folder again, or train anew.")
                % {"file": file, "found": found[:16], "said": str(said)[:16]}
            )
    return {Path(name).name: said for name, said in files.items()}


def _copy(folder: Path, names: list[str], kept: Path) -> None:
    """Whole or not at all: a crash half way leaves no folder under the final name."""
    if kept.is_dir():
        return
    kept.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=".", dir=kept.parent))
    try:
        for name in names:
            shutil.copyfile(folder / name, unfinished / name)
        unfinished.rename(kept)
    except OSError:
        if not kept.is_dir():  # else registered by somebody else at the same moment
            raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _lock_registry() -> None:
    """The audit chain of the models belongs to the oldest row: whoever writes holds it."""
    ModelVersion.objects.select_for_update().order_by("registered_at", "pk").first()
