import numpy as np
import torch
from numpy.testing import assert_allclose

from ml.models.pixels import from_bytes
from ml.pretraining.config import Config, Crops, Encoder, Training
from ml.pretraining.methods.dermino.crops import batches, blurred, random_crop, recoloured, views_of

SMALL = Config(
    encoder=Encoder(patch_size=8, width=16, depth=1, heads=2),
    crops=Crops(global_size=32, local_size=16, locals=3),
    training=Training(batch=4, seed=9),
)


def pictures(count=10, side=40):
    return np.random.default_rng(0).integers(0, 255, (count, side, side, 3), dtype=np.uint8)


def feed(start):
    known = torch.ones(10, 2)
    return batches(pictures(), torch.zeros(10, 2), known, SMALL, start=start)


def test_views_are_crop_major_and_of_the_configured_sizes():
    batch = next(feed(0))
    assert batch.global_2B.shape == (8, 3, 32, 32)
    assert batch.local_LB.shape == (12, 3, 16, 16)
    assert batch.masks_2BN.shape == (8, 16)
    assert batch.masks_2BN.flatten().nonzero()[:, 0].tolist() == batch.mask_index_M.tolist()


def test_a_batch_is_the_same_whether_reached_or_started_from():
    going = feed(0)
    for _ in range(3):
        next(going)
    reached, started = next(going), next(feed(3))
    assert torch.equal(reached.global_2B, started.global_2B)
    assert torch.equal(reached.masks_2BN, started.masks_2BN)


def test_two_views_of_an_image_differ():
    batch = next(feed(0))
    assert not torch.equal(batch.global_2B[:4], batch.global_2B[4:])


def test_the_whole_image_unturned_is_the_image():
    x = from_bytes(torch.from_numpy(pictures(2, 32)))
    draws = torch.tensor([1.0, 0.5, 0.5, 0.5, 0.0])[:, None].expand(5, 2)
    assert_allclose(random_crop(x, draws, (0.2, 1.0), 32, turns=True).numpy(), x.numpy(), atol=1e-4)


def test_turns_and_mirrorings_are_those_of_a_square():
    x = from_bytes(torch.from_numpy(pictures(1, 32)))
    eight = []
    for turn in range(8):
        draws = torch.tensor([1.0, 0.5, 0.5, 0.5, (turn + 0.5) / 8])[:, None]
        eight.append(random_crop(x, draws, (0.2, 1.0), 32, turns=True))
    expected = [torch.rot90(y, k, (2, 3)) for y in (x, x.flip(3)) for k in range(4)]
    matched = {min(range(8), key=lambda i: float((view - expected[i]).abs().max())) for view in eight}
    assert matched == set(range(8))
    assert max(min(float((view - e).abs().max()) for e in expected) for view in eight) < 1e-3


def test_colours_stay_where_no_share_asks_for_a_change():
    x = from_bytes(torch.from_numpy(pictures(3)))
    calm = Crops(jitter_share=0.0, grey_share=0.0)
    assert_allclose(recoloured(x, torch.rand(6, 3), calm).numpy(), x.numpy(), atol=1e-5)


def test_grey_images_have_equal_channels():
    x = from_bytes(torch.from_numpy(pictures(3)))
    grey = recoloured(x, torch.rand(6, 3), Crops(jitter_share=0.0, grey_share=1.0))
    assert_allclose(grey[:, 0].numpy(), grey[:, 2].numpy(), atol=1e-6)


def test_blur_smooths_the_chosen_images_only():
    x = from_bytes(torch.from_numpy(pictures(2)))
    out = blurred(x, torch.tensor([0.1, 0.9]), torch.tensor([1.0, 1.0]), 0.5)
    assert out[0].std() < 0.7 * x[0].std()
    assert torch.equal(out[1], x[1])


def test_the_second_global_view_alone_is_solarised():
    bright = torch.full((1, 40, 40, 3), 250, dtype=torch.uint8)
    crops = Crops(
        global_size=32, local_size=16, locals=1, jitter_share=0, grey_share=0, blur_shares=(0, 0, 0), solarise_share=1
    )
    global_2B, local_LB = views_of(bright, torch.full((1, 3, 14), 0.5), crops)
    assert global_2B[1].mean() < global_2B[0].mean()
    assert_allclose(local_LB.mean().item(), global_2B[0].mean().item(), atol=1e-4)
