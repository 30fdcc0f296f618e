"""The teacher: a moving average of the student's weights."""

from torch import Tensor, nn

from ml.torch_ready import torch


@torch.no_grad()
def update(teacher: nn.Module, student: nn.Module, momentum: float) -> None:
    """teacher <- momentum teacher + (1 - momentum) student, parameter by parameter. Both must be built alike."""
    old: list[Tensor] = [*teacher.parameters()]
    new: list[Tensor] = [*student.parameters()]
    if [p.shape for p in old] != [p.shape for p in new]:
        raise ValueError("Teacher and student differ in their parameters: build both from one architecture.")
    torch._foreach_mul_(old, momentum)
    torch._foreach_add_(old, new, alpha=1 - momentum)
