"""Golden values: scikit-learn and nltk's corpus BLEU, from the fixture set `downstream`."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from ml.downstream.embedding import colour_histogram
from ml.downstream.linear import calibrate, fit_linear
from ml.downstream.measures import bleu4, dice, macro_auroc, macro_f1
from ml.downstream.retrieval import votes


def golden(name):
    folder = Path(os.environ.get("DERMINO_DOWNSTREAM_FIXTURES", "../shared/reference/downstream"))
    if not (folder / name).exists():
        pytest.skip(f"no golden values in {folder}: set DERMINO_DOWNSTREAM_FIXTURES")
    return np.load(folder / name) if name.endswith("npz") else json.loads((folder / name).read_text())


@pytest.mark.golden_downstream
def test_macro_auroc_and_f1_equal_scikit_learns():
    z, expected = golden("classification.npz"), golden("classification.json")
    assert_allclose(macro_auroc(z["scores"], z["labels"]), expected["auroc_macro_present"], rtol=1e-9)
    assert_allclose(macro_f1(z["pred"], z["labels"]), expected["f1_union"], rtol=1e-9)


@pytest.mark.golden_downstream
def test_turned_scores_break_the_golden_auroc():
    z, expected = golden("classification.npz"), golden("classification.json")
    assert not np.isclose(macro_auroc(z["scores"][:, ::-1], z["labels"]), expected["auroc_macro_present"])


@pytest.mark.golden_downstream
def test_votes_of_the_nearest_images_equal_the_golden_ones():
    z = golden("knn.npz")
    classes, k = z["votes"].shape[1], int(z["k"])
    score = votes(z["train"], z["train_labels"], z["test"], classes, neighbours=k)
    assert_allclose(score, z["score_vote"], atol=1e-12)
    np.testing.assert_array_equal(score.argmax(axis=1), z["pred_published"])
    other = votes(z["train"], z["train_labels"], z["test"], classes, neighbours=k - 2)
    assert (other.argmax(axis=1) != z["pred_published"]).any()


@pytest.mark.golden_downstream
def test_dice_of_every_image_equals_the_golden_one():
    z = golden("segmentation.npz")
    assert_allclose([dice(p, t) for p, t in zip(z["pred"], z["truth"], strict=True)], z["dice"], rtol=1e-9)
    assert dice(~z["pred"][-1], z["truth"][-1]) != z["dice"][-1]


def test_bleu_is_1_for_the_same_words_and_0_without_four_in_a_row():
    same = ["a brown lesion with globules and dots"]
    assert bleu4(same, same) == pytest.approx(1)
    assert bleu4(["dots globules"], same) == 0
    assert 0 < bleu4(["a brown lesion with globules and hairs"], same) < 1


def test_a_colour_histogram_knows_colours_and_no_places():
    image = np.zeros((1, 8, 8, 3), dtype=np.uint8)
    image[0, :4] = 255
    turned = np.rot90(image, axes=(1, 2))
    assert_allclose(colour_histogram(image), colour_histogram(turned))
    assert_allclose((colour_histogram(image) ** 2).sum(), 1, rtol=1e-6)


def test_a_linear_head_separates_what_a_plane_separates():
    rng = torch.Generator().manual_seed(0)
    features = torch.randn(90, 4, generator=rng) * torch.tensor([1.0, 1.0, 1.0, 50.0])
    labels = features[:, :3].argmax(dim=1)
    head = fit_linear(features, labels, 3, steps=300, decay=1e-4)
    assert (head(features).argmax(dim=1) == labels).float().mean() > 0.95


def test_calibration_lowers_the_confidence_of_a_head_that_is_often_wrong():
    rng = torch.Generator().manual_seed(1)
    features = torch.randn(60, 5, generator=rng)
    labels = torch.randint(0, 3, (60,), generator=rng)  # nothing to learn
    head = fit_linear(features, labels, 3, steps=200, decay=0.0)
    with torch.no_grad():
        head.linear.weight.mul_(20)
    other = torch.randn(200, 5, generator=rng)
    before = head(other).max(dim=1).values.mean()
    calibrate(head, other, torch.randint(0, 3, (200,), generator=rng))
    assert head.temperature > 1
    assert head(other).max(dim=1).values.mean() < before
