"""The four losses of DermINO, pure and in float32. Weights live in the config, networks in module.py.

Shapes: B images, G = 2 global crops, L local crops, K prototypes of the head, D width, C diseases, M masked patches.
Batches of crops are crop-major: all first crops, then all second ones.
Sources: Caron et al. 2020 and 2021 (arXiv:2006.09882, 2104.14294), Zhou et al. 2022 (arXiv:2111.07832), Sablayrolles
et al. 2019 (arXiv:1806.03198), Oquab et al. 2023 (arXiv:2304.07193); knowledge loss: the DermINO paper, eq. 5 and 6.
"""

from typing import Literal

from torch import Tensor
from torch.nn import functional as F

from ml.pretraining import distributed
from ml.torch_ready import torch

STUDENT_TEMPERATURE = 0.1
Reduction = Literal["labelled", "batch"]


def sinkhorn(scores_BK: Tensor, temperature: float, iterations: int = 3) -> Tensor:
    """Teacher targets (B, K): rows sum to 1 and all prototypes are used alike over the rows of all ranks.

    The greatest score is taken off first, which changes nothing and keeps exp finite. Ranks may hold unequal rows.
    """
    logits_BK = scores_BK.float() / temperature
    top = logits_BK.max() if logits_BK.numel() else logits_BK.new_tensor(-torch.inf)
    q_BK = (logits_BK - distributed.maximum(top)).exp()
    rows = distributed.total(q_BK.new_tensor(float(len(q_BK))))
    prototypes = q_BK.shape[1]
    q_BK = q_BK / distributed.total(q_BK.sum())
    for _ in range(iterations):
        q_BK = q_BK / distributed.total(q_BK.sum(dim=0, keepdim=True)) / prototypes
        q_BK = q_BK / q_BK.sum(dim=1, keepdim=True) / rows
    return q_BK * rows


def image_loss(
    student_global_GBK: Tensor, student_local_LBK: Tensor | None, teacher_GBK: Tensor, *,
    temperature: float = STUDENT_TEMPERATURE,
) -> Tensor:  # fmt: skip
    """Cross-entropy of every student crop with every other view's teacher target, a mean over all such pairs.

    A local crop meets both targets at once: the two cross-entropies are linear in the target.
    """
    if len(teacher_GBK) != 2:
        raise ValueError(f"The image loss is defined for 2 global crops, not {len(teacher_GBK)}.")
    pairs = 2
    loss = cross_entropy(student_global_GBK, teacher_GBK.flip(0), temperature).mean(dim=1).sum()
    if student_local_LBK is not None and len(student_local_LBK):
        both_BK = teacher_GBK.sum(dim=0)
        loss = loss + cross_entropy(student_local_LBK, both_BK, temperature).mean(dim=1).sum()
        pairs += 2 * len(student_local_LBK)
    return loss / pairs


def patch_loss(
    student_MK: Tensor, teacher_MK: Tensor, weight_M: Tensor, crops: int, *, temperature: float = STUDENT_TEMPERATURE
) -> Tensor:
    """Cross-entropy at the masked patches. weight_M: 1 / masked patches of that crop; crops: all, unmasked ones too.

    No masked patch at all gives 0, still attached to the student, so that no rank waits for a gradient.
    """
    return (cross_entropy(student_MK, teacher_MK, temperature) * weight_M).sum() / crops


def koleo_loss(cls_BD: Tensor) -> Tensor:
    """Spread the class tokens of one crop apart: minus the mean log distance to the nearest other one."""
    if len(cls_BD) < 2:
        raise ValueError("KoLeo needs at least 2 images a rank: with one there is nothing to compare with.")
    with torch.autocast(cls_BD.device.type, enabled=False):  # close neighbours vanish in half precision
        x_BD = F.normalize(cls_BD.float(), dim=-1)
        nearest_B = (x_BD @ x_BD.T).detach().fill_diagonal_(-1).argmax(dim=1)
        return -(F.pairwise_distance(x_BD, x_BD[nearest_B], eps=1e-8) + 1e-8).log().mean()


def knowledge_loss(
    cls_BD: Tensor, prototypes_CD: Tensor, labels_BC: Tensor, known_BC: Tensor, *, reduction: Reduction = "labelled"
) -> Tensor:
    """Binary cross-entropy against disease prototypes, over the known entries of each crop.

    labels, known: 0 or 1. Crops of which nothing is known add nothing; the mean runs over the labelled crops of all
    ranks, or with "batch" over all crops. With ranks each returns its share times their number, so that the mean of
    the gradients is that of the whole batch.
    """
    logits_BC = cls_BD @ prototypes_CD.T
    known_BC = known_BC.to(logits_BC.dtype)
    each_BC = F.binary_cross_entropy_with_logits(logits_BC, labels_BC.to(logits_BC.dtype), reduction="none")
    known_B = known_BC.sum(dim=1)
    per_crop_B = (each_BC * known_BC).sum(dim=1) / known_B.clamp(min=1)
    counted = (known_B > 0).sum() if reduction == "labelled" else torch.tensor(len(known_B), device=known_B.device)
    everywhere = distributed.total(counted.to(logits_BC.dtype)).clamp(min=1)
    return per_crop_B.sum() * distributed.ranks() / everywhere


def cross_entropy(student_K: Tensor, target_K: Tensor, temperature: float) -> Tensor:
    """-sum_k target log softmax(student / temperature) over the last axis; targets need not sum to 1."""
    return -(target_K * F.log_softmax(student_K.float() / temperature, dim=-1)).sum(dim=-1)
