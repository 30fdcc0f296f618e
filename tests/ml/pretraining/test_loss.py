import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from ml.pretraining.methods.dermino.loss import (
    cross_entropy,
    image_loss,
    knowledge_loss,
    koleo_loss,
    patch_loss,
    sinkhorn,
)
from tests.ml.golden import FLOAT64, GRADIENTS, VALUES, load


def leaf(array):
    return torch.from_numpy(np.array(array)).requires_grad_()


def numbers(tensor):
    return tensor.detach().numpy()


@pytest.mark.golden_pretraining
@pytest.mark.parametrize("name", ["sinkhorn_1", "sinkhorn_3", "sinkhorn_10"])
def test_sinkhorn_equals_the_official_targets(name):
    z = load("dino_loss")
    targets = sinkhorn(torch.from_numpy(z["teacher_logits"]), float(z["teacher_temp"]), int(name.partition("_")[2]))
    assert_allclose(numbers(targets), z[name], **VALUES)


@pytest.mark.golden_pretraining
def test_another_number_of_iterations_breaks_the_golden_targets():
    z = load("dino_loss")
    targets = sinkhorn(torch.from_numpy(z["teacher_logits"]), float(z["teacher_temp"]), 2)
    assert not np.allclose(numbers(targets), z["sinkhorn_3"], **VALUES)


@pytest.mark.golden_pretraining
def test_unequal_ranks_put_together_have_the_golden_targets():
    z = load("sinkhorn_two_ranks")
    for kind in ("cls", "patch"):
        rows = torch.from_numpy(np.concatenate([z[f"{kind}_logits_0"], z[f"{kind}_logits_1"]]))
        expected = np.concatenate([z[f"{kind}_sinkhorn_0"], z[f"{kind}_sinkhorn_1"]])
        assert_allclose(numbers(sinkhorn(rows, float(z["teacher_temp"]))), expected, **VALUES)


def test_sinkhorn_rows_sum_to_one_and_a_constant_changes_nothing():
    scores = torch.randn(12, 7, generator=torch.Generator().manual_seed(0))
    targets = sinkhorn(scores, 0.05)
    assert_allclose(numbers(targets.sum(dim=1)), np.ones(12), rtol=1e-5)
    assert_allclose(numbers(sinkhorn(scores + 3, 0.05)), numbers(targets), rtol=1e-3, atol=1e-6)


def test_sinkhorn_stays_finite_where_exp_would_overflow():
    assert torch.isfinite(sinkhorn(torch.tensor([[5.0, -1.0], [2.0, 5.0]]), 0.05)).all()


def golden_image_terms(z, targets):
    """The fixture sums every student with every teacher half: our pairs of one kind."""
    students = [leaf(z[f"student_{i}"]) for i in range(3)]
    halves = torch.from_numpy(targets).chunk(2)
    temperature = float(z["student_temp"])
    total = sum(cross_entropy(s, halves[0] + halves[1], temperature).mean() for s in students)
    return students, total


@pytest.mark.golden_pretraining
def test_cross_entropy_with_both_teachers_at_once_equals_the_official_sum():
    z = load("dino_loss")
    students, total = golden_image_terms(z, z["sinkhorn_3"])
    assert_allclose(numbers(total), z["loss"], **VALUES)
    total.backward()
    for i, student in enumerate(students):
        assert_allclose(student.grad.numpy(), z[f"grad_student_{i}"], **GRADIENTS)


@pytest.mark.golden_pretraining
def test_another_temperature_breaks_the_golden_cross_entropy():
    z = load("dino_loss")
    halves = torch.from_numpy(z["sinkhorn_3"]).chunk(2)
    total = sum(cross_entropy(leaf(z[f"student_{i}"]), halves[0] + halves[1], 0.11).mean() for i in range(3))
    assert not np.allclose(numbers(total), z["loss"], **VALUES)


@pytest.mark.golden_pretraining
def test_the_image_loss_is_the_official_cross_entropy_over_all_pairs():
    z = load("dino_loss")
    locals_ = torch.from_numpy(np.stack([z[f"student_{i}"] for i in range(3)]))
    first, second = torch.from_numpy(z["sinkhorn_3"]).chunk(2)
    crops = torch.stack([locals_[0], locals_[1]])
    temperature = float(z["student_temp"])
    swapped = cross_entropy(crops[0], second, temperature).mean() + cross_entropy(crops[1], first, temperature).mean()
    expected = (numbers(swapped) + z["loss"]) / (2 + 2 * 3)
    got = image_loss(crops, locals_, torch.stack([first, second]), temperature=temperature)
    assert_allclose(numbers(got), expected, **VALUES)
    unswapped = image_loss(crops, locals_, torch.stack([second, first]), temperature=temperature)
    assert not np.allclose(numbers(unswapped), expected, **VALUES)


def test_the_image_loss_refuses_another_number_of_global_crops():
    with pytest.raises(ValueError, match="2 global crops, not 3"):
        image_loss(torch.zeros(3, 2, 4), None, torch.zeros(3, 2, 4))


@pytest.mark.golden_pretraining
def test_the_patch_loss_equals_the_official_one():
    z = load("ibot_loss")
    student, masks = leaf(z["student"]), z["masks"]
    targets = sinkhorn(torch.from_numpy(z["teacher_logits"]), float(z["teacher_temp"]))
    assert_allclose(numbers(targets), z["sinkhorn_3"], **VALUES)
    weight = torch.from_numpy(z["masks_weight"])
    loss = patch_loss(student, targets, weight, len(masks), temperature=float(z["student_temp"]))
    assert_allclose(numbers(loss), z["loss_masked"], **VALUES)
    loss.backward()
    assert_allclose(student.grad.numpy(), z["grad_student"], **GRADIENTS)


@pytest.mark.golden_pretraining
def test_dividing_by_the_masked_crops_only_breaks_the_golden_patch_loss():
    z = load("ibot_loss")
    masked = int(z["masks"].any(axis=1).sum())
    loss = patch_loss(
        leaf(z["student"]), torch.from_numpy(z["sinkhorn_3"]), torch.from_numpy(z["masks_weight"]), masked
    )
    assert masked == len(z["masks"]) or not np.allclose(numbers(loss), z["loss_masked"], **VALUES)


def test_without_a_masked_patch_the_patch_loss_is_0_and_keeps_its_gradient():
    student = torch.zeros(0, 5, requires_grad=True)
    loss = patch_loss(student, sinkhorn(torch.zeros(0, 5), 0.05), torch.zeros(0), 4)
    loss.backward()
    assert loss.item() == 0
    assert student.grad is not None


@pytest.mark.golden_pretraining
@pytest.mark.parametrize("suffix", ["", "_duplicate"])
def test_koleo_equals_the_official_one_also_with_a_duplicate(suffix):
    z = load("koleo")
    x = leaf(z[f"x{suffix}"])
    loss = koleo_loss(x)
    assert_allclose(numbers(loss), z[f"loss{suffix}"], **VALUES)
    loss.backward()
    assert np.isfinite(x.grad.numpy()).all()
    if not suffix:
        assert_allclose(x.grad.numpy(), z["grad_x"], **GRADIENTS)


@pytest.mark.golden_pretraining
def test_a_changed_row_breaks_the_golden_koleo():
    z = load("koleo")
    x = np.array(z["x"])
    x[0] = -x[0]
    assert not np.allclose(numbers(koleo_loss(leaf(x))), z["loss"], **VALUES)


def test_koleo_refuses_a_single_image():
    with pytest.raises(ValueError, match="at least 2 images"):
        koleo_loss(torch.ones(1, 4))


@pytest.mark.golden_pretraining
@pytest.mark.parametrize("reduction", ["labelled", "batch"])
def test_the_knowledge_loss_equals_the_reference(reduction):
    z = load("knowledge")
    x, w = leaf(z["x64"]), leaf(z["w64"])
    loss = knowledge_loss(x, w, torch.from_numpy(z["y"]), torch.from_numpy(z["n"]), reduction=reduction)
    assert_allclose(numbers(loss), z[f"{reduction}.loss64"], **FLOAT64)
    loss.backward()
    assert_allclose(x.grad.numpy(), z[f"{reduction}.grad_x64"], rtol=1e-9, atol=1e-12)
    assert_allclose(w.grad.numpy(), z[f"{reduction}.grad_w64"], rtol=1e-9, atol=1e-12)


@pytest.mark.golden_pretraining
def test_a_flipped_known_entry_breaks_the_golden_knowledge_loss():
    z = load("knowledge")
    known = np.array(z["n"])
    known[:, 0] = 1 - known[:, 0]
    loss = knowledge_loss(leaf(z["x64"]), leaf(z["w64"]), torch.from_numpy(z["y"]), torch.from_numpy(known))
    assert not np.allclose(numbers(loss), z["labelled.loss64"], **FLOAT64)


def test_with_nothing_known_the_knowledge_loss_and_its_gradient_are_exactly_0():
    x, w = torch.randn(4, 3, requires_grad=True), torch.randn(2, 3, requires_grad=True)
    loss = knowledge_loss(x, w, torch.ones(4, 2), torch.zeros(4, 2))
    loss.backward()
    assert loss.item() == 0
    assert w.grad.abs().max().item() == 0


def test_huge_knowledge_scores_stay_finite():
    loss = knowledge_loss(torch.full((2, 3), 1e3), torch.full((2, 3), -1e3), torch.ones(2, 2), torch.ones(2, 2))
    assert torch.isfinite(loss)
