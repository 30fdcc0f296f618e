"""Train a model from a config file: the one function that commands call. Imports torch only when it trains."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ml
from ml.data.manifest import Layout, Manifest, read_manifest
from ml.data.synthetic import evenly, write_folder
from ml.pretraining.config import Config, read_config

Say = Callable[[str], object]
SYNTHETIC = "-synthetic"  # how the names of drawn data sets end (ml/data/looks.py), whoever had them drawn


DRAWN_FOR_TRAINING = 1_000_000  # no study draws its images from these seeds: none is both learnt and asked


@dataclass(frozen=True, slots=True)
class Overrides:
    """The images to learn from, when they are not to be drawn. exclude: sha256 (hex) of files never to learn from."""

    manifest: Path | None = None
    layout: Layout = field(default_factory=Layout)
    exclude: frozenset[str] = frozenset()
    exclude_fingerprints: frozenset[bytes] = frozenset()


@dataclass(frozen=True, slots=True)
class Trained:
    """A finished model's folder and card; card is None after a dry run. reused: it was there already."""

    folder: Path
    card: dict[str, Any] | None
    reused: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """A run made ready: what is trained on what, and the mark by which a finished model is known again."""

    config: Config
    manifest: Manifest
    synthetic: bool
    identity: str
    name: str


def train(
    config: Path, *, output: Path, resume: bool = False, dry_run: bool = False, overrides: Overrides | None = None,
    say: Say = print,
) -> Trained:  # fmt: skip
    """Pretrain, fit the heads, measure and write the model's folder; a finished model of the same run is reused.

    Raises BadConfig, BadManifest, Diverged, ResumeRefused, and Interrupted after SIGTERM once all is saved.
    """
    settings, overrides = read_config(config), overrides or Overrides()
    if overrides.manifest is None and not dry_run:
        early = identity_of(settings, _synthetic_mark(settings))
        if (card := finished(output, early)) is not None:
            say(f"{output} already holds this model.")
            return Trained(output, card, reused=True)
    with _ranks():
        return _train(settings, config.stem, output, overrides, resume=resume, dry_run=dry_run, say=say)


def _train(
    settings: Config, name: str, output: Path, overrides: Overrides, *, resume: bool, dry_run: bool, say: Say
) -> Trained:
    plan = prepare(settings, output, overrides, name=name, say=say)
    if (card := finished(output, plan.identity)) is not None and not dry_run:
        say(f"{output} already holds this model.")
        return Trained(output, card, reused=True)
    from ml.pretraining import job  # torch, only now

    if dry_run:
        say(job.outlook(plan))
        return Trained(output, None)
    return Trained(output, job.run(plan, output, resume=resume, say=say))


def prepare(settings: Config, output: Path, overrides: Overrides, *, name: str, say: Say = print) -> Plan:
    """Read or draw the images. Raises BadManifest."""
    if overrides.manifest is not None:
        manifest = read_manifest(
            overrides.manifest, overrides.layout,
            exclude=overrides.exclude, exclude_fingerprints=overrides.exclude_fingerprints,
        )  # fmt: skip
        drawn = all(dataset.endswith(SYNTHETIC) for dataset in manifest.classes)
        return Plan(settings, manifest, drawn, identity_of(settings, manifest.sha256), name)
    folder = output / "synthetic"
    if int(os.environ.get("RANK", 0)) == 0:
        _draw(folder, settings, say)
    _everybody_here()
    manifest = read_manifest(folder / "cases.csv", exclude_fingerprints=overrides.exclude_fingerprints)
    return Plan(settings, manifest, True, identity_of(settings, _synthetic_mark(settings)), name)


def finished(folder: Path, identity: str) -> dict[str, Any] | None:
    """The card in `folder` if it is of this very run and its weights are whole; else None."""
    card = folder / "model_card.json"
    if not card.exists():
        return None
    content: dict[str, Any] = json.loads(card.read_text(encoding="utf-8"))
    if content.get("identity") != identity:
        return None
    for name, sha256 in content["files"].items():
        path = folder / name
        if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
            return None
    return content


def identity_of(settings: Config, data: str) -> str:
    """One mark for settings, images and code: whatever changes one of them makes another model."""
    return hashlib.sha256(f"{settings.sha256} {data} {code_sha256()}".encode()).hexdigest()


def code_sha256() -> str:
    """Of every Python file of `ml` that takes part in training."""
    root, digest = Path(ml.__path__[0]), hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        if "serving" not in path.parts:
            digest.update(str(path.relative_to(root)).encode() + path.read_bytes())
    return digest.hexdigest()


def _draw(folder: Path, settings: Config, say: Say) -> None:
    """Draw the config's images, unless they lie there from the same settings."""
    mark = folder / "drawn_as.txt"
    if mark.exists() and mark.read_text() == _synthetic_mark(settings):
        return
    say(f"Drawing {settings.data.synthetic} synthetic images ...")
    shutil.rmtree(folder, ignore_errors=True)
    seed = DRAWN_FOR_TRAINING + settings.training.seed
    write_folder(folder, evenly(settings.data.synthetic), seed, settings.data.synthetic_side)
    mark.write_text(_synthetic_mark(settings))


@contextmanager
def _ranks() -> Iterator[None]:
    """Join the other processes, where torchrun started several."""
    if "RANK" not in os.environ:
        yield
        return
    from ml.pretraining import distributed  # torch

    distributed.join()
    try:
        yield
    finally:
        distributed.leave()


def _everybody_here() -> None:
    """Wait until every process came this far."""
    if "RANK" in os.environ:
        from ml.pretraining import distributed  # torch

        distributed.total(distributed.torch.zeros(1))


def _synthetic_mark(settings: Config) -> str:
    return f"synthetic {settings.data.synthetic} {settings.data.synthetic_side} {settings.training.seed}"
