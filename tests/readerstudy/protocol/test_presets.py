import tomllib

import pytest

from readerstudy.protocol import presets
from readerstudy.protocol.design import AIDED, UNAIDED, BadDesign, Design, Format
from readerstudy.protocol.presets import Preset, name_faults, parse, written

PUBLISHED = {
    "dermino-two-round", "sequential-primary-care", "single-pass-batches", "sequential-batches-management",
    "aid-formats", "faulty-aid", "two-models-ranked", "explanations-three-phase", "evidence-levels",
    "alternating-blocks", "before-after-with-control", "features-agreement",
}  # fmt: skip
GENERAL = {
    "sequential", "crossover", "crossover-half", "parallel-arms", "differential", "incomplete-blocks", "repeat-subset",
    "image-series", "perfect-aid",
}  # fmt: skip
GOOD = 'title = "T"\nsource = "S"\n[[rounds]]\nmodality = "unaided"\n'


def test_every_published_study_and_every_general_design_is_a_preset():
    assert set(presets.names()) >= PUBLISHED | GENERAL
    assert presets.names() == sorted(presets.names())


def test_the_papers_design_is_a_preset():
    design = presets.load("dermino-two-round").design
    assert [one.modality for one in design.rounds] == [UNAIDED, AIDED]
    assert [one.limit_s for one in design.rounds] == [20, 20]
    assert design.rounds[1].washout_days == 14
    assert design.modality(AIDED).shows == (Format.RANKED,)
    assert Format.MASK in presets.load("dermino-assisted").design.modality(AIDED).shows


@pytest.mark.parametrize("name", presets.names())
def test_every_preset_survives_being_written_and_read(name):
    preset = presets.load(name)
    assert Design.from_dict(preset.design.as_dict()) == preset.design
    assert parse(written(preset), name=name) == preset


@pytest.mark.parametrize("name", presets.names())
def test_every_preset_says_where_it_comes_from_and_what_its_readers_aim_at(name):
    preset = presets.load(name)
    assert preset.title and preset.source and preset.summary
    assert preset.simulate is not None
    assert preset.simulate.readers == preset.design.planned_readers
    assert preset.simulate.targets
    assert not name_faults(name, taken=())


@pytest.mark.parametrize("name", presets.names())
def test_every_stage_after_ai_has_a_target(name):
    """Simulated readers would else answer by chance where the preset promises a figure."""
    preset = presets.load(name)
    aimed = {one.modality for one in preset.simulate.targets}
    aided = {name for name in preset.design.used() if preset.design.modality(name).aided}
    assert aided <= aimed or "" in aimed


def test_an_unknown_preset_names_the_known_ones():
    with pytest.raises(
        BadDesign, match='There is no preset "dermino". Use one of: .*dermino-assisted, dermino-two-round, '
    ):
        presets.load("dermino")


def test_a_preset_without_targets_simulates_nobody():
    preset = parse(GOOD, name="mine")
    assert preset == Preset(name="mine", title="T", source="S", design=preset.design)
    assert preset.simulate is None
    assert "simulate" not in tomllib.loads(written(preset))


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("title = ", ["The preset is no valid TOML: Invalid value (at end of document)."]),
        (
            '[[rounds]]\nmodality = "unaided"\n',
            ["The preset has title = ''. Write title = \"...\" with a text.",
             "The preset has source = ''. Write source = \"...\" with a text."],
        ),
        ('title = 3\nsource = "S"\n[[rounds]]\n', ['The preset has title = 3. Write title = "..." with a text.']),
        ('summary = 3\n' + GOOD, ['The preset has summary = 3. Write summary = "..." with a text.']),
        (
            'title = "T"\n[[rounds]]\nmodality = "x"\n',
            ["The preset has source = ''. Write source = \"...\" with a text.",
             'Round 1: modality "x" is not known. Use one of: aided, unaided.'],
        ),
        (GOOD + "[simulate]\nreaders = 5\n", ['The simulate table lacks "cases".']),
        (
            GOOD + "[simulate]\nreaders = 5\nbatches = 2\n[simulate.cases.A]\nx = 1\n",
            ["Simulated readers go through 2 batches on average, but the design allows 1."],
        ),
        ("simulate = 3\n" + GOOD, ["The simulate table must be a table of values, not 3."]),
    ],
)  # fmt: skip
def test_a_fault_of_a_file_is_named(text, faults):
    with pytest.raises(BadDesign) as bad:
        parse(text, name="mine")
    assert bad.value.faults == faults


def test_a_summary_may_be_left_out():
    assert parse(GOOD, name="mine").summary == ""


@pytest.mark.parametrize("name", ["mine", "mine-2", "2"])
def test_a_new_name_that_is_free_is_good(name):
    assert name_faults(name, taken=["other"]) == []


@pytest.mark.parametrize("name", ["", "Mine", "my preset", "a--b", "-a", "a-", "../a", "a.toml", "a\n"])
def test_a_name_that_is_no_plain_word_is_refused(name):
    assert name_faults(name, taken=[])[0].startswith(f'A preset cannot be called "{name}".')


def test_two_presets_of_one_name_are_refused():
    assert name_faults("mine", taken=["mine"]) == ['There is already a preset "mine". Give the new one another name.']
