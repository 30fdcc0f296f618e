"""AI output of a study: asked for while it is a draft, frozen before launch, shown as it was frozen."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from readerstudy.models import FrozenAid, Study
from readerstudy.protocol.design import HONEST
from readerstudy.services.errors import NotReady, Refused, StudyFrozen
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
    content: Mapping[str, Any] = field(default_factory=dict)  # "malignancy", "similar", "crowd"
    mask_id: UUID | None = None


def request_aid(*, study_id: object, model: ModelVersion, by: Person | None, at: datetime) -> int:
    """Have a worker predict every case of a draft that this model has not seen. Returns how many were asked for."""
    with transaction.atomic():
        study = lock_study_row(study_id)
        if study.state != Study.State.DRAFT:
            raise StudyFrozen(_("The study was launched. Its AI output is frozen."))
        if FrozenAid.objects.filter(case__study=study, source=HONEST).exists():
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
        cases = list(study.cases.exclude(aids__source=HONEST).select_related("dataset"))
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


def freeze_simulated(*, study_id: object, aids: Iterable[SimulatedAid], at: datetime, source: str = HONEST) -> int:
    """Fix AI answers that are simulated, and called so wherever they are shown."""
    with transaction.atomic():
        study = lock_study_row(study_id)
        rows = [
            FrozenAid(
                case_id=aid.case_id,
                source=source,
                origin=FrozenAid.Origin.SIMULATED,
                content=dict(aid.content),
                mask_id=aid.mask_id,
                ranked=[{"label": label, "probability": p} for label, p in aid.ranked],
                description=aid.description,
                frozen_at=at,
            )
            for aid in aids
        ]
        _add(study, rows, by=None, at=at)
    return len(rows)


def freeze_given(
    *, study_id: object, aids: Sequence[SimulatedAid], model: ModelVersion | None, by: Person | None, at: datetime
) -> int:
    """Fix output that was made elsewhere: by a registered model, or, without one, simulated. Raises StudyFrozen."""
    with transaction.atomic():
        study = lock_study_row(study_id)
        if study.state != Study.State.DRAFT:
            raise StudyFrozen(_("The study was launched. Its AI output is frozen."))
        if FrozenAid.objects.filter(case__study=study, source=HONEST).exists():
            raise StudyFrozen(_("The AI output of this study is frozen already."))
        origin = FrozenAid.Origin.MODEL if model else FrozenAid.Origin.SIMULATED
        rows = [
            FrozenAid(
                case_id=aid.case_id,
                origin=origin,
                model_version=model,
                ranked=[{"label": label, "probability": p} for label, p in aid.ranked],
                description=aid.description,
                content=dict(aid.content),
                mask_id=aid.mask_id,
                frozen_at=at,
            )
            for aid in aids
        ]
        study.aid_model = model
        study.save(update_fields=["aid_model"])
        _add(study, rows, by=by, at=at)
    return len(rows)


def freeze_set(*, study_id: object, source: str, aids: Sequence[SimulatedAid], by: Person | None, at: datetime) -> int:
    """Fix a finished set of AI output beside the model's own: false, boosted, or of a second model. Raises Refused.

    Nothing here tells which of its cases were altered; only the truth database knows. A set made from a model's output
    names that model, as the honest set does.
    """
    with transaction.atomic():
        study = lock_study_row(study_id)
        if study.state != Study.State.DRAFT:
            raise StudyFrozen(_("The study was launched. Its AI output is frozen."))
        if source == HONEST or source not in study.design.sources():
            raise Refused(_("The design has no set of AI output called “%(set)s”.") % {"set": source})
        if FrozenAid.objects.filter(case__study=study, source=source).exists():
            raise StudyFrozen(_("The set “%(set)s” is frozen already.") % {"set": source})
        honest = {aid.case_id: aid for aid in FrozenAid.objects.filter(case__study=study, source=HONEST)}
        rows = []
        for aid in aids:
            own = honest[aid.case_id]
            rows.append(
                FrozenAid(
                    case_id=aid.case_id,
                    source=source,
                    origin=own.origin,
                    model_version_id=own.model_version_id,
                    ranked=[{"label": label, "probability": p} for label, p in aid.ranked],
                    description=aid.description,
                    content=dict(aid.content),
                    mask_id=own.mask_id,
                    frozen_at=at,
                )
            )
        _add(study, rows, by=by, at=at)
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
        "source": aid.source,
        "origin": str(aid.origin),
        "model_sha256": aid.model_version.sha256 if aid.model_version else None,
        "ranked": aid.ranked,
        "description": aid.description,
        "content": aid.content,
        "mask_sha256": aid.mask.sha256 if aid.mask else None,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
