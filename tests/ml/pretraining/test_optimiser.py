import json
import os
from pathlib import Path

import pytest
from numpy.testing import assert_allclose

from ml.pretraining.config import Optimiser
from ml.pretraining.optimiser import encoder_factors, head_factors


@pytest.fixture(scope="module")
def groups():
    folder = Path(os.environ.get("DERMINO_PRETRAINING_FIXTURES", "../shared/reference/pretraining"))
    if not (folder / "param_groups.json").exists():
        pytest.skip(f"no golden values in {folder}: set DERMINO_PRETRAINING_FIXTURES")
    return json.loads((folder / "param_groups.json").read_text())


def settings(groups, **changed):
    arguments = groups["arguments"]
    named = {"layer_decay": arguments["lr_decay_rate"], "patch_embed_factor": arguments["patch_embed_lr_mult"]}
    return Optimiser(**{**named, **changed})


def differences(parameters, settings_):
    depth = len({name.split(".")[1] for name in parameters if name.startswith("blocks.")})
    for name, official in parameters.items():
        found = encoder_factors(name, depth, settings_) if depth else head_factors(name)
        yield abs(found.rate - official["lr_multiplier"]) + abs(found.decay - official["wd_multiplier"])
        assert found.last_layer == official["is_last_layer"] or not depth and "last_layer" in name


@pytest.mark.golden_pretraining
def test_every_parameter_has_the_official_rate_and_decay(groups):
    for name in ("vit_base_16", "vit_fixture", "dino_head"):
        assert_allclose(list(differences(groups[name], settings(groups))), 0, atol=1e-12)


@pytest.mark.golden_pretraining
def test_another_layer_decay_breaks_the_official_rates(groups):
    assert max(differences(groups["vit_fixture"], settings(groups, layer_decay=0.8))) > 0.01
