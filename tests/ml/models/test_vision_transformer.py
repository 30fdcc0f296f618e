import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from ml.models import registry
from ml.models.vision_transformer import Architecture, Block, VisionTransformer
from tests.ml.golden import GRADIENTS, VALUES, load


def golden_encoder(z):
    state = {key.removeprefix("param."): torch.from_numpy(z[key]) for key in z if key.startswith("param.")}
    patch = state["patch_embed.proj.weight"].shape[-1]
    depth = len({key.split(".")[1] for key in state if key.startswith("blocks.")})
    architecture = Architecture(
        image_size=z["global_crops"].shape[-1], patch_size=patch, width=state["mask_token"].shape[-1], depth=depth,
        heads=4,  # the set's notes name it; no array shows it
    )  # fmt: skip
    encoder = VisionTransformer(architecture).eval()
    encoder.load_state_dict(state)
    return encoder


@pytest.mark.golden_pretraining
def test_tokens_of_both_crop_sizes_equal_the_official_ones():
    z = load("vit")
    encoder = golden_encoder(z)
    views = {
        "global": encoder(torch.from_numpy(z["global_crops"]), torch.from_numpy(z["masks"])),
        "local": encoder(torch.from_numpy(z["local_crops"])),
    }
    for view, tokens in views.items():
        assert_allclose(tokens.cls_BD.detach().numpy(), z[f"offset0.1.{view}_cls"], rtol=1e-5, atol=2e-6)
        assert_allclose(tokens.patches_BND.detach().numpy(), z[f"offset0.1.{view}_patch"], rtol=1e-5, atol=2e-6)


@pytest.mark.golden_pretraining
def test_unmasked_crops_break_the_golden_tokens():
    z = load("vit")
    tokens = golden_encoder(z)(torch.from_numpy(z["global_crops"]))
    assert not np.allclose(tokens.cls_BD.detach().numpy(), z["offset0.1.global_cls"], **VALUES)


@pytest.mark.golden_pretraining
def test_stochastic_depth_equals_the_official_block():
    z = load("vit")
    encoder = golden_encoder(z)
    block = Block(encoder.architecture, float(z["drop_ratio"]))
    block.load_state_dict(encoder.blocks[0].state_dict())
    x = torch.from_numpy(z["drop_x"]).requires_grad_()
    orders = [torch.from_numpy(z[f"drop_perm_{branch}"]) for branch in ("attn", "ffn")]
    y = block.drop(x, *orders)
    assert_allclose(y.detach().numpy(), z["drop_y"], **VALUES)
    y.backward(torch.from_numpy(z["drop_cotangent"]))
    assert_allclose(x.grad.numpy(), z["drop_grad_x"], **GRADIENTS)
    assert not np.allclose(block.drop(x, orders[1].flip(0), orders[0]).detach().numpy(), z["drop_y"], **VALUES)


@pytest.mark.parametrize(
    ("name", "trained"), [("vit_base_patch16_224", 85_817_856), ("vit_small_patch16_224", 21_675_264)]
)
def test_encoders_have_the_published_number_of_parameters(name, trained):
    with torch.device("meta"):
        encoder = registry.build(name)
    assert sum(p.numel() for p in encoder.parameters()) == trained


def test_an_image_that_patches_do_not_fill_is_refused():
    with pytest.raises(ValueError, match="no whole number of 16 px patches"):
        Architecture(image_size=100, patch_size=16)


def test_an_unknown_encoder_is_refused_with_the_known_names():
    with pytest.raises(ValueError, match="No encoder 'resnet'. Known are .*vit_small"):
        registry.build("resnet")
