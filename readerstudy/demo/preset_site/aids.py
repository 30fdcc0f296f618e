"""The AI output of a simulated study: simulated, frozen by the ordinary services, and altered where the design says."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import cycle
from typing import Any
from uuid import UUID

from readerstudy.administration.truth import make_altered_sets
from readerstudy.demo.preset_site.pictures import picture
from readerstudy.models import Study
from readerstudy.protocol.batches import drawn_cases
from readerstudy.protocol.design import HONEST, Design, Format
from readerstudy.protocol.targets import SimulationTargets
from readerstudy.services.aid import SimulatedAid, freeze_set, freeze_simulated
from readerstudy.services.plan import planned_cases
from readerstudy.simulation.ai_output import SimulatedOutput, simulated_outputs
from readerstudy.simulation.knowledge import knowledge_of
from readerstudy.truth.services import references, strata_of
from webapp.imagery.services import ingest

GALLERY = 3  # pictures of each class beside the study's own: a like case must never be one that is read


def shown_formats(design: Design) -> set[Format]:
    """Every part of AI output that some reader sees."""
    return {shown for one in design.modalities if one.name in design.used() for shown in one.shows}


def freeze_outputs(study: Study, targets: SimulationTargets, *, seed: int, at: datetime) -> list[str]:
    """Simulate and freeze every set of AI output of the design. Returns their names. Raises CannotAlter, Refused."""
    design = study.design
    sources = design.sources()
    if not sources:
        return []
    formats = shown_formats(design)
    gallery = _gallery(study, seed) if Format.SIMILAR in formats else {}
    altered = {one.name for one in design.altered}
    for source in (name for name in sources if name not in altered):
        aids = list(_aids(study, targets, source, formats, gallery, seed))
        if source == HONEST:
            freeze_simulated(study_id=study.id, aids=aids, at=at)
        else:
            freeze_set(study_id=study.id, source=source, aids=aids, by=None, at=at)
    if altered:
        make_altered_sets(study, by=None, at=at)
    return sources


def _aids(
    study: Study, targets: SimulationTargets, source: str, formats: set[Format], gallery: Mapping[str, Sequence[UUID]],
    seed: int,
) -> Iterator[SimulatedAid]:  # fmt: skip
    facts = knowledge_of(study, seed=seed, drawn_only=False).cases
    planned = planned_cases(study, strata_of(study.id), drawn_only=False)
    read = {case.id for case in drawn_cases(planned, design=study.design, seed=study.seed)}
    known = references(study.id)
    for chosen in (read, facts.keys() - read):  # the stated accuracy holds for the cases that are read
        some = [one for case, one in facts.items() if case in chosen]
        outputs = simulated_outputs(some, targets, source=source, malignant=study.design.malignant, seed=seed)
        for one in outputs:
            case = UUID(one.case)
            mask = known[case].mask_id if Format.MASK in formats else None
            words = ""
            if Format.CAPTION in formats:
                words = f"Simulated description: what is seen speaks for {one.ranked[0][0]}."
            yield SimulatedAid(case, one.ranked, words, content=_content(one, formats, gallery), mask_id=mask)


def _content(one: SimulatedOutput, formats: set[Format], gallery: Mapping[str, Sequence[UUID]]) -> dict[str, Any]:
    content: dict[str, Any] = {}
    if Format.MALIGNANCY in formats:
        content["malignancy"] = one.malignancy
    if Format.CROWD in formats:
        content["crowd"] = dict(one.crowd)
    if Format.SIMILAR in formats:
        pictures = {label: cycle(ids) for label, ids in gallery.items()}
        content["similar"] = [{"image": str(next(pictures[label])), "label": label} for label in one.alike]
    return content


def _gallery(study: Study, seed: int) -> dict[str, list[UUID]]:
    labels = sorted({label for dataset in study.datasets.all() for label in dataset.classes})
    return {
        label: [ingest(picture(f"gallery {label} {at}", label, seed=seed + 2)[0]).id for at in range(GALLERY)]
        for label in labels
    }
