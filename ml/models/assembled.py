"""The finished model: one encoder, every head, and its folder on the disk.

A folder holds model.safetensors (all weights, float32), config.json (how to build the networks), tokenizer.json (with a
caption head) and model_card.json (what was measured, and the sha256 of the others).
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import nn

from ml.models import checkpoint
from ml.models.captioner import Captioner, CaptionerShape
from ml.models.heads import POOLS, LinearHead, MaskHead
from ml.models.vision_transformer import Architecture, VisionTransformer

FORMAT = "dermino.model/1"
WEIGHTS, CONFIG, TOKENIZER, CARD = "model.safetensors", "config.json", "tokenizer.json", "model_card.json"


class ModelRefused(ValueError):
    """The folder's files are not what its card says, or not of this form."""


@dataclass(frozen=True, slots=True)
class Blueprint:
    """What config.json says: enough to build the networks and to prepare an image."""

    architecture: Architecture
    datasets: dict[str, list[str]]
    mask_cells: int | None
    captioner: CaptionerShape | None

    def as_dict(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "architecture": self.architecture.as_dict(),
            "datasets": self.datasets,
            "mask_cells": self.mask_cells,
            "captioner": self.captioner and self.captioner.as_dict(),
        }

    @classmethod
    def of(cls, content: dict[str, Any]) -> "Blueprint":
        if content.get("format") != FORMAT:
            raise ModelRefused(f"config.json is of format {content.get('format')!r}; this version reads {FORMAT!r}.")
        shape = content["captioner"]
        return cls(
            Architecture(**content["architecture"]), content["datasets"], content["mask_cells"],
            CaptionerShape(**shape) if shape else None,
        )  # fmt: skip


class Assembled(nn.Module):
    """encoder, one linear head a data set (in the order of their names), scope head over data sets, mask, captioner."""

    def __init__(self, blueprint: Blueprint) -> None:
        super().__init__()
        width = blueprint.architecture.width
        self.blueprint = blueprint
        self.encoder = VisionTransformer(blueprint.architecture)
        self.diagnosis = nn.ModuleList(LinearHead(POOLS * width, len(labels)) for labels in blueprint.datasets.values())
        self.scope = LinearHead(POOLS * width, len(blueprint.datasets)) if len(blueprint.datasets) > 1 else None
        self.mask = MaskHead(width, cells=blueprint.mask_cells) if blueprint.mask_cells else None
        self.captioner = Captioner(blueprint.captioner) if blueprint.captioner else None


def write(folder: Path, model: Assembled, tokenizer: Tokenizer | None) -> dict[str, str]:
    """Write weights, config and tokenizer; returns the sha256 of each file by its name, for the card."""
    state = {name: t for name, t in model.state_dict().items() if name != "captioner.decoder.lm_head.weight"}
    checkpoint.save_tensors(folder / WEIGHTS, state)  # the head's words are the embedding's: one tensor, stored once
    checkpoint.write_json(folder / CONFIG, model.blueprint.as_dict())
    names = [WEIGHTS, CONFIG]
    if tokenizer is not None:
        tokenizer.save(str(folder / TOKENIZER))
        names.append(TOKENIZER)
    return {name: checkpoint.sha256_of(folder / name) for name in names}


def read_card(folder: Path) -> dict[str, Any]:
    """The model card. Raises ModelRefused where there is none."""
    if not (folder / CARD).exists():
        raise ModelRefused(f"{folder.name} holds no {CARD}: it is no finished model. Train or copy it again.")
    return json.loads((folder / CARD).read_text(encoding="utf-8"))


def read(folder: Path) -> tuple[Assembled, Tokenizer | None]:
    """Build the model from its folder. Raises ModelRefused where a file is missing or not the card's."""
    for name, expected in read_card(folder)["files"].items():
        if not (folder / name).exists():
            raise ModelRefused(f"{folder.name}/{name} is missing. Copy the whole folder again.")
        found = checkpoint.sha256_of(folder / name)
        if found != expected:
            raise ModelRefused(
                f"{folder.name}/{name} has sha256 {found[:12]}..., its card says {expected[:12]}...: the file was "
                "changed or damaged. Copy it again, or train and register the model anew."
            )
    blueprint = Blueprint.of(json.loads((folder / CONFIG).read_text(encoding="utf-8")))
    model = Assembled(blueprint)
    missing, unexpected = model.load_state_dict(load_file(folder / WEIGHTS), strict=False)
    if unexpected or set(missing) - {"captioner.decoder.lm_head.weight"}:
        raise ModelRefused(f"{folder.name}/{WEIGHTS} lacks {sorted(missing)} and holds unknown {sorted(unexpected)}.")
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER)) if blueprint.captioner else None
    return model.eval(), tokenizer
