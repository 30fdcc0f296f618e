import numpy as np
import pytest
from numpy.testing import assert_allclose

from ml.pretraining.schedules import Cosine, Frozen
from tests.ml.golden import load


def built(z, name):
    base, final, total, warmup, start = z[f"{name}_args"]
    return Cosine(base, final, int(total), int(warmup), start)


def names(z):
    return [key.removesuffix("_args") for key in z if key.endswith("_args")]


@pytest.mark.golden_pretraining
def test_every_schedule_equals_the_official_values_beyond_its_end():
    z = load("schedules")
    for name in names(z):
        assert_allclose([built(z, name)(step) for step in range(len(z[name]))], z[name], rtol=1e-9, atol=1e-15)


@pytest.mark.golden_pretraining
def test_the_last_layer_stands_still_at_first():
    z = load("schedules")
    frozen = Frozen(built(z, "lr"), 5)
    expected = z["last_layer_lr_freeze5"]
    assert_allclose([frozen(step) for step in range(len(expected))], expected, rtol=1e-9, atol=1e-15)


@pytest.mark.golden_pretraining
def test_another_final_value_breaks_the_golden_schedule():
    z = load("schedules")
    base, final, total, warmup, start = z["wd_args"]
    other = Cosine(base, final * 1.01, int(total), int(warmup), start)
    assert not np.allclose([other(step) for step in range(len(z["wd"]))], z["wd"], rtol=1e-9)
