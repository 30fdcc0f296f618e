"""Every preset from an empty site to its locked, audited report, made small: few cases, few readers, the real way."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from readerstudy.protocol import presets

ROOT = Path(__file__).parents[3]
NEAR = 0.15  # of so few readings some figures miss their intervals; one that is so far off besides says a fault

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What came of every preset, run once on one site."""
    folder = tmp_path_factory.mktemp("presets")
    here = {key: value for key, value in os.environ.items() if not key.endswith("DATABASE_URL")}
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("small_presets.py")), ",".join(presets.names())],
        env={
            **here,
            "DERMINO_VAR": str(folder),
            "DJANGO_SETTINGS_MODULE": "webapp.settings.preset",
            "PYTHONPATH": str(ROOT),
        },
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return {name: _outcome(folder / name) for name in presets.names()}


def _outcome(folder: Path) -> dict[str, Any]:
    told = json.loads((folder / "outcome.json").read_text())
    if "fault" not in told:
        told["report"] = json.loads((folder / "report.json").read_text())
        told["bundle"] = (folder / "bundle.zip").stat().st_size
    return told


@pytest.mark.parametrize("name", presets.names())
def test_a_preset_goes_from_an_empty_site_to_a_locked_and_audited_report(
    name: str, outcomes: dict[str, dict[str, Any]]
) -> None:
    outcome = outcomes[name]
    assert "fault" not in outcome, outcome["fault"]  # a break of an audit chain or of the bundle is a fault too
    assert outcome["state"] == "locked"
    assert outcome["report"]["schema"] == "dermino.analysis/1" and outcome["bundle"] > 0


@pytest.mark.parametrize("name", presets.names())
def test_a_preset_says_that_its_readers_are_simulated(name: str, outcomes: dict[str, dict[str, Any]]) -> None:
    assert outcomes[name]["simulated"] and outcomes[name]["report"]["study"]["simulated"]


@pytest.mark.parametrize("name", presets.names())
def test_the_main_numbers_of_a_preset_come_to_its_targets(name: str, outcomes: dict[str, dict[str, Any]]) -> None:
    figures = outcomes[name]["figures"]
    assert figures
    for one in figures:
        if one["readers"] == 1:
            continue  # the interval of one reader knows nothing of the others of the group
        assert one["within"] is not False or abs(one["ours"] - one["target"]) < NEAR, one


@pytest.mark.parametrize("name", presets.names())
def test_no_truth_was_in_what_the_readers_got(name: str, outcomes: dict[str, dict[str, Any]]) -> None:
    assert outcomes[name]["told"] > 0  # fields of every case that the site gave out were looked at
    assert outcomes[name]["leaks"] == []
