"""From stored images to the views of one step. Every draw comes from (seed, epoch, image), never from a worker's state.

Shapes: B images, S stored side, V = 2 + L views of an image, N patches of a global crop, C diseases.
Augmentation: DINOv2's (arXiv:2304.07193), batched: bicubic crops from the stored square; brightness, contrast,
saturation and hue in this order (hue as a turn in YIQ space); grey, blur, solarisation, ImageNet normalisation.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from ml.data.sampler import sample_rng, step_batch
from ml.models.pixels import from_bytes, normalised
from ml.pretraining.config import Config, Crops
from ml.pretraining.masking import draw_masks
from ml.torch_ready import torch

DRAWS = 14  # uniform numbers that decide one view
BLUR_TAPS = 9
GREY = (0.299, 0.587, 0.114)
TO_YIQ = torch.tensor([[0.299, 0.587, 0.114], [0.5959, -0.2746, -0.3213], [0.2115, -0.5227, 0.3112]])


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """One step's input of one rank; crops are crop-major."""

    global_2B: Tensor
    local_LB: Tensor
    masks_2BN: Tensor
    mask_index_M: Tensor
    mask_weight_M: Tensor
    labels_BC: Tensor
    known_BC: Tensor


def batches(
    images_NSS3: NDArray[np.uint8], labels_NC: Tensor, known_NC: Tensor, config: Config, *,
    start: int, rank: int = 0, ranks: int = 1,
) -> Iterator[Batch]:  # fmt: skip
    """Endless batches from step `start` on; the same from every start."""
    seed, size = config.training.seed, config.training.batch
    grid, step = config.crops.global_size // config.encoder.patch_size, start
    while True:
        index_B, epoch_B = step_batch(len(images_NSS3), size, seed=seed, step=step, rank=rank, ranks=ranks)
        views = 2 + config.crops.locals
        rngs = [sample_rng(seed, int(e), int(i)) for i, e in zip(index_B, epoch_B, strict=True)]
        draws_BVU = np.stack([rng.random((views, DRAWS), dtype=np.float32) for rng in rngs])
        global_2B, local_LB = views_of(
            torch.from_numpy(images_NSS3[index_B]), torch.from_numpy(draws_BVU), config.crops
        )
        rng = np.random.default_rng([seed, step, rank, 1])
        masks = draw_masks(rng, 2 * size, grid, share=config.masking.share, ratios=config.masking.ratios)
        yield Batch(
            global_2B, local_LB,
            torch.from_numpy(masks.masks_CN), torch.from_numpy(masks.index_M), torch.from_numpy(masks.weight_M),
            labels_NC[index_B], known_NC[index_B],
        )  # fmt: skip
        step += 1


def views_of(images_BSS3: Tensor, draws_BVU: Tensor, crops: Crops) -> tuple[Tensor, Tensor]:
    """(2B, 3, g, g) global and (LB, 3, l, l) local crops of uint8 images, decided by uniform numbers."""
    x_B3SS = from_bytes(images_BSS3)
    views = []
    for view in range(draws_BVU.shape[1]):
        draws_UB = draws_BVU[:, view].T
        is_global = view < 2
        scale = crops.global_scale if is_global else crops.local_scale
        size = crops.global_size if is_global else crops.local_size
        x = random_crop(x_B3SS, draws_UB, scale, size, turns=crops.turns)
        x = recoloured(x, draws_UB[5:11], crops)
        x = blurred(x, draws_UB[11], draws_UB[12], crops.blur_shares[min(view, 2)])
        if view == 1 and crops.solarise_share:
            chosen_B = (draws_UB[13] < crops.solarise_share)[:, None, None, None]
            x = torch.where(chosen_B & (x >= 0.5), 1 - x, x)
        views.append(normalised(x))
    return torch.cat(views[:2]), torch.cat(views[2:]) if len(views) > 2 else views[0][:0]


def random_crop(x_B3SS: Tensor, draws_UB: Tensor, scale: tuple[float, float], size: int, *, turns: bool) -> Tensor:
    """One box an image: area within `scale` of the whole, sides 3:4 to 4:3, mirrored by half; from draws 0-4."""
    area_B = scale[0] + (scale[1] - scale[0]) * draws_UB[0]
    ratio_B = ((2 * draws_UB[1] - 1) * math.log(4 / 3)).exp()
    width_B, height_B = ((area_B * r).sqrt().clamp(max=1) for r in (ratio_B, 1 / ratio_B))
    x_B, y_B = ((1 - side) * (2 * draw - 1) for side, draw in ((width_B, draws_UB[2]), (height_B, draws_UB[3])))
    eighth_B = (draws_UB[4] * 8).long()  # one of the eight turns and mirrorings of a square
    mirror_B = torch.where(eighth_B % 2 == 1, -1.0, 1.0)
    quarter_B = (eighth_B // 2 if turns else torch.zeros_like(eighth_B)) * (math.pi / 2)
    cos_B, sin_B = quarter_B.cos(), quarter_B.sin()
    rows = (width_B * mirror_B * cos_B, -width_B * sin_B, x_B, height_B * mirror_B * sin_B, height_B * cos_B, y_B)
    grid = F.affine_grid(torch.stack(rows, dim=1).view(-1, 2, 3), [len(x_B3SS), 3, size, size], align_corners=False)
    return F.grid_sample(x_B3SS, grid, mode="bicubic", padding_mode="reflection", align_corners=False).clamp(0, 1)


def recoloured(x_B3HW: Tensor, draws_UB: Tensor, crops: Crops) -> Tensor:
    """Jitter with its share, then grey with its share; draws: one choice, four strengths, one choice."""
    strength_4B = torch.where(draws_UB[0] < crops.jitter_share, 2 * draws_UB[1:5] - 1, 0.0)
    brightness_B, contrast_B, saturation_B = (
        (1 + strength * limit).view(-1, 1, 1, 1)
        for strength, limit in zip(strength_4B[:3], crops.jitter[:3], strict=True)
    )
    x = (x_B3HW * brightness_B).clamp(0, 1)
    grey_3 = torch.tensor(GREY, device=x.device).view(1, 3, 1, 1)
    mean_B = (x * grey_3).sum(1, keepdim=True).mean((2, 3), keepdim=True)
    x = (mean_B + (x - mean_B) * contrast_B).clamp(0, 1)
    turn_B33 = _saturation_and_hue(saturation_B.view(-1), strength_4B[3] * crops.jitter[3] * 2 * math.pi)
    to_grey_33 = torch.tensor(GREY, device=x.device).expand(3, 3)
    turn_B33 = torch.where((draws_UB[5] < crops.grey_share)[:, None, None], to_grey_33, turn_B33)
    return torch.bmm(turn_B33, x.flatten(2)).view_as(x).clamp(0, 1)


def blurred(x_B3HW: Tensor, choice_B: Tensor, width_B: Tensor, share: float) -> Tensor:
    """Gaussian blur of deviation 0.1 to 2 pixels for a share of the images."""
    chosen_C = torch.nonzero(choice_B < share)[:, 0]
    if not len(chosen_C):
        return x_B3HW
    sigma_C1 = 0.1 + 1.9 * width_B[chosen_C, None]
    offsets = torch.arange(BLUR_TAPS, dtype=torch.float32) - BLUR_TAPS // 2
    taps_CT = torch.softmax(-(offsets**2) / (2 * sigma_C1**2), dim=1).repeat_interleave(3, dim=0)
    x = x_B3HW[chosen_C].flatten(0, 1)[None]
    half = BLUR_TAPS // 2
    for shape, pad in (((1, BLUR_TAPS), (half, half, 0, 0)), ((BLUR_TAPS, 1), (0, 0, half, half))):
        x = F.conv2d(F.pad(x, pad, mode="reflect"), taps_CT.view(-1, 1, *shape), groups=x.shape[1])
    return x_B3HW.index_copy(0, chosen_C, x[0].unflatten(0, (-1, 3)))


def _saturation_and_hue(saturation_B: Tensor, angle_B: Tensor) -> Tensor:
    """One colour matrix an image (B, 3, 3): chroma scaled and turned, luma kept."""
    cos_B, sin_B = angle_B.cos() * saturation_B, angle_B.sin() * saturation_B
    zero_B, one_B = torch.zeros_like(cos_B), torch.ones_like(cos_B)
    rows = (one_B, zero_B, zero_B, zero_B, cos_B, -sin_B, zero_B, sin_B, cos_B)
    turn_B33 = torch.stack(rows, dim=1).view(-1, 3, 3)
    return torch.linalg.inv(TO_YIQ) @ turn_B33 @ TO_YIQ
