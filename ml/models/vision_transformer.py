"""The vision transformer of DINOv2: LayerScale, a mask token, positions that follow the image's size.

Parameter names are those of the official code, so that its weights load. Sources: Dosovitskiy et al. 2021
(arXiv:2010.11929), Oquab et al. 2023 (arXiv:2304.07193).
Shapes: B images, H x W pixels, N patches, T = N + 1 tokens, D width.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import NamedTuple

from torch import Tensor, nn
from torch.nn import functional as F

from ml.torch_ready import torch

INTERPOLATION_OFFSET = 0.1  # official training default: keeps the resampled grid from coming out one short by rounding


@dataclass(frozen=True, slots=True)
class Architecture:
    """What a vision transformer is made of; written into config.json."""

    image_size: int = 224  # side for which positions are learnt
    patch_size: int = 16
    width: int = 768
    depth: int = 12
    heads: int = 12
    layer_scale: float = 1e-5  # start value
    mlp_ratio: int = 4

    def __post_init__(self) -> None:
        if self.image_size % self.patch_size:
            raise ValueError(f"An image of {self.image_size} px has no whole number of {self.patch_size} px patches.")
        if self.width % self.heads:
            raise ValueError(f"Width {self.width} cannot be shared by {self.heads} heads.")

    @property
    def grid(self) -> int:
        return self.image_size // self.patch_size

    def as_dict(self) -> dict[str, int | float]:
        return asdict(self)


class Tokens(NamedTuple):
    """Encoder output after the final norm: cls_BD, patches_BND."""

    cls_BD: Tensor
    patches_BND: Tensor


class VisionTransformer(nn.Module):
    """Images (B, 3, H, W), normalised, H and W multiples of the patch size -> Tokens."""

    def __init__(self, architecture: Architecture, *, drop_path: float = 0.0) -> None:
        super().__init__()
        self.architecture = a = architecture
        self.patch_embed = PatchEmbedding(a.patch_size, a.width)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, a.width))
        self.pos_embed = nn.Parameter(torch.zeros(1, a.grid**2 + 1, a.width))
        self.mask_token = nn.Parameter(torch.zeros(1, a.width))
        self.blocks = nn.ModuleList(Block(a, drop_path) for _ in range(a.depth))
        self.norm = nn.LayerNorm(a.width, eps=1e-6)
        self._start_values()

    def forward(
        self, images_B3HW: Tensor, masks_BN: Tensor | None = None, *, generator: torch.Generator | None = None
    ) -> Tokens:
        """masks_BN: True where a patch is hidden from the encoder. generator: draws the stochastic depth."""
        x_BTD = self.embed(images_B3HW, masks_BN)
        for block in self.blocks:
            x_BTD = block(x_BTD, generator)
        x_BTD = self.norm(x_BTD)
        return Tokens(x_BTD[:, 0], x_BTD[:, 1:])

    def embed(self, images_B3HW: Tensor, masks_BN: Tensor | None) -> Tensor:
        """Class and patch tokens with their positions, (B, T, D)."""
        rows, columns = (side // self.architecture.patch_size for side in images_B3HW.shape[-2:])
        x_BND = self.patch_embed(images_B3HW)
        if masks_BN is not None:
            x_BND = torch.where(masks_BN[..., None], self.mask_token.to(x_BND.dtype), x_BND)
        x_BTD = torch.cat([self.cls_token.expand(len(x_BND), -1, -1), x_BND], dim=1)
        return x_BTD + self.positions(rows, columns)

    def positions(self, rows: int, columns: int) -> Tensor:
        """The learnt position table resampled to rows x columns patches, (1, T, D)."""
        grid, width = self.architecture.grid, self.architecture.width
        if (rows, columns) == (grid, grid):
            return self.pos_embed
        table_1DGG = self.pos_embed[:, 1:].reshape(1, grid, grid, width).permute(0, 3, 1, 2)
        factors = ((rows + INTERPOLATION_OFFSET) / grid, (columns + INTERPOLATION_OFFSET) / grid)
        resampled = F.interpolate(table_1DGG, scale_factor=factors, mode="bicubic")
        if resampled.shape[-2:] != (rows, columns):
            raise ValueError(f"Positions came out as {tuple(resampled.shape[-2:])}, wanted {(rows, columns)}.")
        return torch.cat([self.pos_embed[:, :1], resampled.flatten(2).transpose(1, 2)], dim=1)

    def _start_values(self) -> None:
        spread = 0.02 * (768 / self.architecture.width) ** 0.5  # the gain of ViT-B, for which 0.02 was chosen
        nn.init.normal_(self.cls_token, std=1e-6)
        nn.init.trunc_normal_(self.pos_embed, std=0.02)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.trunc_normal_(module.weight, std=spread)
                nn.init.zeros_(module.bias)


class PatchEmbedding(nn.Module):
    """Cuts an image into patches and projects each: (B, 3, H, W) -> (B, N, D)."""

    def __init__(self, patch_size: int, width: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(3, width, patch_size, patch_size)

    def forward(self, images_B3HW: Tensor) -> Tensor:
        return self.proj(images_B3HW).flatten(2).transpose(1, 2)


class Block(nn.Module):
    """Attention and MLP, each a residual branch with LayerScale and stochastic depth."""

    def __init__(self, a: Architecture, drop_path: float) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(a.width, eps=1e-6)
        self.attn = Attention(a.width, a.heads)
        self.ls1 = LayerScale(a.width, a.layer_scale)
        self.norm2 = nn.LayerNorm(a.width, eps=1e-6)
        self.mlp = Mlp(a.width, a.mlp_ratio * a.width)
        self.ls2 = LayerScale(a.width, a.layer_scale)
        self.drop_path = drop_path

    def forward(self, x_BTD: Tensor, generator: torch.Generator | None = None) -> Tensor:
        if self.training and self.drop_path > 0:
            x_BTD = self._drop(x_BTD, self._attend, self._order(x_BTD, generator))
            return self._drop(x_BTD, self._think, self._order(x_BTD, generator))
        x_BTD = x_BTD + self._attend(x_BTD)
        return x_BTD + self._think(x_BTD)

    def drop(self, x_BTD: Tensor, attention_order_B: Tensor, mlp_order_B: Tensor) -> Tensor:
        """Stochastic depth by batch subset, with given orders: the first of each are kept."""
        x_BTD = self._drop(x_BTD, self._attend, attention_order_B)
        return self._drop(x_BTD, self._think, mlp_order_B)

    def _attend(self, x_BTD: Tensor) -> Tensor:
        return self.ls1(self.attn(self.norm1(x_BTD)))

    def _think(self, x_BTD: Tensor) -> Tensor:
        return self.ls2(self.mlp(self.norm2(x_BTD)))

    def _order(self, x_BTD: Tensor, generator: torch.Generator | None) -> Tensor:
        return torch.randperm(len(x_BTD), generator=generator).to(x_BTD.device)

    def _drop(self, x_BTD: Tensor, branch: Callable[[Tensor], Tensor], order_B: Tensor) -> Tensor:
        """Run the branch on a part of the batch only and scale it up: the others' time is really saved."""
        kept = max(int(len(x_BTD) * (1 - self.drop_path)), 1)
        chosen = order_B[:kept]
        return x_BTD.index_add(0, chosen, branch(x_BTD[chosen]), alpha=len(x_BTD) / kept)


class Attention(nn.Module):
    """Multi-head self-attention."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x_BTD: Tensor) -> Tensor:
        b, t, d = x_BTD.shape
        q, k, v = self.qkv(x_BTD).reshape(b, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        return self.proj(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, t, d))


class Mlp(nn.Module):
    """Two layers with an exact GELU between."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(width, hidden)
        self.fc2 = nn.Linear(hidden, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(F.gelu(self.fc1(x)))


class LayerScale(nn.Module):
    """A learnt factor a feature, small at the start. Source: Touvron et al. 2021, arXiv:2103.17239."""

    def __init__(self, width: int, start: float) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.full((width,), start))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.gamma
