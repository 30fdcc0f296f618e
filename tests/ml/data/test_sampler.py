import numpy as np
import pytest

from ml.data.sampler import sample_rng, step_batch


@pytest.mark.parametrize("ranks", [1, 2, 3])
def test_every_image_comes_once_an_epoch(ranks):
    images, batch = 12, 12 // (2 * ranks)
    seen = [
        step_batch(images, batch, seed=5, step=step, rank=rank, ranks=ranks)[0]
        for step in range(2)
        for rank in range(ranks)
    ]
    assert sorted(np.concatenate(seen)) == list(range(images))


def test_the_batch_over_all_ranks_does_not_depend_on_their_number():
    alone = step_batch(50, 6, seed=1, step=7)
    shared = np.concatenate([step_batch(50, 2, seed=1, step=7, rank=r, ranks=3) for r in range(3)], axis=1)
    np.testing.assert_array_equal(alone, shared)


def test_epochs_have_their_own_orders_and_another_seed_too():
    first, second = (step_batch(20, 20, seed=1, step=step)[0].tolist() for step in (0, 1))
    assert first != second
    assert first != step_batch(20, 20, seed=2, step=0)[0].tolist()


def test_an_images_draws_depend_on_epoch_and_index_alone():
    assert sample_rng(1, 2, 3).random() == sample_rng(1, 2, 3).random()
    assert len({sample_rng(*key).random() for key in [(1, 2, 3), (2, 2, 3), (1, 3, 3), (1, 2, 4)]}) == 4
