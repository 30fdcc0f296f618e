"""What a launch freezes: every value of a design, defaults too."""

import pytest

from readerstudy.protocol import presets
from readerstudy.protocol.design import Design


@pytest.mark.parametrize("name", presets.names())
def test_a_design_written_out_whole_is_the_same_design(name: str) -> None:
    design = presets.load(name).design
    whole = design.as_dict(whole=True)
    assert Design.from_dict(whole) == design
    assert whole.keys() == Design.__dataclass_fields__.keys()
    assert whole["rounds"][0]["stages"][0]["limit_s"] == design.rounds[0].stages[0].limit_s
