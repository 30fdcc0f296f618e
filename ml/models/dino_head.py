"""The projection head of DINOv2. Sources: Caron et al. 2021 (arXiv:2104.14294), Oquab et al. 2023 (2304.07193)."""

from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils import parametrizations

from ml.torch_ready import torch


class DinoHead(nn.Module):
    """Tokens (B, D) -> prototype scores (B, K): MLP, unit bottleneck row, weight-normed linear layer without bias."""

    def __init__(self, width: int, prototypes: int, *, hidden: int = 2048, bottleneck: int = 256) -> None:
        super().__init__()
        self.mlp = nn.Sequential(
            nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, hidden), nn.GELU(), nn.Linear(hidden, bottleneck)
        )
        for layer in self.mlp:
            if isinstance(layer, nn.Linear):
                nn.init.trunc_normal_(layer.weight, std=0.02)
                nn.init.zeros_(layer.bias)
        last = nn.Linear(bottleneck, prototypes, bias=False)
        # the parametrisation, not the old hook: a module with that one cannot be copied deeply
        self.last_layer = parametrizations.weight_norm(last)
        with torch.no_grad():
            self.last_layer.parametrizations.weight.original0.fill_(1.0)

    def forward(self, x_BD: Tensor) -> Tensor:
        return self.last_layer(F.normalize(self.mlp(x_BD), dim=-1, eps=1e-12))
