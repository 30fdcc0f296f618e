"""From images to diagnoses, captions and masks with a finished model. Shapes: B images, S encoder side."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tokenizers import Tokenizer

from ml.data.store import squashed
from ml.models import assembled
from ml.models.assembled import Assembled, ModelRefused
from ml.models.heads import pooled
from ml.models.pixels import from_bytes, normalised
from ml.models.vision_transformer import Tokens
from ml.torch_ready import torch

__all__ = ["ModelRefused", "Outcome", "Predictor", "Ranked", "Scoped"]


class Ranked(NamedTuple):
    """One diagnosis and its calibrated probability."""

    label: str
    probability: float


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What the model says about one image. mask: (height, width) of the image itself, True where it sees the lesion."""

    ranked: tuple[Ranked, ...]
    caption: str | None
    mask: NDArray[np.bool_] | None


@dataclass(frozen=True, slots=True, eq=False)
class Scoped:
    """An outcome together with the data set whose classes were assumed, and how sure that choice was."""

    dataset: str
    dataset_probability: float
    outcome: Outcome


class Predictor:
    """Every head after one pass of the encoder, in batches."""

    def __init__(self, model: Assembled, tokenizer: Tokenizer | None, card: dict[str, Any], *, batch: int = 16) -> None:
        self._model, self._tokenizer, self.card, self.batch = model.eval(), tokenizer, card, batch
        self._side = model.blueprint.architecture.image_size

    @classmethod
    def load(cls, folder: Path) -> "Predictor":
        """Raises ModelRefused where a file is missing or is not what the model's card says."""
        model, tokenizer = assembled.read(folder)
        return cls(model, tokenizer, assembled.read_card(folder))

    @property
    def datasets(self) -> dict[str, list[str]]:
        """The data sets that the model knows, each with its classes."""
        return {name: list(labels) for name, labels in self._model.blueprint.datasets.items()}

    @property
    def sha256(self) -> str:
        """Of model.safetensors: the model's identity."""
        return str(self.card["files"][assembled.WEIGHTS])

    def predict(
        self, images: Sequence[Image.Image], *, dataset: str, captions: bool = True, masks: bool = True
    ) -> list[Outcome]:
        """One outcome an image, ranked over the classes of `dataset`. Raises ValueError for an unknown one."""
        if dataset not in self.datasets:
            raise ValueError(f"This model does not know the data set {dataset!r}. It knows {', '.join(self.datasets)}.")
        return [
            outcome
            for part, tokens in self._encoded(images)
            for outcome in self._outcomes(part, tokens, [dataset] * len(part), captions=captions, masks=masks)
        ]

    def predict_any(self, images: Sequence[Image.Image], *, captions: bool = True, masks: bool = True) -> list[Scoped]:
        """As `predict`, with the data set that each image looks most like."""
        results = []
        for part, tokens in self._encoded(images):
            names, sure = self._scope(tokens)
            outcomes = self._outcomes(part, tokens, names, captions=captions, masks=masks)
            results += [Scoped(*row) for row in zip(names, sure, outcomes, strict=True)]
        return results

    def _encoded(self, images: Sequence[Image.Image]) -> Iterator[tuple[Sequence[Image.Image], Tokens]]:
        for start in range(0, len(images), self.batch):
            part = images[start : start + self.batch]
            pixels = np.stack([np.asarray(squashed(image, self._side)) for image in part])
            with torch.inference_mode():
                yield part, self._model.encoder(normalised(from_bytes(torch.from_numpy(pixels))))

    @torch.inference_mode()
    def _outcomes(
        self, images: Sequence[Image.Image], tokens: Tokens, datasets: list[str], *, captions: bool, masks: bool
    ) -> list[Outcome]:
        features, names = pooled(tokens), list(self.datasets)
        probabilities = {name: self._model.diagnosis[names.index(name)](features) for name in set(datasets)}
        scores = self._model.mask(tokens.patches_BND) if masks and self._model.mask is not None else None
        words: list[str] | None = None
        if captions and self._model.captioner is not None and self._tokenizer is not None:
            words = self._model.captioner.describe(tokens, self._tokenizer)
        return [
            Outcome(
                ranked(self.datasets[name], probabilities[name][i].tolist()),
                words[i] or None if words else None,
                None if scores is None else full_size(scores[i].numpy(), image.size),
            )
            for i, (name, image) in enumerate(zip(datasets, images, strict=True))
        ]

    @torch.inference_mode()
    def _scope(self, tokens: Tokens) -> tuple[list[str], list[float]]:
        names = list(self.datasets)
        if self._model.scope is None:
            return names * len(tokens.cls_BD), [1.0] * len(tokens.cls_BD)
        sure_B, chosen_B = self._model.scope(pooled(tokens)).max(dim=1)
        return [names[i] for i in chosen_B.tolist()], sure_B.tolist()


def ranked(labels: list[str], probabilities: list[float]) -> tuple[Ranked, ...]:
    """Most probable first; equal ones in the order of the class list."""
    return tuple(Ranked(*pair) for pair in sorted(zip(labels, probabilities, strict=True), key=lambda pair: -pair[1]))


def full_size(scores_SS: NDArray[np.floating], size: tuple[int, int]) -> NDArray[np.bool_]:
    """Lesion scores stretched to (width, height) in pixels, then cut at 0."""
    stretched = Image.fromarray(scores_SS.astype(np.float32)).resize(size, Image.Resampling.BICUBIC)
    return np.asarray(stretched) > 0
