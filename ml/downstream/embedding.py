"""Tokens of many images from a frozen encoder. Shapes: N images, P patches, D width, S side, E features."""

import numpy as np
from numpy.typing import NDArray

from ml.models.pixels import from_bytes, normalised
from ml.models.vision_transformer import Tokens, VisionTransformer
from ml.torch_ready import torch

HISTOGRAM_BINS = 8  # a channel


@torch.inference_mode()
def encode(encoder: VisionTransformer, images_NSS3: NDArray[np.uint8], *, batch: int = 64) -> Tokens:
    """cls (N, D) and patches (N, P, D) of uint8 images that already have the encoder's size."""
    encoder.eval()
    parts = []
    for start in range(0, len(images_NSS3), batch):
        x_B3SS = from_bytes(torch.from_numpy(images_NSS3[start : start + batch]))
        parts.append(encoder(normalised(x_B3SS)))
    return Tokens(torch.cat([p.cls_BD for p in parts]), torch.cat([p.patches_BND for p in parts]))


def colour_histogram(images_NSS3: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Square roots of the shares of 8 x 8 x 8 colours, (N, 512): what an image shows without any form."""
    cells = (images_NSS3 // (256 // HISTOGRAM_BINS)).astype(np.int64)
    colour_NM = (cells @ np.array([HISTOGRAM_BINS**2, HISTOGRAM_BINS, 1])).reshape(len(images_NSS3), -1)
    counts = np.stack([np.bincount(row, minlength=HISTOGRAM_BINS**3) for row in colour_NM])
    return np.sqrt(counts / counts.sum(axis=1, keepdims=True)).astype(np.float32)
