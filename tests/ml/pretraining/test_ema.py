import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from torch import nn

from ml.pretraining import ema
from tests.ml.golden import VALUES, load


def module(arrays):
    return nn.ParameterList([nn.Parameter(torch.from_numpy(np.array(array))) for array in arrays])


def parameters(z, who):
    return [z[name] for name in sorted(key for key in z if key.startswith(f"{who}_"))]


@pytest.mark.golden_pretraining
@pytest.mark.parametrize("shift", [0.0, 0.01])
def test_the_teacher_follows_as_the_official_one_and_with_another_momentum_does_not(shift):
    z = load("ema")
    teacher, student = module(parameters(z, "teacher")), module(parameters(z, "student"))
    same = []
    for step in range(sum(key.startswith("m_") for key in z)):
        ema.update(teacher, student, float(z[f"m_{step}"]) - shift)
        same += [np.allclose(p.detach().numpy(), z[f"after_{step}_{i}"], **VALUES) for i, p in enumerate(teacher)]
    assert all(same) == (shift == 0)


def test_teacher_and_student_of_two_architectures_are_refused():
    with pytest.raises(ValueError, match="differ in their parameters"):
        ema.update(nn.Linear(2, 3), nn.Linear(3, 2), 0.9)


def test_a_momentum_of_1_leaves_the_teacher():
    teacher, student = nn.Linear(2, 2), nn.Linear(2, 2)
    before = teacher.weight.detach().clone()
    ema.update(teacher, student, 1.0)
    assert_allclose(teacher.weight.detach().numpy(), before.numpy())
