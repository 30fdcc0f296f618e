"""Encoders by name."""

from ml.models.vision_transformer import Architecture, VisionTransformer

ENCODERS: dict[str, Architecture] = {
    "vit_demo_patch16_96": Architecture(image_size=96, patch_size=16, width=192, depth=4, heads=3),
    "vit_small_patch16_224": Architecture(width=384, heads=6),
    "vit_base_patch16_224": Architecture(),
}


def architecture(name: str) -> Architecture:
    """Raises ValueError for an unknown name."""
    if name not in ENCODERS:
        raise ValueError(f"No encoder {name!r}. Known are {', '.join(ENCODERS)}.")
    return ENCODERS[name]


def build(name: str, *, drop_path: float = 0.0) -> VisionTransformer:
    """A new encoder with random weights."""
    return VisionTransformer(architecture(name), drop_path=drop_path)
