"""AI output of a study: asked for while it is a draft, frozen before launch, shown as it was frozen."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from readerstudy.models import FrozenAid, Study
from readerstudy.services.errors import NotReady, StudyFrozen
from readerstudy.services.study import chain_of, lock_study_row
from webapp.accounts.models import Person
from webapp.audit.services import record
from webapp.inference import services as inference
from webapp.inference.models import ModelVersion


@dataclass(frozen=True, slots=True)
class SimulatedAid:
    """An AI answer that no model gave."""

    case_id: UUID
    ranked: Sequence[tuple[str, float]]
    description: str = ""


def request_aid(*, study_id: object, model: ModelVersion, by: Person | None, at: datetime) -> int:
    """Have a worker predict every case of a draft that this model has not seen. Returns how many were asked for."""
    with transaction.atomic():
        study = lock_study_row(study_id)
        if study.state != Study.State.DRAFT:
            raise StudyFrozen(_("The study was launched. Its AI output is frozen."))
        if FrozenAid.objects.filter(case__study=study).exists():
            raise StudyFrozen(_("The AI output of this study is frozen already."))
        study.aid_model = model
        study.save(update_fields=["aid_model"])
        asked = inference.request_predictions(model, list(study.cases.values_list("image_id", "dataset__name")))
        record("aid.requested", chain=chain_of(study), at=at, about=study.id, by=str(by.pk) if by else "system",
               data={"model_sha256": model.sha256, "cases": asked})  # fmt: skip
    return asked


def freeze_aid(*, study_id: object, by: Person | None, at: datetime) -> int:
    """Fix the model's output of every case, with the model's hash. Raises NotReady while any is missing."""
    with transaction.atomic():
        study = lock_study_row(study_id)
        if study.aid_model is None:
            raise NotReady(_("No model was run on this study yet."), faults=[])
        cases = list(study.cases.filter(aid__isnull=True).select_related("dataset"))
        predictions = inference.predictions(study.aid_model, [case.image_id for case in cases])
        missing = [case for case in cases if (case.image_id, case.dataset.name) not in predictions]
        if missing:
            raise NotReady(
                _("%(n)d cases have no AI output yet. Wait for the worker.") % {"n": len(missing)}, faults=[]
            )
        aids = []
        for case in cases:
            made = predictions[case.image_id, case.dataset.name]
            aids.append(
                FrozenAid(
                    case=case,
                    origin=FrozenAid.Origin.MODEL,
                    model_version=study.aid_model,
                    ranked=made.ranked,
                    description=made.caption,
                    mask_id=made.mask_id,
                    frozen_at=at,
                )
            )
        _add(study, aids, by=by, at=at)
    return len(aids)


def freeze_simulated(*, study_id: object, aids: Iterable[SimulatedAid], at: datetime) -> int:
    """Fix AI answers that are simulated, and called so wherever they are shown."""
    with transaction.atomic():
        study = lock_study_row(study_id)
        rows = [
            FrozenAid(
                case_id=aid.case_id,
                origin=FrozenAid.Origin.SIMULATED,
                ranked=[{"label": label, "probability": p} for label, p in aid.ranked],
                description=aid.description,
                frozen_at=at,
            )
            for aid in aids
        ]
        _add(study, rows, by=None, at=at)
    return len(rows)


def _add(study: Study, aids: list[FrozenAid], *, by: Person | None, at: datetime) -> None:
    for aid in aids:
        aid.sha256 = _digest(aid)
    FrozenAid.objects.bulk_create(aids, batch_size=500)
    record("aid.frozen", chain=chain_of(study), at=at, about=study.id, by=str(by.pk) if by else "system",
           data={"aids": len(aids), "sha256": sorted(aid.sha256 for aid in aids)})  # fmt: skip


def _digest(aid: FrozenAid) -> str:
    content = {
        "case": str(aid.case_id),
        "origin": str(aid.origin),
        "model_sha256": aid.model_version.sha256 if aid.model_version else None,
        "ranked": aid.ranked,
        "description": aid.description,
        "mask_sha256": aid.mask.sha256 if aid.mask else None,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
