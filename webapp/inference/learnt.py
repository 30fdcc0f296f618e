"""What a model has learnt from, by fingerprint: a study must not read an image that its AI was trained on."""

from collections.abc import Mapping
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from webapp.inference.models import ModelVersion

FILE = "manifest_fingerprints.npy"  # train_dermino writes it beside the weights; its sha256 stands in the card


def learnt_images(model: ModelVersion, fingerprints: Mapping[UUID, bytes], *, bits: int) -> frozenset[UUID] | None:
    """Which of these images, or near copies of them, the model has learnt from; None where it says nothing of it.

    fingerprints: 32 bytes by image id; bits: the most that may differ between copies of one picture.
    """
    if FILE not in model.card.get("files", {}):
        return None
    learnt_NK: NDArray[np.uint8] = np.load(model.path / FILE, allow_pickle=False)
    if not len(learnt_NK):
        return frozenset()
    return frozenset(image for image, one in fingerprints.items() if _nearest(one, learnt_NK) <= bits)


def _nearest(fingerprint: bytes, learnt_NK: NDArray[np.uint8]) -> int:
    one_K = np.frombuffer(bytes(fingerprint), dtype=np.uint8)
    return int(np.bitwise_count(learnt_NK ^ one_K).sum(axis=1, dtype=np.int64).min())
