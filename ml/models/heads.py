"""Small heads on a frozen encoder. Shapes: B images, N patches, D width, C classes, F features."""

from torch import Tensor, nn
from torch.nn import functional as F

from ml.models.vision_transformer import Tokens
from ml.torch_ready import torch

POOLS = 2


def pooled(tokens: Tokens) -> Tensor:
    """What the linear heads see, as in DINOv2's probes: class token and mean patch token, (B, F = 2 D)."""
    return torch.cat([tokens.cls_BD, tokens.patches_BND.mean(dim=1)], dim=1)


class LinearHead(nn.Module):
    """Features (B, F) -> calibrated probabilities (B, C): softmax of the scores over one temperature."""

    temperature: Tensor

    def __init__(self, features: int, classes: int) -> None:
        super().__init__()
        self.linear = nn.Linear(features, classes)
        self.register_buffer("temperature", torch.ones(()))

    def forward(self, features_BF: Tensor) -> Tensor:
        return torch.softmax(self.linear(features_BF) / self.temperature, dim=-1)


class MaskHead(nn.Module):
    """Patch tokens (B, N, D) of a square grid -> lesion scores (B, S, S), S = grid side x cells; above 0 is lesion."""

    def __init__(self, width: int, *, hidden: int = 64, cells: int = 4) -> None:
        super().__init__()
        self.reduce = nn.Conv2d(width, hidden, 1)
        self.mix = nn.Conv2d(hidden, hidden, 3, padding=1)
        self.expand = nn.Conv2d(hidden, cells**2, 1)
        self.smooth = nn.Conv2d(1, 1, 3, padding=1, padding_mode="replicate", bias=False)
        self.cells = cells
        with torch.no_grad():
            self.smooth.weight.fill_(1 / 9)

    def forward(self, patches_BND: Tensor) -> Tensor:
        side = round(patches_BND.shape[1] ** 0.5)
        x = F.gelu(self.reduce(patches_BND.transpose(1, 2).unflatten(2, (side, side))))
        x = F.pixel_shuffle(self.expand(F.gelu(self.mix(x))), self.cells)
        return self.smooth(x)[:, 0]
