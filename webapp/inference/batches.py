"""How pairs of image and data set become work: the same pairs are always the same batches under the same keys."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

KIND = "inference.predict"
BATCH = 16  # images; a batch with captions stays far below the task's time limit on two cores

Pair = tuple[UUID, str]  # image id, data set name


@dataclass(frozen=True, slots=True)
class Batch:
    """Images of one data set: a forward pass serves one head. The hash is part of it: other weights are other work."""

    model_sha256: str
    dataset: str
    images: tuple[UUID, ...]

    @property
    def pairs(self) -> set[Pair]:
        return {(image, self.dataset) for image in self.images}

    @property
    def key(self) -> str:
        content = "\n".join([self.dataset, *map(str, self.images)])
        return f"predict:{self.model_sha256[:16]}:{hashlib.sha256(content.encode()).hexdigest()}"

    @property
    def payload(self) -> dict[str, Any]:
        return {"model": self.model_sha256, "dataset": self.dataset, "images": [str(image) for image in self.images]}

    @classmethod
    def of(cls, payload: dict[str, Any]) -> "Batch":
        return cls(payload["model"], payload["dataset"], tuple(UUID(image) for image in payload["images"]))


def batches(model_sha256: str, pairs: Iterable[Pair]) -> Iterator[Batch]:
    """All pairs, each once."""
    images: dict[str, set[UUID]] = defaultdict(set)
    for image, dataset in pairs:
        images[dataset].add(image)
    for dataset in sorted(images):
        ordered = sorted(images[dataset])
        for start in range(0, len(ordered), BATCH):
            yield Batch(model_sha256, dataset, tuple(ordered[start : start + BATCH]))
