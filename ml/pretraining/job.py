"""One training run from prepared images to a finished model's folder. Imported late: it pulls torch."""

import platform
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor, nn

from ml.data.manifest import Manifest, Sample, split
from ml.data.store import load_images
from ml.downstream.fitting import fit_heads, held_out_figures, load_cases
from ml.models import assembled, checkpoint
from ml.models.vision_transformer import VisionTransformer
from ml.pretraining import card, distributed
from ml.pretraining.config import Config
from ml.pretraining.loop import Run, train
from ml.pretraining.methods.dermino.crops import batches
from ml.pretraining.methods.dermino.module import Dermino, architecture_of
from ml.pretraining.run import Plan, Say, code_sha256
from ml.torch_ready import torch

LEARNT = "manifest_fingerprints.npy"  # (N, 32) uint8, one row an image; see ml.data.fingerprint


def run(plan: Plan, folder: Path, *, resume: bool, say: Say) -> dict[str, Any] | None:
    """Train and write the folder; returns the card (None on ranks other than the first)."""
    folder.mkdir(parents=True, exist_ok=True)
    if plan.config.training.threads:
        torch.set_num_threads(plan.config.training.threads)
    began, seed = time.perf_counter(), plan.config.training.seed
    samples = plan.manifest.samples
    known, test = split(samples, plan.config.data.held_out, seed)
    encoder = pretrain(plan, folder, known, resume=resume, say=say)
    if distributed.rank():
        return None  # the first rank does the rest
    pretrained = time.perf_counter() - began
    say(f"Pretrained in {pretrained:.0f} s. Fitting heads ...")
    chosen, hold = split(tuple(samples[i] for i in known), plan.config.data.calibration, seed + 1)
    cases = load_cases(
        samples, plan.manifest.classes, plan.config.crops.global_size, fit=[known[i] for i in chosen],
        calibration=[known[i] for i in hold], test=test,
    )  # fmt: skip
    model, tokenizer, tokens = fit_heads(encoder, cases, plan.config.heads, seed=seed)
    say("Measuring on held-out images ...")
    figures = held_out_figures(model, tokenizer, cases, tokens, untrained(plan.config), plan.config.heads)
    files = assembled.write(folder, model, tokenizer) | write_learnt(folder, [samples[i] for i in known])
    counts = {"fit": len(chosen), "calibration": len(hold), "held_out": len(test)}
    content = _card(plan, folder, model, files, figures, counts, seconds=time.perf_counter() - began)
    checkpoint.write_json(folder / assembled.CARD, content)
    (folder / "model_card.md").write_text(card.as_markdown(content), encoding="utf-8")
    return content


def pretrain(plan: Plan, folder: Path, known: list[int], *, resume: bool, say: Say) -> VisionTransformer:
    """The teacher's encoder after the last step."""
    config, samples = plan.config, [plan.manifest.samples[i] for i in known]
    labels_NC, known_NC = disease_labels(plan.manifest, known, negatives=config.loss.negatives)
    images = load_images([sample.image for sample in samples], config.data.store_side)
    method = Dermino(config, labels_NC.shape[1])
    method.train()
    method.teacher.eval()
    state = Run(method, config, folder, plan.identity)
    if resume and state.resume():
        say(f"Resumed before step {state.step}.")
    say(f"Pretraining: {config.training.steps} steps of {config.training.batch} out of {len(images)} images ...")
    train(
        state,
        batches(
            images, labels_NC, known_NC, config, start=state.step, rank=distributed.rank(), ranks=distributed.ranks()
        ),
    )
    encoder = method.teacher["encoder"]
    if not isinstance(encoder, VisionTransformer):
        raise TypeError("the method's teacher has no vision transformer")
    return encoder


def untrained(config: Config) -> VisionTransformer:
    """The encoder before its first step: the same seed, the same start values."""
    return Dermino(config, 1).teacher["encoder"]  # type: ignore[return-value]


def write_learnt(folder: Path, samples: Sequence[Sample]) -> dict[str, str]:
    """Write the fingerprints of all images that were learnt from, so that a study can ask whether it reads one of them.

    Returns the file's sha256 by its name, for the card.
    """
    prints_NK = np.frombuffer(b"".join(sample.fingerprint for sample in samples), dtype=np.uint8)
    np.save(folder / LEARNT, prints_NK.reshape(len(samples), -1))
    return {LEARNT: checkpoint.sha256_of(folder / LEARNT)}


def disease_labels(manifest: Manifest, chosen: list[int], *, negatives: str) -> tuple[Tensor, Tensor]:
    """labels and known entries (N, C) over all diseases of all data sets; C in the order of their names.

    An image's own diagnosis is known, and its absence of the other ones of its data set; with negatives "all" of every
    other disease.
    """
    names = sorted({label for labels in manifest.classes.values() for label in labels})
    labels, known = np.zeros((2, len(chosen), len(names)), dtype=np.float32)
    for row, index in enumerate(chosen):
        sample = manifest.samples[index]
        labels[row, names.index(sample.diagnosis)] = 1
        asked = names if negatives == "all" else manifest.classes[sample.dataset]
        known[row, [names.index(name) for name in asked]] = 1
    return torch.from_numpy(labels), torch.from_numpy(known)


def outlook(plan: Plan) -> str:
    """What a run would do, with the time of its steps estimated from two real ones."""
    config = plan.config
    known, test = split(plan.manifest.samples, config.data.held_out, config.training.seed)
    labels_NC, known_NC = disease_labels(plan.manifest, known, negatives=config.loss.negatives)
    method = Dermino(config, labels_NC.shape[1])
    few = known[: min(len(known), config.training.batch)]
    images = load_images([plan.manifest.samples[i].image for i in few], config.data.store_side)
    feed = batches(images, labels_NC[: len(few)], known_NC[: len(few)], config, start=0)
    seconds = []
    for step in range(2):
        began = time.perf_counter()
        torch.stack(list(method(next(feed), step).values())).sum().backward()
        seconds.append(time.perf_counter() - began)
    trained = sum(p.numel() for p in method.parameters() if p.requires_grad)
    memory = (4 * trained * 4 + len(known) * config.data.store_side**2 * 3) / 2**20
    return "\n".join(
        [
            f"{plan.name}: {config.training.steps} steps of {config.training.batch} images",
            f"images: {len(known)} to learn from, {len(test)} held out, {plan.manifest.left_out} left out",
            f"classes: {plan.manifest.classes}",
            f"trained parameters: {trained:,}; weights, moments, gradients and images: about {memory:.0f} MiB",
            f"time: about {min(seconds) * config.training.steps:.0f} s for the steps on this machine",
        ]
    )


def _card(
    plan: Plan, folder: Path, model: assembled.Assembled, files: dict[str, str], figures: dict[str, Any],
    counts: dict[str, int], *, seconds: float,
) -> dict[str, Any]:  # fmt: skip
    config = plan.config
    return {
        "format": "dermino.model_card/1",
        "name": f"DermINO {plan.name}",
        "identity": plan.identity,
        "synthetic": plan.synthetic,
        "warnings": card.warnings(config, synthetic=plan.synthetic, captions=model.captioner is not None),
        "datasets": plan.manifest.classes,
        "data": counts | {"left_out": plan.manifest.left_out, "sha256": plan.manifest.sha256},
        "parameters": {"encoder": _count(model.encoder), "all": _count(model)},
        "architecture": architecture_of(config).as_dict(),
        "training": {
            "method": config.method,
            "steps": config.training.steps,
            "batch": config.training.batch * distributed.ranks(),
            "seed": config.training.seed,
            "seconds": round(seconds, 1),
            "finished_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": platform.machine(),
            "torch": torch.__version__,
        },
        "losses": card.loss_fall(folder / "metrics.jsonl"),
        "figures": figures,
        "config": config.as_dict(),
        "code_sha256": code_sha256(),
        "files": files,
    }


def _count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())
