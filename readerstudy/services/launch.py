"""The launch: what still blocks it, and the act that freezes the protocol and lays out the plan."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Prefetch
from django.utils.translation import gettext as _

from readerstudy.models import Case, CaseImage, FrozenAid, ProtocolVersion, Signature, Study
from readerstudy.protocol.batches import DrawTooLarge, PlannedCase, drawn_cases
from readerstudy.protocol.design import BadDesign, Design, Format
from readerstudy.protocol.plan import ALGORITHM
from readerstudy.protocol.soundness import classes_not_offered, lacking_cases
from readerstudy.services.consent import keep_consent_version
from readerstudy.services.errors import NotReady, Refused
from readerstudy.services.permission import Permission, require
from readerstudy.services.plan import DIAGNOSIS, Strata, allocate, can_allocate, draw_batches, planned_cases
from readerstudy.services.planned_power import planned_power_of
from readerstudy.services.signature import require_signing_password, write_signature
from readerstudy.services.study import chain_of, lock_study_row, name_of, require_draft
from readerstudy.services.training_overlap import overlap_faults
from webapp.accounts.models import Person
from webapp.audit.services import record

NO_STRATA: Strata = {}


def faults_before_launch(study: Study, *, strata: Strata = NO_STRATA) -> list[str]:
    """Everything that still blocks the launch, in words, each with its cure. Empty: the study can go live."""
    faults = list(_case_faults(study))
    try:
        design = study.design
        drawn = drawn_cases(planned_cases(study, strata, drawn_only=False), design=design, seed=study.seed)
    except BadDesign as bad:
        return [*faults, *bad.faults]
    except DrawTooLarge as bad:
        return [*faults, str(bad)]
    except Refused as bad:
        return [*faults, bad.message]
    return [
        *faults,
        *_batch_faults(design, drawn),
        *_truth_faults(study, strata),
        *_aid_faults(study, design, drawn),
        *overlap_faults(study),
        *_practice_faults(study, design),
    ]


def launch_study(
    *, study_id: object, by: Person | None, at: datetime, strata: Strata = NO_STRATA, truth_sha256: str | None = None
) -> ProtocolVersion:
    """Draw the cases, freeze the protocol, plan every enrolled reader and go live. Raises NotReady, StudyFrozen.

    strata: the class of every case, needed where batches are drawn by diagnosis. truth_sha256: of the reference
    standard as it stands, for the protocol. A caller who may know truth gives both; nothing here stores a class.
    """
    with transaction.atomic():
        study = lock_study_row(study_id)
        require_draft(study)
        faults = faults_before_launch(study, strata=strata)
        if faults:
            raise NotReady(_("The study cannot go live yet."), faults=faults)
        drawn = drawn_cases(planned_cases(study, strata, drawn_only=False), design=study.design, seed=study.seed)
        Case.objects.filter(pk__in=[case.id for case in drawn]).update(drawn=True)
        study.state, study.launched_at = Study.State.LIVE, at
        study.values = study.design.as_dict(whole=True)
        study.save(update_fields=["state", "launched_at", "values"])
        protocol = freeze_protocol(study, at=at, truth_sha256=truth_sha256)
        keep_consent_version(study, at=at)
        for reader in study.readers.filter(kind="reader").order_by("number"):
            draw_batches(study, reader, drawn)
            if can_allocate(study, reader):
                allocate(study, reader, at=at)
        record("study.launched", chain=chain_of(study), at=at, about=study.id, by=name_of(by),
               data={"protocol_sha256": protocol.sha256, "seed_sha256": study.seed_sha256})  # fmt: skip
    return protocol


def launch_signed(
    *,
    study_id: object,
    by: Person,
    password: str,
    at: datetime,
    strata: Strata = NO_STRATA,
    truth_sha256: str | None = None,
) -> ProtocolVersion:
    """The launch of a study with people: the protocol lock is signed. Raises NotAllowed, NotSigned, NotReady too."""
    require(by, Study.objects.get(pk=study_id), Permission.CONDUCT)
    require_signing_password(by, password, at=at)
    with transaction.atomic():
        protocol = launch_study(study_id=study_id, by=by, at=at, strata=strata, truth_sha256=truth_sha256)
        write_signature(
            by, meaning=Signature.Meaning.PROTOCOL_LOCK, sha256=protocol.sha256, study=protocol.study, at=at
        )
    return protocol


def freeze_protocol(
    study: Study, *, at: datetime, reason: str = "", truth_sha256: str | None = None
) -> ProtocolVersion:
    """Sign what every reader will meet; truth and seed only by their hashes. reason: of an amendment."""
    before = study.protocol_versions.order_by("number").last()
    document = {
        "design": study.design.as_dict(whole=True),
        "registration": study.registration,
        "planned_power": planned_power_of(study),
        "datasets": {d.name: d.classes for d in study.datasets.order_by("name")},
        "consent_sha256": hashlib.sha256(study.consent_text.encode()).hexdigest(),
        "seed_sha256": study.seed_sha256,
        "truth_sha256": truth_sha256 or (before.document.get("truth_sha256") if before else None),
        "order_algorithm": ALGORITHM,
        "cases": list(_signed_cases(study)),
    }
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    number = before.number + 1 if before else 1
    return ProtocolVersion.objects.create(
        study=study,
        number=number,
        document=document,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        frozen_at=at,
        reason=reason,
    )


def _signed_cases(study: Study) -> Iterator[dict[str, object]]:
    cases = study.cases.filter(drawn=True).select_related("dataset", "image").order_by("id")
    # Joined: SQLite refuses a nested prefetch of 1,000 images and more ("Expression tree is too large").
    further = Prefetch("further_images", CaseImage.objects.select_related("image"))
    for case in cases.prefetch_related("aids", further):
        yield {
            "case": str(case.id),
            "dataset": case.dataset.name,
            "image_sha256": case.image.sha256,
            "further_images_sha256": [one.image.sha256 for one in case.further_images.all()],
            "aid_sha256": {aid.source: aid.sha256 for aid in case.aids.all()},
        }


def _case_faults(study: Study) -> Iterator[str]:
    if not study.cases.exists():
        yield _("No case is imported yet. Import a folder and its CSV.")
    for dataset in study.datasets.all():
        if len(dataset.classes) < 2 and study.design.reference:
            yield _("The data set %(name)s offers fewer than two diagnoses.") % {"name": dataset.name}
    both = study.practice_cases.filter(image__in=study.cases.values("image")).count()
    if both:
        yield _("%(n)d practice images are also cases of the study. Remove them from one side.") % {"n": both}


def _batch_faults(design: Design, drawn: Sequence[PlannedCase]) -> list[str]:
    return lacking_cases(design, Counter(case.stratum for case in drawn))


def _truth_faults(study: Study, strata: Strata) -> Iterator[str]:
    """Classes that some case truly has and no reader could answer. Silent where the caller may not know truth."""
    datasets = study.cases.values_list("id", "dataset__name")
    truth: dict[str, set[str]] = {}
    for case_id, dataset in datasets:
        if case_id in strata:
            truth.setdefault(dataset, set()).add(strata[case_id])
    for dataset in study.datasets.filter(name__in=truth):
        for question in study.design.questions:
            for fault in classes_not_offered(question, dataset.classes, truth[dataset.name]):
                yield f"{dataset.name}: {fault}"


def _aid_faults(study: Study, design: Design, drawn: Sequence[PlannedCase]) -> Iterator[str]:
    """Every set of AI output that some reader sees, or that is scored, is there for every case that is read."""
    wanted = {case.id for case in drawn}
    for source in design.sources():
        aids = FrozenAid.objects.filter(case__study=study, source=source)
        missing = len(wanted - set(aids.values_list("case_id", flat=True)))
        if missing and source == "ai":
            yield _(
                "%(n)d cases have no frozen AI output, but readers see it or it is scored. Run the model, then freeze "
                "its output."
            ) % {"n": missing}
        elif missing:
            yield _("%(n)d cases have no AI output in the set “%(set)s”. Make the set on the AI page.") % {
                "n": missing, "set": source,
            }  # fmt: skip
    yield from _format_faults(study, design, wanted)


def _format_faults(study: Study, design: Design, wanted: set) -> Iterator[str]:
    """What a modality shows must be there for every case, or its absence would tell something."""
    for modality in design.modalities:
        if not modality.aided or modality.name not in design.used():
            continue
        aids = [
            aid for aid in FrozenAid.objects.filter(case__study=study, source=modality.source) if aid.case_id in wanted
        ]
        for shown in modality.shows:
            lacking = sum(not _has(aid, shown) for aid in aids)
            if lacking and not (shown == Format.CAPTION and lacking == len(aids)):  # a model without captions has none
                told = {"modality": modality.name, "format": str(shown), "n": lacking}
                yield _("“%(modality)s” shows %(format)s, but %(n)d cases have none. Show something else.") % told


def _has(aid: FrozenAid, shown: Format) -> bool:
    if shown == Format.MASK:
        return aid.mask_id is not None
    if shown == Format.CAPTION:
        return bool(aid.description)
    if shown in (Format.RANKED, Format.LABEL):
        return bool(aid.ranked)
    return str(shown) in aid.content


def _practice_faults(study: Study, design: Design) -> Iterator[str]:
    if (design.cases.attention or design.cases.screening) and not study.practice_cases.exists():
        yield _("The design needs practice cases (attention checks or screening), and there are none. Import some.")


def strata_are_needed(study: Study) -> bool:
    """Whether whoever plans this study's readers must know the classes of its cases."""
    return study.design.cases.stratify == DIAGNOSIS
