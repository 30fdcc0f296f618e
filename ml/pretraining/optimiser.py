"""AdamW with one group of parameters for each pair of learning rate and weight decay factors.

Rules of DINOv2 (arXiv:2304.07193): the rate falls by `layer_decay` a block towards the input; the patch projection is
slower still; biases, norms and LayerScale are not decayed; the last layer of a head stands still at first.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from torch import nn

from ml.pretraining.config import Optimiser
from ml.torch_ready import torch

PART_OF_INPUT = ("cls_token", "pos_embed", "mask_token", "patch_embed")


@dataclass(frozen=True, slots=True)
class Factors:
    """Of one parameter, relative to the schedules' values."""

    rate: float
    decay: float
    last_layer: bool


def encoder_factors(name: str, depth: int, settings: Optimiser) -> Factors:
    """For a parameter of the vision transformer, by its name."""
    block = re.match(r"blocks\.(\d+)\.", name)
    layer = 0 if name.startswith(PART_OF_INPUT) else int(block[1]) + 1 if block else depth + 1
    rate = settings.layer_decay ** (depth + 1 - layer)
    if name.startswith("patch_embed"):
        rate *= settings.patch_embed_factor
    undecayed = name.endswith("bias") or "norm" in name or "gamma" in name
    return Factors(rate, 0.0 if undecayed else 1.0, last_layer=False)


def head_factors(name: str) -> Factors:
    """For a parameter of a projection head."""
    return Factors(1.0, 0.0 if name.endswith("bias") else 1.0, last_layer="last_layer" in name)


def build_optimiser(named: Iterable[tuple[nn.Parameter, Factors]]) -> torch.optim.AdamW:
    """Groups carry `factors`, by which `set_rates` sets them each step."""
    groups: dict[Factors, list[nn.Parameter]] = {}
    for parameter, factors in named:
        groups.setdefault(factors, []).append(parameter)
    listed = [{"params": parameters, "factors": factors} for factors, parameters in groups.items()]
    return torch.optim.AdamW(listed, lr=0.0, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0)


def set_rates(optimiser: torch.optim.Optimizer, *, rate: float, last_layer_rate: float, decay: float) -> None:
    """Give every group this step's values."""
    for group in optimiser.param_groups:
        factors: Factors = group["factors"]
        group["lr"] = factors.rate * (last_layer_rate if factors.last_layer else rate)
        group["weight_decay"] = factors.decay * decay
