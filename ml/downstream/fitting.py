"""Every head of the finished model, fitted on the frozen encoder, and what they reach on images never seen.

Shapes: N images, S encoder side, F features.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn

from ml.data.manifest import Sample
from ml.data.store import load_images, load_masks
from ml.downstream.captioning import fit_captioner
from ml.downstream.embedding import colour_histogram, encode
from ml.downstream.linear import calibrate, fit_linear
from ml.downstream.measures import bleu4, dice, macro_auroc, macro_f1
from ml.downstream.retrieval import votes
from ml.downstream.segmentation import fit_mask
from ml.models.assembled import Assembled, Blueprint
from ml.models.heads import LinearHead, pooled
from ml.models.vision_transformer import Tokens, VisionTransformer
from ml.pretraining.config import Heads
from ml.torch_ready import torch


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """Labelled images at the encoder's size, divided for fitting, calibration and test."""

    samples: Sequence[Sample]
    classes: dict[str, list[str]]
    images_NSS3: NDArray[np.uint8]
    fit: NDArray[np.int64]
    calibration: NDArray[np.int64]
    test: NDArray[np.int64]

    def of(self, dataset: str, part: NDArray[np.int64]) -> NDArray[np.int64]:
        """The indices of a part that belong to one data set."""
        return np.array([i for i in part if self.samples[i].dataset == dataset], dtype=np.int64)

    def labels(self, dataset: str, part: NDArray[np.int64]) -> NDArray[np.int64]:
        """Class numbers of the images of `of`."""
        return np.array([self.classes[dataset].index(self.samples[i].diagnosis) for i in self.of(dataset, part)])


def load_cases(
    samples: Sequence[Sample], classes: dict[str, list[str]], side: int, *, fit: Sequence[int],
    calibration: Sequence[int], test: Sequence[int],
) -> Cases:  # fmt: skip
    """Read the images at the encoder's size, as the Predictor will."""
    images = load_images([sample.image for sample in samples], side)
    return Cases(samples, classes, images, np.array(fit), np.array(calibration), np.array(test))


def fit_heads(
    encoder: VisionTransformer, cases: Cases, settings: Heads, *, seed: int
) -> tuple[Assembled, Tokenizer | None, Tokens]:
    """The finished model, its tokenizer where there are captions, and the tokens of all images."""
    tokens = encode(encoder, cases.images_NSS3)
    tokens = Tokens(tokens.cls_BD.clone(), tokens.patches_BND.clone())  # out of inference mode
    features_NF = pooled(tokens)
    described = [i for i in cases.fit if cases.samples[i].caption]
    outlined = [i for i in cases.fit if cases.samples[i].mask]
    captioner, tokenizer = None, None
    if described and settings.caption_steps:
        words = [cases.samples[i].caption or "" for i in described]
        captioner, tokenizer = fit_captioner(_rows(tokens, described), words, settings, seed=seed)
    cells = settings.mask_side if outlined and settings.mask_steps else None
    blueprint = Blueprint(encoder.architecture, cases.classes, cells, captioner.shape if captioner else None)
    model = Assembled(blueprint)
    model.encoder.load_state_dict(encoder.state_dict())
    model.diagnosis = nn.ModuleList(_diagnosis(features_NF, cases, name, settings) for name in cases.classes)
    if len(cases.classes) > 1:
        model.scope = _scope(features_NF, cases, settings)
    model.captioner = captioner
    if cells:
        masks = load_masks([cases.samples[i].mask for i in outlined], encoder.architecture.grid * cells)
        model.mask = fit_mask(
            tokens.patches_BND[outlined], torch.from_numpy(masks), cells=cells, steps=settings.mask_steps,
            batch=settings.batch, seed=seed,
        )  # fmt: skip
    return model.eval().requires_grad_(False), tokenizer, tokens


def held_out_figures(
    model: Assembled, tokenizer: Tokenizer | None, cases: Cases, trained: Tokens, untrained: VisionTransformer,
    settings: Heads,
) -> dict[str, Any]:  # fmt: skip
    """Figures on the test images: diagnosis beside the untrained encoder and a colour histogram; mask; caption."""
    blank = encode(untrained, cases.images_NSS3)
    spaces = {
        "trained": pooled(trained),
        "untrained": pooled(Tokens(blank.cls_BD.clone(), blank.patches_BND.clone())),
        "colour_histogram": torch.from_numpy(colour_histogram(cases.images_NSS3)),
    }
    diagnosis = {
        name: {space: _diagnosis_figures(x, cases, name, settings) for space, x in spaces.items()}
        for name in cases.classes
    }
    figures: dict[str, Any] = {"diagnosis": diagnosis}
    if model.scope is not None:
        right = model.scope(spaces["trained"][cases.test]).argmax(dim=1).numpy() == _dataset_numbers(cases, cases.test)
        figures["scope"] = {"accuracy": round(float(right.mean()), 4), "images": len(right)}
    if model.mask is not None:
        figures["mask"] = _mask_figures(model, cases, trained)
    if model.captioner is not None and tokenizer is not None:
        figures["caption"] = _caption_figures(model, tokenizer, cases, trained)
    return figures


def _diagnosis(features_NF: Tensor, cases: Cases, dataset: str, settings: Heads) -> nn.Module:
    fit, hold = (cases.of(dataset, part) for part in (cases.fit, cases.calibration))
    labels, held = (torch.from_numpy(cases.labels(dataset, part)) for part in (cases.fit, cases.calibration))
    classes = len(cases.classes[dataset])
    head = fit_linear(features_NF[fit], labels, classes, steps=settings.linear_steps, decay=settings.linear_decay)
    calibrate(head, features_NF[hold], held)
    return head


def _scope(features_NF: Tensor, cases: Cases, settings: Heads) -> LinearHead:
    labels, held = (torch.from_numpy(_dataset_numbers(cases, part)) for part in (cases.fit, cases.calibration))
    sets = len(cases.classes)
    head = fit_linear(features_NF[cases.fit], labels, sets, steps=settings.linear_steps, decay=settings.linear_decay)
    calibrate(head, features_NF[cases.calibration], held)
    return head


def _dataset_numbers(cases: Cases, part: NDArray[np.int64]) -> NDArray[np.int64]:
    names = list(cases.classes)
    return np.array([names.index(cases.samples[i].dataset) for i in part])


def _diagnosis_figures(features_NF: Tensor, cases: Cases, dataset: str, settings: Heads) -> dict[str, Any]:
    fit, test = cases.of(dataset, cases.fit), cases.of(dataset, cases.test)
    labels, wanted = cases.labels(dataset, cases.fit), cases.labels(dataset, cases.test)
    classes = len(cases.classes[dataset])
    head = fit_linear(
        features_NF[fit], torch.from_numpy(labels), classes, steps=settings.linear_steps, decay=settings.linear_decay
    )
    scores = {
        "linear": head(features_NF[test]).numpy(),
        "retrieval": votes(features_NF[fit].numpy(), labels, features_NF[test].numpy(), classes),
    }
    return {"images": len(test)} | {
        way: {
            "accuracy": round(float((score.argmax(axis=1) == wanted).mean()), 4),
            "macro_auroc": round(macro_auroc(score, wanted), 4),
            "macro_f1": round(macro_f1(score.argmax(axis=1), wanted), 4),
        }
        for way, score in scores.items()
    }


def _mask_figures(model: Assembled, cases: Cases, tokens: Tokens) -> dict[str, Any]:
    outlined = [i for i in cases.test if cases.samples[i].mask]
    if not outlined or model.mask is None:
        return {"images": 0}
    predicted = (model.mask(tokens.patches_BND[outlined]) > 0).numpy()
    truth = load_masks([cases.samples[i].mask for i in outlined], predicted.shape[1]) >= 0.5
    values = [dice(p, t) for p, t in zip(predicted, truth, strict=True)]
    return {"images": len(values), "dice": round(float(np.mean(values)), 4), "side": int(predicted.shape[1])}


def _caption_figures(model: Assembled, tokenizer: Tokenizer, cases: Cases, tokens: Tokens) -> dict[str, Any]:
    described = [i for i in cases.test if cases.samples[i].caption]
    if not described or model.captioner is None:
        return {"images": 0}
    written = model.captioner.describe(_rows(tokens, described), tokenizer)
    wanted = [cases.samples[i].caption or "" for i in described]
    return {
        "images": len(written),
        "bleu4": round(bleu4(written, wanted), 4),
        "exact": round(sum(w == t for w, t in zip(written, wanted, strict=True)) / len(written), 4),
        "distinct": round(len(set(written)) / len(written), 4),
        "examples": [{"written": w, "true": t} for w, t in list(zip(written, wanted, strict=True))[:3]],
    }


def _rows(tokens: Tokens, rows: Sequence[int]) -> Tokens:
    return Tokens(tokens.cls_BD[rows], tokens.patches_BND[rows])
