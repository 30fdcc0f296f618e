"""The command's door: what it lists and what it refuses. The whole way is in test_presets.py."""

import pytest
from django.core.management import CommandError, call_command

from readerstudy.demo.preset_site.figures import Figure, figures, lines
from readerstudy.protocol import presets


def test_it_lists_the_presets(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("run_preset", "list")
    assert capsys.readouterr().out.split() == presets.names()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(["no-such"], "There is no preset"), (["crossover", "--share", "0"], "--share"),
     (["crossover", "--processes", "0"], "--processes")],
)  # fmt: skip
def test_it_refuses_what_cannot_be_run(arguments: list[str], told: str) -> None:
    with pytest.raises(CommandError, match=told):
        call_command("run_preset", *arguments)


def row(**more: object) -> dict[str, object]:
    plain = {"round": 1, "modality": "unaided", "group": "all", "dataset": "all", "reader": "all", "accuracy": 0.7,
             "ci_low": 0.6, "ci_high": 0.8, "readers": 4, "cases": 10, "readings": 40}  # fmt: skip
    return {**plain, **more}


def test_a_target_is_found_in_the_round_group_and_data_set_that_it_speaks_of() -> None:
    preset = presets.load("dermino-two-round")
    report = {
        "accuracy": [
            row(),
            row(group="[0,3)", accuracy=0.66),
            row(dataset="SID2", accuracy=0.81),
            row(reader="r01", accuracy=0.1),
            row(round=2, modality="aided", accuracy=0.9, ci_low=0.85, ci_high=0.905),
        ],
        "ai_alone": [],
    }
    found = {one.what: one for one in figures(preset.design, preset.simulate, report)}
    assert found["accuracy, unaided"].ours == 0.7
    assert found["accuracy, unaided, 0 to 3 years"].ours == 0.66
    assert found["accuracy, unaided, SID2"].ours == 0.81
    assert found["accuracy, aided, round 2"].ours == 0.9 and found["accuracy, aided, round 2"].within is False


def test_a_line_says_whether_the_target_lies_within() -> None:
    one = Figure("accuracy", 0.7, "assumed", 0.72, 0.65, 0.79, 4, 10, 40)
    assert one.within and list(lines([one]))[1].endswith("within")
    far = Figure("accuracy", 0.9, "assumed", 0.72, 0.65, 0.79, 4, 10, 40)
    assert far.within is False and "OUTSIDE" in list(lines([far]))[1]
