"""Sums and maxima over all ranks; on one process, the values themselves. Started by torchrun, with gloo or NCCL."""

import os
from collections.abc import Iterable

import torch.distributed as dist
from torch import Tensor, nn

from ml.torch_ready import torch


def join() -> None:
    """Join the process group when torchrun started this process."""
    if "RANK" in os.environ and not dist.is_initialized():
        dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")


def leave() -> None:
    """Leave the process group, if any."""
    if dist.is_initialized():
        dist.destroy_process_group()


def ranks() -> int:
    """Number of processes that train together."""
    return dist.get_world_size() if dist.is_initialized() else 1


def rank() -> int:
    """This process among them, from 0."""
    return dist.get_rank() if dist.is_initialized() else 0


def total(value: Tensor) -> Tensor:
    """The sum over all ranks, without gradient."""
    return _reduced(value, dist.ReduceOp.SUM)


def maximum(value: Tensor) -> Tensor:
    """The greatest over all ranks, without gradient."""
    return _reduced(value, dist.ReduceOp.MAX)


def average_gradients(modules: Iterable[nn.Module]) -> None:
    """Make every rank hold the mean of all ranks' gradients; one message for all parameters."""
    if ranks() == 1:
        return
    wanted = [p for module in modules for p in module.parameters() if p.requires_grad]
    flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).reshape(-1) for p in wanted])
    dist.all_reduce(flat)
    flat /= ranks()
    for p, part in zip(wanted, flat.split([p.numel() for p in wanted]), strict=True):
        p.grad = part.view_as(p)


def _reduced(value: Tensor, operation: dist.ReduceOp.RedOpType) -> Tensor:
    if ranks() == 1:
        return value.detach()
    value = value.detach().clone()
    dist.all_reduce(value, op=operation)
    return value
