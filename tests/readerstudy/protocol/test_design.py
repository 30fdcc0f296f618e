import pytest

from readerstudy.protocol import presets
from readerstudy.protocol.design import BadDesign, Design, Modality

GOOD = {"rounds": [{"modality": "unaided"}, {"modality": "aided", "washout_days": 14}]}


def test_the_papers_design_is_a_preset():
    design = presets.load("dermino-two-round").design
    assert [r.modality for r in design.rounds] == [Modality.UNAIDED, Modality.AIDED]
    assert [r.limit_s for r in design.rounds] == [20, 20]
    assert design.rounds[1].washout_days == 14


@pytest.mark.parametrize("name", presets.names())
def test_every_preset_survives_being_written_and_read(name):
    design = presets.load(name).design
    assert Design.from_dict(design.as_dict()) == design


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"rounds": []}, "no rounds"),
        ({**GOOD, "limt": 3}, 'unknown key "limt"'),
        ({"rounds": [{"modality": "unaided", "limit": 20}]}, 'Did you mean "limit_s"'),
        ({"rounds": [{"modality": "helped"}]}, '"helped" is not known'),
        ({"rounds": [{"modality": "aided", "limit_s": 0}]}, "1 to 600 seconds"),
        ({"rounds": [{"modality": "aided", "washout_days": 3}]}, "no round comes before"),
        ({**GOOD, "draw": {"MPL5": 0}}, "0 cases of MPL5"),
    ],
)
def test_a_fault_is_named_with_its_way_out(values, words):
    with pytest.raises(BadDesign, match=words.replace('"', ".")):
        Design.from_dict(values)


def test_all_faults_are_told_at_once():
    with pytest.raises(BadDesign) as bad:
        Design.from_dict({"rounds": [{"modality": "x"}, {"modality": "aided", "limit_s": -1}], "draw": []})
    assert len(bad.value.faults) == 3


def test_an_unknown_preset_names_the_known_ones():
    with pytest.raises(BadDesign, match="dermino-two-round"):
        presets.load("dermino")
