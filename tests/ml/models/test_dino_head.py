import copy

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from ml.models.dino_head import DinoHead
from tests.ml.golden import GRADIENTS, VALUES, load

NEW_NAMES = {
    "last_layer.weight_g": "last_layer.parametrizations.weight.original0",
    "last_layer.weight_v": "last_layer.parametrizations.weight.original1",
}


def golden_head(z):
    hidden, width = z["param.mlp.0.weight"].shape
    prototypes, bottleneck = z["param.last_layer.weight_v"].shape
    head = DinoHead(width, prototypes, hidden=hidden, bottleneck=bottleneck)
    old = {key.removeprefix("param."): torch.from_numpy(z[key]) for key in z if key.startswith("param.")}
    head.load_state_dict({NEW_NAMES.get(key, key): value for key, value in old.items()})
    return head


@pytest.mark.golden_pretraining
def test_scores_and_every_gradient_equal_the_official_head():
    z = load("dino_head")
    head = golden_head(z)
    x = torch.from_numpy(z["x"]).requires_grad_()
    y = head(x)
    assert_allclose(y.detach().numpy(), z["y"], **VALUES)
    y.backward(torch.from_numpy(z["cotangent"]))
    assert_allclose(x.grad.numpy(), z["grad_x"], **GRADIENTS)
    gradients = {name: p.grad.numpy() for name, p in head.named_parameters()}
    for key in (key for key in z if key.startswith("grad.")):
        name = key.removeprefix("grad.")
        assert_allclose(gradients[NEW_NAMES.get(name, name)], z[key], **GRADIENTS)


@pytest.mark.golden_pretraining
def test_scaled_prototypes_break_the_golden_scores():
    z = load("dino_head")
    head = golden_head(z)
    with torch.no_grad():
        head.last_layer.parametrizations.weight.original0.mul_(1.01)
    assert not np.allclose(head(torch.from_numpy(z["x"])).detach().numpy(), z["y"], **VALUES)


def test_a_head_can_be_copied_for_the_teacher():
    head = DinoHead(8, 5, hidden=6, bottleneck=4)
    x = torch.randn(3, 8)
    assert_allclose(copy.deepcopy(head)(x).detach().numpy(), head(x).detach().numpy())
