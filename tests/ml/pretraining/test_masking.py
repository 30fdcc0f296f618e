import numpy as np
import pytest
from numpy.testing import assert_allclose

from ml.pretraining.masking import block_mask, draw_masks
from tests.ml.golden import load

DRAWS = 1500


def targets(z):
    return sorted(int(key.partition("_")[2]) for key in z if key.startswith("stat_") and key != "stat_columns")


def many(grid, target):
    rng = np.random.default_rng(target)
    return np.array([block_mask(rng, grid, target) for _ in range(DRAWS)])


def changes(masks):
    """Horizontal value changes per mask: how blocky it is."""
    return (masks[:, :, 1:] != masks[:, :, :-1]).sum(axis=(1, 2))


@pytest.mark.golden_pretraining
def test_masks_have_the_official_statistics():
    z = load("masks")
    for target in targets(z):
        masks = many(len(z[f"heat_{target}"]), target)
        counts = masks.sum(axis=(1, 2))
        assert_allclose(counts.mean(), z[f"stat_{target}"][0], rtol=0.01)
        assert counts.max() <= target
        assert (
            np.abs(masks.mean(axis=0) - z[f"heat_{target}"]).max() < 0.07
        )  # fewer draws than the reference: noise 0.05
        assert_allclose(changes(masks).mean(), z[f"edges_{target}"][0], rtol=0.04)


@pytest.mark.golden_pretraining
def test_patches_hidden_one_by_one_do_not_have_the_official_blockiness():
    z = load("masks")
    target = targets(z)[-1]
    grid = len(z[f"heat_{target}"])
    scattered = np.random.default_rng(0).random((200, grid, grid)) < target / grid**2
    assert changes(scattered).mean() > 1.2 * z[f"edges_{target}"][0]


@pytest.mark.golden_pretraining
def test_a_step_hides_the_official_share():
    mean, _, low, high, share = load("masks")["collate_stat"]
    rng = np.random.default_rng(1)
    ratios = np.concatenate([draw_masks(rng, 8, 14).masks_CN.mean(axis=1) for _ in range(200)])
    assert (ratios > 0).mean() == share
    assert_allclose(ratios[ratios > 0].mean(), mean, rtol=0.02)
    assert ratios.max() <= high + 0.01
    assert ratios[ratios > 0].min() >= low - 0.02


def test_weights_of_a_crop_sum_to_1_and_stand_at_its_masked_patches():
    masks = draw_masks(np.random.default_rng(2), 6, 8)
    weights = np.zeros(masks.masks_CN.size)
    weights[masks.index_M] = masks.weight_M
    per_crop = weights.reshape(masks.masks_CN.shape).sum(axis=1)
    assert_allclose(per_crop, masks.masks_CN.any(axis=1).astype(float), rtol=1e-6)


def test_the_same_generator_state_draws_the_same_masks():
    first, again = (draw_masks(np.random.default_rng(3), 4, 6).masks_CN for _ in range(2))
    assert (first == again).all()
