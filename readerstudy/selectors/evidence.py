"""What of a case the open stage of a reading shows: its images, clinical data, and the pictures of its AI output."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from readerstudy.models import FrozenAid, Reading
from webapp.imagery.models import Image

IMAGE, IMAGES = "image", "images"


@dataclass(frozen=True, slots=True)
class CasePicture:
    image: Image
    kind: str


def pictures_of(reading: Reading) -> list[CasePicture]:
    """The images that the stage shows, in order. A practice case has one."""
    if reading.practice_case is not None:
        return [CasePicture(reading.practice_case.image, "")]
    first = [CasePicture(reading.case.image, "")]
    most = _most(reading.stage_design.evidence)
    if most == 1:
        return first
    further = reading.case.further_images.select_related("image")
    return [*first, *(CasePicture(one.image, one.kind) for one in further)][:most]


def clinical_of(reading: Reading) -> Iterator[tuple[str, str]]:
    """The clinical data that the stage shows and the case has."""
    if reading.case is None:
        return
    for name in reading.stage_design.evidence:
        if not name.startswith(IMAGE) and reading.case.attributes.get(name):
            yield name, reading.case.attributes[name]


def similar_of(aid: FrozenAid) -> list[tuple[Image, str]]:
    """Like cases with their verified diagnoses, the likest first."""
    entries = aid.content.get("similar", [])
    images = Image.objects.in_bulk([UUID(one["image"]) for one in entries])
    return [(images[UUID(one["image"])], one["label"]) for one in entries if UUID(one["image"]) in images]


def in_reader_order(options: Sequence[str], reader_id: UUID) -> list[str]:
    """The options in an order of the reader's own, always the same: no button gains by its place."""
    return sorted(options, key=lambda option: hashlib.sha256(f"{reader_id}{option}".encode()).digest())


def _most(evidence: Sequence[str]) -> int | None:
    """How many images a stage shows; None for all."""
    if IMAGES in evidence:
        return None
    counts = [int(token.partition(":")[2] or 1) for token in evidence if token.startswith(IMAGE)]
    return max(counts, default=1)
