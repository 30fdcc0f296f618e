import subprocess
import sys
from pathlib import Path

import pytest

from ml.pretraining.config import BadConfig, Config, read_config

CONFIGS = Path(__file__).parents[3] / "ml" / "configs"


def written(tmp_path, text):
    path = tmp_path / "run.toml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_config_of_the_project_can_be_read(path):
    assert read_config(path).training.steps > 0


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_config_trains_with_all_four_losses(path):
    loss = read_config(path).loss
    assert min(loss.image, loss.patch, loss.koleo, loss.knowledge) > 0


def test_what_is_absent_keeps_its_default(tmp_path):
    config = read_config(written(tmp_path, "[training]\nsteps = 7\n"))
    assert config.training.steps == 7
    assert config.encoder == Config().encoder


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[traning]\nsteps = 1", "unknown key traning; the nearest known one is training"),
        ("[training]\nstep = 1", r"unknown key training\.step; the nearest known one is training\.steps"),
        ("[training]\nsteps = 'ten'", "training.steps = 'ten': a value of type int"),
        ("[crops]\njitter = [0.1]", "crops.jitter = .*: a list of 4 numbers"),
        ("[loss]\nreduction = 'sum'", "loss.reduction = 'sum': choose 'labelled' or 'batch'"),
        ("[training]\nsteps = 0", "training.steps = 0: at least 1"),
        ("[training]\nbatch = 1", "leaves KoLeo nothing to compare"),
        ("[crops]\nglobal_size = 100", "no whole number of 16 px patches"),
        ("training = 3", r"training is a table: write \[training\]"),
        ("[training", "run.toml"),
    ],
)
def test_what_means_nothing_is_refused_with_a_way_out(tmp_path, text, message):
    with pytest.raises(BadConfig, match=message):
        read_config(written(tmp_path, text))


def test_the_hash_tells_two_settings_apart(tmp_path):
    assert Config().sha256 != read_config(written(tmp_path, "[training]\nseed = 1\n")).sha256


def test_reading_configs_and_manifests_needs_no_torch():
    script = "import sys, ml.pretraining, ml.pretraining.config, ml.data.manifest; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
