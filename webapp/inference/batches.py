"""How pairs of image and data set become work: the same pairs are always the same batches under the same keys."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from webapp.inference.models import ModelVersion

KIND = "inference.predict"
BATCH = 16  # images; a batch with captions stays far below the task's time limit on two cores

Pair = tuple[UUID, str]  # image id, data set name


@dataclass(frozen=True, slots=True)
class Batch:
    model: ModelVersion
    pairs: tuple[Pair, ...]

    @property
    def key(self) -> str:
        """What is to be done. The model's hash stands in it, so that another model is other work."""
        content = "\n".join(f"{image} {dataset}" for image, dataset in self.pairs)
        return f"predict:{self.model.sha256[:16]}:{hashlib.sha256(content.encode()).hexdigest()}"

    @property
    def payload(self) -> dict[str, Any]:
        return {"model": str(self.model.pk), "pairs": [[str(image), dataset] for image, dataset in self.pairs]}


def batches(model: ModelVersion, pairs: Iterable[Pair]) -> Iterator[Batch]:
    """All pairs, each once. By data set first, since a forward pass serves one data set's head."""
    ordered = sorted(set(pairs), key=lambda pair: (pair[1], str(pair[0])))
    for start in range(0, len(ordered), BATCH):
        yield Batch(model, tuple(ordered[start : start + BATCH]))


def pairs_of(payload: dict[str, Any]) -> list[Pair]:
    return [(UUID(image), dataset) for image, dataset in payload["pairs"]]
