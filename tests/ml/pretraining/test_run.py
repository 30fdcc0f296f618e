"""Whole small runs: from a config file to a model's folder."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from ml.models import assembled
from ml.pretraining import Overrides, train
from ml.pretraining.__main__ import main
from ml.pretraining.errors import STOPPED, Diverged, Interrupted, ResumeRefused
from ml.pretraining.loop import Run
from ml.pretraining.run import prepare
from ml.serving.predictor import ModelRefused, Predictor

TINY = """
[data]
synthetic = 56
synthetic_side = 64
store_side = 48
[encoder]
patch_size = 8
width = 24
depth = 1
heads = 2
layer_scale = 1.0
drop_path = 0.3
[crops]
global_size = 32
local_size = 16
locals = 1
turns = true
[head]
prototypes = 16
hidden = 16
bottleneck = 8
[optimiser]
warmup_steps = 2
frozen_last_layer_steps = 1
[teacher]
momentum = 0.9
[training]
steps = {steps}
batch = 8
threads = 1
checkpoint_every = 2
[heads]
linear_steps = 20
mask_steps = 10
caption_steps = {captions}
caption_width = 16
caption_length = 48
batch = 8
"""


def config(folder: Path, steps: int = 6, captions: int = 4) -> Path:
    path = folder / "tiny.toml"
    path.write_text(TINY.format(steps=steps, captions=captions))
    return path


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def trained(home):
    return train(config(home), output=home / "straight", say=lambda _text: None)


def test_a_run_leaves_metrics_checkpoint_weights_config_and_card(trained):
    for name in ("metrics.jsonl", "checkpoints/latest", "model.safetensors", "config.json", "tokenizer.json",
                 "model_card.json", "model_card.md"):  # fmt: skip
        assert (trained.folder / name).exists(), name


def test_metrics_hold_every_step_with_all_four_losses(trained):
    rows = [json.loads(line) for line in (trained.folder / "metrics.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == list(range(6))
    assert all({"image", "patch", "koleo", "knowledge", "total", "rate"} <= set(row) for row in rows)


def test_the_card_says_what_was_measured_on_what(trained):
    card = trained.card
    assert card["synthetic"] is True
    assert set(card["losses"]) >= {"image", "patch", "koleo", "knowledge"}
    for spaces in card["figures"]["diagnosis"].values():
        assert set(spaces) == {"trained", "untrained", "colour_histogram"}
    assert card["data"]["fit"] + card["data"]["calibration"] + card["data"]["held_out"] == 56
    assert any("synthetic images" in warning for warning in card["warnings"])
    assert card["files"]["model.safetensors"] in (trained.folder / "model_card.md").read_text()


def test_the_same_run_again_is_reused_and_another_setting_is_not(trained, home):
    assert train(config(home), output=trained.folder, say=lambda _text: None).reused
    other = home / "other"
    other.mkdir()
    plan = prepare_silently(config(other, steps=7), trained.folder)
    assert plan.identity != trained.card["identity"]


def prepare_silently(path, folder):
    from ml.pretraining.config import read_config

    return prepare(read_config(path), folder, Overrides(), name="tiny", say=lambda _text: None)


def test_a_run_cut_short_and_resumed_ends_with_the_same_bytes(trained, home, monkeypatch):
    real, folder = Run.save, home / "resumed"

    def save_then_stop(self):
        real(self)
        if self.step == 4:
            raise Interrupted("stopped by the test")

    monkeypatch.setattr(Run, "save", save_then_stop)
    with pytest.raises(Interrupted):
        train(config(home), output=folder, say=lambda _text: None)
    monkeypatch.setattr(Run, "save", real)
    said: list[str] = []
    again = train(config(home), output=folder, resume=True, say=said.append)
    assert any("Resumed before step 4" in text for text in said)
    assert again.card["files"]["model.safetensors"] == trained.card["files"]["model.safetensors"]
    assert losses(folder) == losses(trained.folder)


def losses(folder):
    rows = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    return [{key: value for key, value in row.items() if key != "seconds"} for row in rows]


def test_a_checkpoint_of_another_run_is_refused(trained, home):
    other = home / "settings"
    other.mkdir(exist_ok=True)
    with pytest.raises(ResumeRefused, match="of other settings, images or code"):
        train(config(other, steps=8), output=trained.folder, resume=True, say=lambda _text: None)


def test_a_term_signal_saves_and_exits_75(home):
    folder = home / "stopped"
    command = [
        sys.executable,
        "-m",
        "ml.pretraining",
        "--config",
        str(config(home, steps=5000, captions=0)),
        "--output",
    ]
    process = subprocess.Popen([*command, str(folder)], stdout=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while not (folder / "checkpoints" / "latest").exists() and time.monotonic() < deadline:
        time.sleep(0.2)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == STOPPED
    assert (folder / "checkpoints" / "latest").exists()
    config(home)  # for the tests that follow


def test_a_loss_that_is_no_number_ends_the_run_naming_step_and_loss(home, monkeypatch):
    from ml.pretraining.methods.dermino import module

    monkeypatch.setattr(module, "koleo_loss", lambda x: x.sum() * float("nan"))
    with pytest.raises(Diverged, match="Step 0: koleo is nan"):
        train(config(home), output=home / "diverged", say=lambda _text: None)


def test_a_dry_run_says_steps_images_and_time_and_trains_nothing(home):
    said: list[str] = []
    result = train(config(home), output=home / "dry", dry_run=True, say=said.append)
    assert result.card is None
    assert "6 steps of 8 images" in said[-1]
    assert not (home / "dry" / "model.safetensors").exists()


def test_the_command_refuses_an_unknown_key_with_status_2(tmp_path, capsys):
    (tmp_path / "bad.toml").write_text("[training]\nstep = 1\n")
    assert main(["--config", str(tmp_path / "bad.toml"), "--output", str(tmp_path / "out")]) == 2
    assert "nearest known one is training.steps" in capsys.readouterr().err


# --- The Predictor on a trained folder ---


@pytest.fixture(scope="module")
def predictor(trained):
    return Predictor.load(trained.folder)


@pytest.fixture(scope="module")
def images(trained):
    from PIL import Image

    paths = sorted((trained.folder / "synthetic" / "images").glob("*.jpg"))[:5]
    return [Image.open(path) for path in paths] + [Image.open(paths[0]).convert("L").resize((90, 40))]


def test_an_outcome_ranks_every_class_of_its_data_set_and_masks_at_the_images_size(predictor, images):
    for dataset, labels in predictor.datasets.items():
        for image, outcome in zip(images, predictor.predict(images, dataset=dataset), strict=True):
            assert sorted(one.label for one in outcome.ranked) == sorted(labels)
            probabilities = [probability for _label, probability in outcome.ranked]
            assert probabilities == sorted(probabilities, reverse=True)
            assert sum(probabilities) == pytest.approx(1, abs=1e-5)
            assert outcome.mask.shape == image.size[::-1]
            assert outcome.caption is None or isinstance(outcome.caption, str)


def test_outcomes_do_not_depend_on_the_batch(predictor, images):
    dataset = next(iter(predictor.datasets))
    together = predictor.predict(images, dataset=dataset)
    for image, outcome in zip(images, together, strict=True):
        alone = predictor.predict([image], dataset=dataset)[0]
        assert [one.label for one in alone.ranked] == [one.label for one in outcome.ranked]
        assert alone.ranked[0].probability == pytest.approx(outcome.ranked[0].probability, abs=1e-4)


def test_what_is_not_asked_for_is_not_given(predictor, images):
    outcome = predictor.predict(images[:1], dataset=next(iter(predictor.datasets)), captions=False, masks=False)[0]
    assert outcome.caption is None
    assert outcome.mask is None


def test_the_second_look_says_which_data_set_it_assumed(predictor, images):
    for scoped in predictor.predict_any(images):
        assert scoped.dataset in predictor.datasets
        assert 0.5 <= scoped.dataset_probability <= 1
        assert {one.label for one in scoped.outcome.ranked} == set(predictor.datasets[scoped.dataset])


def test_no_images_have_no_outcomes(predictor):
    assert predictor.predict([], dataset=next(iter(predictor.datasets))) == []
    assert predictor.predict_any([]) == []


def test_an_unknown_data_set_is_refused_with_the_known_ones(predictor, images):
    with pytest.raises(ValueError, match="does not know the data set 'HAM10000'. It knows MPL5-synthetic"):
        predictor.predict(images, dataset="HAM10000")


def test_the_loaded_encoder_is_the_teacher_of_the_last_step(trained):
    state, _facts = assembled.checkpoint.load_latest(trained.folder / "checkpoints")
    model, _tokenizer = assembled.read(trained.folder)
    for name, tensor in model.encoder.state_dict().items():
        assert torch.equal(tensor, state[f"method.teacher.encoder.{name}"]), name


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_changed_file_is_refused_with_both_hashes(trained, tmp_path, name):
    for path in trained.folder.glob("*.*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    content = bytearray((tmp_path / name).read_bytes())
    content[-2] ^= 1
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ModelRefused, match=rf"{name} has sha256 .*, its card says {trained.card['files'][name][:12]}"):
        Predictor.load(tmp_path)


def test_a_folder_without_a_card_is_refused(tmp_path):
    with pytest.raises(ModelRefused, match="holds no model_card.json"):
        Predictor.load(tmp_path)


def test_without_captions_there_is_no_caption_head_and_the_card_says_so(home):
    plain = home / "plain"
    plain.mkdir(exist_ok=True)
    source = home / "straight" / "synthetic"
    table = (source / "cases.csv").read_text().splitlines()
    (source / "labels.csv").write_text("\n".join([table[0].replace("caption", "note"), *table[1:]]) + "\n")
    overrides = Overrides(manifest=source / "labels.csv")
    result = train(config(plain, steps=2), output=plain / "model", overrides=overrides, say=lambda _text: None)
    predictor = Predictor.load(result.folder)
    from PIL import Image

    outcome = predictor.predict([Image.new("RGB", (64, 64))], dataset=next(iter(predictor.datasets)))[0]
    assert outcome.caption is None
    assert any("no captions" in warning for warning in result.card["warnings"])
