"""A study from its preset to its end. Every change of a draft, the launch and the closing is one transaction."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from readerstudy.models import Arm, Case, Dataset, FrozenAid, ProtocolVersion, Reader, Round, Study
from readerstudy.protocol import presets
from readerstudy.protocol.design import BadDesign, Design
from readerstudy.protocol.plan import ALGORITHM, DrawTooLarge, PlannedCase, drawn_cases, seed_digest
from readerstudy.services.enrolment import lay_out_plan
from readerstudy.services.errors import NotReady, StudyFrozen
from webapp.accounts.models import Person
from webapp.audit.services import record

CONSENT = (
    "You take part in a reader study. You will see images of skin one after another and choose a diagnosis for each. "
    "Your answers, the time they took and how you used the viewer are stored under a pseudonym and analysed together "
    "with those of other readers. You may stop at any time."
)


def chain_of(study: Study) -> str:
    """The audit chain that holds the study's own acts."""
    return f"study:{study.id}"


def create_study(*, title: str, preset: str, seed: int, by: Person | None, at: datetime, **extra: Any) -> Study:
    """Make a draft from a preset. `extra` sets further fields (slug, simulated ...). Raises BadDesign."""
    chosen = presets.load(preset)
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
        Arm.objects.create(study=study, name="all")
        _write_design(study, chosen.design)
        record("study.created", chain=chain_of(study), at=at, about=study.id, by=_name(by), data={"preset": preset})
    return study


def edit_design(*, study_id: object, values: Mapping[str, Any], by: Person | None, at: datetime) -> Study:
    """Replace a draft's design by plain values. Raises StudyFrozen after launch, BadDesign with every fault."""
    design = Design.from_dict(values)
    with transaction.atomic():
        study = lock_study_row(study_id)
        _require_draft(study)
        _write_design(study, design)
        record("study.design", chain=chain_of(study), at=at, about=study.id, by=_name(by), data=design.as_dict())
    return study


def faults_before_launch(study: Study) -> list[str]:
    """Everything that still blocks the launch, in words. Empty: the study can go live."""
    faults = []
    cases = list(study.cases.select_related("dataset", "image"))
    if not cases:
        faults.append(_("No case is imported yet. Import a folder and its CSV."))
    for dataset in study.datasets.all():
        if len(dataset.classes) < 2:
            faults.append(_("The data set %(name)s offers fewer than two diagnoses.") % {"name": dataset.name})
    try:
        drawn = drawn_cases(_planned(cases), design=study.design, seed=study.seed)
    except (DrawTooLarge, BadDesign) as bad:
        return [*faults, str(bad)]
    if any(one.aided for one in study.rounds.all()):
        with_aid = set(FrozenAid.objects.filter(case__study=study).values_list("case_id", flat=True))
        missing = sum(case.id not in with_aid for case in drawn)
        if missing:
            faults.append(
                _("%(n)d cases have no frozen AI output, but a round shows it. Run the model, then freeze its output.")
                % {"n": missing}
            )
    both = study.practice_cases.filter(image__in=[case.image_id for case in cases]).count()
    if both:
        faults.append(_("%(n)d practice images are also cases of the study. Remove them from one side.") % {"n": both})
    return faults


def launch_study(*, study_id: object, by: Person | None, at: datetime) -> ProtocolVersion:
    """Draw the cases, freeze the protocol, plan every enrolled reader and go live. Raises NotReady, StudyFrozen."""
    with transaction.atomic():
        study = lock_study_row(study_id)
        _require_draft(study)
        faults = faults_before_launch(study)
        if faults:
            raise NotReady(_("The study cannot go live yet."), faults=faults)
        cases = list(study.cases.select_related("dataset", "image"))
        drawn = drawn_cases(_planned(cases), design=study.design, seed=study.seed)
        Case.objects.filter(pk__in=[case.id for case in drawn]).update(drawn=True)
        study.state, study.launched_at = Study.State.LIVE, at
        study.save(update_fields=["state", "launched_at"])
        protocol = _freeze(study, at)
        for reader in Reader.objects.filter(study=study):
            lay_out_plan(study, reader)
        record("study.launched", chain=chain_of(study), at=at, about=study.id, by=_name(by),
               data={"protocol_sha256": protocol.sha256, "seed_sha256": study.seed_sha256})  # fmt: skip
    return protocol


def close_study(*, study_id: object, by: Person | None, at: datetime) -> Study:
    """Take no more readings. Results can be seen from now on. A second call changes nothing."""
    with transaction.atomic():
        study = lock_study_row(study_id)
        if study.state == Study.State.DRAFT:
            raise NotReady(_("A draft cannot be closed; launch it first or leave it."), faults=[])
        if study.state == Study.State.LIVE:
            study.state, study.closed_at = Study.State.CLOSED, at
            study.save(update_fields=["state", "closed_at"])
            record("study.closed", chain=chain_of(study), at=at, about=study.id, by=_name(by))
    return study


def lock_study_row(study_id: object) -> Study:
    """The study, locked: also orders its audit chain."""
    return Study.objects.select_for_update(of=("self",)).get(pk=study_id)


def _require_draft(study: Study) -> None:
    if study.state != Study.State.DRAFT:
        raise StudyFrozen(_("The study was launched on %(day)s. Its protocol is frozen.") % {"day": study.launched_at})


def _write_design(study: Study, design: Design) -> None:
    study.question, study.confidence, study.draw = design.question, design.confidence, dict(design.draw)
    study.grace_ms, study.shown_cap_ms = design.grace_ms, design.shown_cap_ms
    study.save(update_fields=["question", "confidence", "draw", "grace_ms", "shown_cap_ms"])
    study.rounds.filter(number__gt=len(design.rounds)).delete()
    for number, one in enumerate(design.rounds, start=1):
        Round.objects.update_or_create(
            study=study,
            number=number,
            defaults={
                "modality": one.modality,
                "limit_ms": round(one.limit_s * 1000),
                "washout_days": one.washout_days,
            },
        )


def _planned(cases: list[Case]) -> list[PlannedCase]:
    return [PlannedCase(id=case.id, dataset=case.dataset.name) for case in cases]


def _freeze(study: Study, at: datetime) -> ProtocolVersion:
    """Sign what every reader will meet. Truth is not part of it; the seed only by its hash."""
    cases = study.cases.filter(drawn=True).select_related("dataset", "image", "aid").order_by("id")
    document = {
        "design": study.design.as_dict(),
        "datasets": {d.name: d.classes for d in Dataset.objects.filter(study=study).order_by("name")},
        "consent_sha256": hashlib.sha256(study.consent_text.encode()).hexdigest(),
        "seed_sha256": study.seed_sha256,
        "order_algorithm": ALGORITHM,
        "cases": [
            {
                "case": str(case.id),
                "dataset": case.dataset.name,
                "image_sha256": case.image.sha256,
                "aid_sha256": case.aid.sha256 if hasattr(case, "aid") else None,
            }
            for case in cases
        ],
    }
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    number = study.protocol_versions.count() + 1
    return ProtocolVersion.objects.create(
        study=study, number=number, document=document, sha256=hashlib.sha256(text.encode()).hexdigest(), frozen_at=at
    )


def _free_slug(title: str) -> str:
    base = slugify(title)[:40] or "study"
    number, slug = 2, base
    while Study.objects.filter(slug=slug).exists():
        slug, number = f"{base}-{number}", number + 1
    return slug


def _name(by: Person | None) -> str:
    return str(by.pk) if by else "system"
