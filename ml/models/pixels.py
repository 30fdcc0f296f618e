"""From pixels to what an encoder takes. Shapes: B images, H x W pixels."""

from torch import Tensor

from ml.torch_ready import torch

MEAN = (0.485, 0.456, 0.406)  # ImageNet: red, green, blue
DEVIATION = (0.229, 0.224, 0.225)


def from_bytes(images_BHW3: Tensor) -> Tensor:
    """uint8 images (B, H, W, 3) as colours 0-1, (B, 3, H, W)."""
    return images_BHW3.permute(0, 3, 1, 2).float() / 255


def normalised(x_B3HW: Tensor) -> Tensor:
    """Colours 0-1 on the encoder's scale."""
    mean, deviation = (torch.tensor(v, device=x_B3HW.device).view(3, 1, 1) for v in (MEAN, DEVIATION))
    return (x_B3HW - mean) / deviation
