"""Fit the mask head on frozen patch tokens. Shapes: N images, P patches, D width, S mask side."""

from torch import Tensor
from torch.nn import functional as F

from ml.models.heads import MaskHead
from ml.torch_ready import torch


def fit_mask(patches_NPD: Tensor, masks_NSS: Tensor, *, cells: int, steps: int, batch: int, seed: int) -> MaskHead:
    """Cross-entropy plus soft Dice, AdamW with a cosine. masks: share of each cell that is lesion."""
    torch.manual_seed(seed)
    head = MaskHead(patches_NPD.shape[-1], cells=cells)
    optimiser = torch.optim.AdamW(head.parameters(), lr=3e-3, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(steps):
        chosen = torch.randint(len(patches_NPD), (batch,))
        scores, wanted = head(patches_NPD[chosen]), masks_NSS[chosen]
        share = torch.sigmoid(scores)
        overlap = 2 * (share * wanted).sum((1, 2)) / (share.sum((1, 2)) + wanted.sum((1, 2)) + 1e-6)
        loss = F.binary_cross_entropy_with_logits(scores, wanted) + (1 - overlap).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return head.eval()
