"""`train_dermino` and `register_model`: thin doors, so these tests look at what goes through them."""

import json
import signal
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from ml.data.synthetic import write_folder
from tests.services import environment, wait_for
from webapp.imagery.services import ingest
from webapp.inference import exclusions
from webapp.inference.models import ModelVersion

pytestmark = pytest.mark.django_db
TINY = Path(__file__).with_name("tiny.toml")
DRAWN = {"MPL5-synthetic": {"melanoma": 8, "Bowen disease": 8}, "SID2-synthetic": {"scalp psoriasis": 8}}


def train(**options: object) -> str:
    said = StringIO()
    call_command("train_dermino", stdout=said, **{"config": TINY} | options)
    return said.getvalue()


def test_an_unknown_key_is_refused_with_the_nearest_one(tmp_path: Path) -> None:
    config = tmp_path / "wrong.toml"
    config.write_text("[training]\nstep = 3\n")
    with pytest.raises(CommandError, match=r"training\.step; the nearest known one is training\.steps") as refused:
        train(config=config, output=tmp_path)
    assert refused.value.returncode == 2


def test_a_column_without_a_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="OURS=THEIRS"):
        train(output=tmp_path, column=["image"])


def test_a_study_that_does_not_exist_stops_the_training(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="misspelt"):
        train(output=tmp_path, data=tmp_path, exclude_study=["misspelt"])


def test_a_folder_that_holds_no_model_is_not_registered(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="model_card.json"):
        call_command("register_model", tmp_path)
    assert not ModelVersion.objects.exists()


def test_a_registered_folder_can_be_promoted_at_once(folder: Path) -> None:
    call_command("register_model", folder, "--promote", "--name=second", stdout=StringIO())
    model = ModelVersion.objects.get()
    assert (model.name, model.state) == ("second", ModelVersion.State.PROMOTED)


@pytest.mark.slow
def test_training_leaves_a_study_out_and_ends_registered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = write_folder(tmp_path / "drawn", DRAWN, seed=3, size=64)
    files = sorted((table.parent / "images").iterdir())
    mine = [ingest(file.read_bytes()).pk for file in files[:2]]
    monkeypatch.setattr(exclusions, "_finders", [lambda slug: mine if slug == "mine" else None])
    said = train(output=tmp_path / "model", data=table.parent, exclude_study=["mine"], promote=True)
    model = ModelVersion.objects.get()
    assert model.state == ModelVersion.State.PROMOTED and model.sha256 in said
    assert model.card["data"]["left_out"] >= 2
    assert model.card["synthetic"] is True
    assert "colour histogram" in said


@pytest.mark.slow
@pytest.mark.parametrize("processes", [1, 2])
def test_sigterm_saves_the_last_step_and_exits_75(tmp_path: Path, processes: int) -> None:
    config = tmp_path / "long.toml"
    config.write_text(TINY.read_text().replace("steps = 3\n", "steps = 400\n"))
    output = tmp_path / "model"
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "train_dermino", f"--config={config}"]
    process = subprocess.Popen(
        [*command, f"--output={output}", "--no-register", f"--nproc={processes}"], env=environment()
    )
    metrics = output / "metrics.jsonl"
    wait_for(lambda: metrics.exists() and len(metrics.read_text().splitlines()) > 2, "a few steps", seconds=180)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 75
    stopped_at = len(metrics.read_text().splitlines())
    facts = json.loads(next((output / "checkpoints").glob("step-*/facts.json")).read_text())
    assert facts["step"] == stopped_at


@pytest.mark.slow
def test_two_processes_train_together_and_the_command_registers_once(tmp_path: Path, transactional_db: None) -> None:
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "train_dermino", f"--config={TINY}"]
    quiet = environment() | {"OMP_NUM_THREADS": "1"}
    run = subprocess.run([*command, f"--output={tmp_path}", "--nproc=2"], env=quiet, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert ModelVersion.objects.get().card["training"]["batch"] == 16
    assert run.stdout.count("# DermINO tiny") == 1
