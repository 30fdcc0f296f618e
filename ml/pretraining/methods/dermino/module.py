"""The networks of DermINO and one forward pass through its hybrid loss.

Shapes: B images, L local crops, D width, K prototypes of the heads, C diseases, M masked patches.
Source: the DermINO paper, section 4.1; the step follows DINOv2's published code (see docs/model.md).
"""

import copy
from collections.abc import Iterator, Sequence

from torch import Tensor, nn

from ml.models.dino_head import DinoHead
from ml.models.vision_transformer import Architecture, VisionTransformer
from ml.pretraining import distributed, ema
from ml.pretraining.config import Config
from ml.pretraining.methods.dermino.crops import Batch
from ml.pretraining.methods.dermino.loss import image_loss, knowledge_loss, koleo_loss, patch_loss, sinkhorn
from ml.pretraining.optimiser import Factors, encoder_factors, head_factors
from ml.pretraining.schedules import Cosine
from ml.torch_ready import torch


class Dermino(nn.Module):
    """Student, teacher and disease prototypes."""

    def __init__(self, config: Config, diseases: int) -> None:
        super().__init__()
        self.config = config
        generator_state = torch.random.get_rng_state()
        torch.manual_seed(config.training.seed)
        self.student = nn.ModuleDict(_networks(config))
        self.teacher = copy.deepcopy(self.student).requires_grad_(False).eval()
        self.prototypes_CD = nn.Parameter(
            prototype_rows(diseases, config.encoder.width, norm=config.prototypes.norm, seed=config.training.seed),
            requires_grad=config.prototypes.trainable,
        )
        torch.random.set_rng_state(generator_state)
        t, steps = config.teacher, config.training.steps
        self._momentum = Cosine(t.momentum, t.final_momentum, steps)
        self._temperature = Cosine(
            t.final_temperature,
            t.final_temperature,
            t.temperature_warmup_steps,
            t.temperature_warmup_steps,
            t.temperature,
        )

    def forward(self, batch: Batch, step: int) -> dict[str, Tensor]:
        """The weighted losses of one step, by name."""
        weights = self.config.loss
        images = len(batch.labels_BC)
        target_2BK, target_MK = self._targets(batch, self._temperature(step))
        encoder = self.student["encoder"]
        generator = torch.Generator().manual_seed(
            (self.config.training.seed * 1_000_003 + step) * 4096 + distributed.rank()
        )
        seen = encoder(batch.global_2B, batch.masks_2BN, generator=generator)
        local_LBK = None
        if len(batch.local_LB):
            local_cls = encoder(batch.local_LB, generator=generator).cls_BD
            local_LBK = self.student["image_head"](local_cls).unflatten(0, (-1, images))
        global_2BK = self.student["image_head"](seen.cls_BD).unflatten(0, (2, images))
        hidden_MD = seen.patches_BND.flatten(0, 1)[batch.mask_index_M]
        patch_MK = self.student["patch_head"](hidden_MD)
        losses = {
            "image": weights.image * image_loss(global_2BK, local_LBK, target_2BK.unflatten(0, (2, images))),
            "patch": weights.patch * patch_loss(patch_MK, target_MK, batch.mask_weight_M, 2 * images),
            "knowledge": weights.knowledge
            * knowledge_loss(
                seen.cls_BD, self.prototypes_CD, batch.labels_BC.repeat(2, 1), batch.known_BC.repeat(2, 1),
                reduction=weights.reduction,
            ),
        }  # fmt: skip
        if weights.koleo:
            first, second = (koleo_loss(crop_BD) for crop_BD in seen.cls_BD.chunk(2))
            losses["koleo"] = weights.koleo * (first + second)
        return losses

    def update_teacher(self, step: int) -> None:
        """After the student moved."""
        ema.update(self.teacher, self.student, self._momentum(step))

    def clipped_parts(self) -> Sequence[nn.Module]:
        """Parts whose gradients are clipped each by itself."""
        return [*self.student.values(), nn.ParameterList([self.prototypes_CD])]

    def factors(self) -> Iterator[tuple[nn.Parameter, Factors]]:
        """Every trained parameter with its learning rate and decay factors."""
        for name, parameter in self.student["encoder"].named_parameters():
            yield parameter, encoder_factors(name, self.config.encoder.depth, self.config.optimiser)
        for head in ("image_head", "patch_head"):
            for name, parameter in self.student[head].named_parameters():
                yield parameter, head_factors(name)
        if self.prototypes_CD.requires_grad:
            yield self.prototypes_CD, Factors(1.0, 0.0, last_layer=False)  # decay would pull the anchors away

    @torch.no_grad()
    def _targets(self, batch: Batch, temperature: float) -> tuple[Tensor, Tensor]:
        """Teacher targets of both global crops and of the masked patches; it sees the crops unmasked."""
        seen = self.teacher["encoder"](batch.global_2B)
        target_2BK = sinkhorn(self.teacher["image_head"](seen.cls_BD), temperature)
        hidden_MD = seen.patches_BND.flatten(0, 1)[batch.mask_index_M]
        return target_2BK, sinkhorn(self.teacher["patch_head"](hidden_MD), temperature)


def architecture_of(config: Config) -> Architecture:
    """The encoder that a config describes."""
    e = config.encoder
    return Architecture(
        image_size=config.crops.global_size, patch_size=e.patch_size, width=e.width, depth=e.depth, heads=e.heads,
        layer_scale=e.layer_scale,
    )  # fmt: skip


def prototype_rows(diseases: int, width: int, *, norm: float, seed: int) -> Tensor:
    """(C, D) random directions of one length: stand-ins for text embeddings of the disease names."""
    rows = torch.randn(diseases, width, generator=torch.Generator().manual_seed(seed))
    return norm * nn.functional.normalize(rows, dim=1)


def _networks(config: Config) -> dict[str, nn.Module]:
    """Encoder and separate heads for image and patch loss."""
    size = {"hidden": config.head.hidden, "bottleneck": config.head.bottleneck}
    return {
        "encoder": VisionTransformer(architecture_of(config), drop_path=config.encoder.drop_path),
        "image_head": DinoHead(config.encoder.width, config.head.prototypes, **size),
        "patch_head": DinoHead(config.encoder.width, config.head.prototypes, **size),
    }
