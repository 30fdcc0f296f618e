"""A study from its preset to its end. Every change of a draft, the launch and the closing is one transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from readerstudy.models import Round, Study
from readerstudy.protocol.design import ArmDesign, Design
from readerstudy.protocol.random_stream import seed_digest
from readerstudy.services.errors import NotReady, StudyFrozen
from readerstudy.services.preset import preset_named
from webapp.accounts.models import Person
from webapp.audit.services import record

CONSENT = (
    "You take part in a reader study. You will see images of skin one after another and choose a diagnosis for each. "
    "Your answers, the time they took and how you used the viewer are stored under a pseudonym and analysed together "
    "with those of other readers. You may stop at any time."
)


REGISTRATION = ("ethics_committee", "ethics_number", "registration")


def chain_of(study: Study) -> str:
    """The audit chain that holds the study's own acts."""
    return f"study:{study.id}"


def create_study(*, title: str, preset: str, seed: int, by: Person | None, at: datetime, **extra: Any) -> Study:
    """Make a draft from a preset. `extra` sets further fields (slug, simulated ...). Raises BadDesign."""
    chosen = preset_named(preset)
    with transaction.atomic():
        study = Study.objects.create(
            title=title,
            slug=extra.pop("slug", None) or _free_slug(title),
            preset=chosen.name,
            seed=seed,
            seed_sha256=seed_digest(seed),
            consent_text=extra.pop("consent_text", CONSENT),
            created_by=by,
            created_at=at,
            **extra,
        )
        _write_design(study, chosen.design)
        record("study.created", chain=chain_of(study), at=at, about=study.id, by=name_of(by), data={"preset": preset})
    return study


def edit_design(*, study_id: object, values: Mapping[str, Any], by: Person | None, at: datetime) -> Study:
    """Replace a draft's design by plain values. Raises StudyFrozen after launch, BadDesign with every fault."""
    design = Design.from_dict(values)
    with transaction.atomic():
        study = lock_study_row(study_id)
        require_draft(study)
        _write_design(study, design)
        record("study.design", chain=chain_of(study), at=at, about=study.id, by=name_of(by), data=design.as_dict())
    return study


def register_study(*, study_id: object, values: Mapping[str, str], by: Person | None, at: datetime) -> Study:
    """Say who approved a draft and where it is registered; later that is an amendment. Raises StudyFrozen."""
    with transaction.atomic():
        study = lock_study_row(study_id)
        require_draft(study)
        study.registration = {name: values.get(name, "") for name in REGISTRATION}
        study.save(update_fields=["registration"])
        record(
            "study.registered", chain=chain_of(study), at=at, about=study.id, by=name_of(by), data=study.registration
        )
    return study


def close_study(*, study_id: object, by: Person | None, at: datetime) -> Study:
    """Take no more readings. Results can be seen from now on. A second call changes nothing."""
    with transaction.atomic():
        study = lock_study_row(study_id)
        if study.state in (Study.State.DRAFT, Study.State.PILOT):
            raise NotReady(_("A draft cannot be closed; launch it first or leave it."), faults=[])
        if study.state == Study.State.LIVE:
            study.state, study.closed_at = Study.State.CLOSED, at
            study.save(update_fields=["state", "closed_at"])
            record("study.closed", chain=chain_of(study), at=at, about=study.id, by=name_of(by))
    return study


def lock_study_row(study_id: object) -> Study:
    """The study, locked: also orders its audit chain."""
    return Study.objects.select_for_update(of=("self",)).get(pk=study_id)


def require_draft(study: Study) -> None:
    """Raises StudyFrozen once the study reads."""
    if study.state == Study.State.PILOT:
        raise StudyFrozen(_("The pilot is running. End it before the design is changed."))
    if study.state != Study.State.DRAFT:
        raise StudyFrozen(_("The study was launched on %(day)s. Its protocol is frozen.") % {"day": study.launched_at})


def _write_design(study: Study, design: Design) -> None:
    _require_unread(study, len(design.rounds))
    study.values = design.as_dict()
    study.save(update_fields=["values"])
    study.rounds.filter(number__gt=len(design.rounds)).delete()
    for number, one in enumerate(design.rounds, start=1):
        shown = {name for arm in design.arms for name in _modalities(design, arm, number)}
        Round.objects.update_or_create(
            study=study,
            number=number,
            defaults={
                "aided": any(design.modality(name).aided for name in shown),
                "limit_ms": round(one.limit_s * 1000),
                "washout_days": one.washout_days,
            },
        )


def _require_unread(study: Study, rounds: int) -> None:
    """Raises StudyFrozen where a pilot or a dry run has read a round that the design leaves out."""
    if study.rounds.filter(number__gt=rounds, readings__isnull=False).exists():
        raise StudyFrozen(
            _("A round that is left out was read in the pilot or a dry run, and readings are never deleted. "
              "Save the design as a preset and make a new study from it.")
        )  # fmt: skip


def _modalities(design: Design, arm: ArmDesign, number: int) -> list[str]:
    """Every modality in which somebody of the arm may read in a round."""
    own = (
        arm.modalities[number - 1] if arm.modalities else [stage.modality for stage in design.rounds[number - 1].stages]
    )
    return [*own, *(design.split.modalities if design.split else ())]


def _free_slug(title: str) -> str:
    base = slugify(title)[:40] or "study"
    number, slug = 2, base
    while Study.objects.filter(slug=slug).exists():
        slug, number = f"{base}-{number}", number + 1
    return slug


def name_of(by: Person | None) -> str:
    return str(by.pk) if by else "system"
