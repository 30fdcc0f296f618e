import pytest

from readerstudy.protocol.design import Design
from readerstudy.protocol.targets import Mark, Measure, SimulationTargets, contradicting_targets
from readerstudy.protocol.values import read

DESIGN = {
    "rounds": [{"stages": [{"modality": "unaided"}, {"modality": "aided"}]}],
    "questions": [
        {"name": "diagnosis", "kind": "ranked", "text": "Which?", "most": 3},
        {"name": "next", "kind": "management", "text": "What next?", "options": ["excise", "wait"]},
    ],
    "modalities": [
        {"name": "unaided"}, {"name": "aided", "shows": ["label"], "source": "second"},
        {"name": "false", "shows": ["label"], "source": "wrong"}, {"name": "spare"},
    ],
    "altered": [{"name": "wrong", "kind": "false"}],
    "further_models": ["second"],
    "debriefing": "Some output was false.",
    "arms": [{"name": "a"}, {"name": "b", "modalities": [["unaided", "false"]]}],
    "profile": [{"name": "role", "text": "Role?", "options": ["doctor", "nurse"]}],
    "active": ["excise"],
    "cases": {"draw": {"A": 4}, "per_reader": 5, "per_reader_most": 6, "stratify": "tone", "batches": 2},
}  # fmt: skip
TARGETS = {
    "readers": 10,
    "cases": {"A": {"naevus": 3, "wart": 1}, "B": {"wart": 2}},
    "groups": [
        {"name": "doctors", "share": 0.4, "years_low": 1, "years_high": 1, "profile": {"role": "doctor"}},
        {"name": "nurses", "share": 0.6},
    ],
    "targets": [
        {"value": 0.5, "mark": "published", "modality": "aided", "group": "nurses", "arm": "a", "dataset": "B"},
        {"value": 0.5, "mark": "assumed", "measure": "top_3", "round": 1, "stage": 2},
        {"value": 0.5, "mark": "assumed", "measure": "top_4"},
        {"value": 0.5, "mark": "assumed", "measure": "management_sensitivity"},
        {"value": 0.5, "mark": "assumed", "measure": "management_specificity"},
    ],
    "ai": [{"value": 0.8, "mark": "published"}, {"value": 0.7, "mark": "assumed", "source": "second"}],
    "attributes": {"tone": ["light", "dark"]},
    "batches": 2,
}


def faults_of(*, design=None, **values):
    faults: list[str] = []
    targets = read(SimulationTargets, {**TARGETS, **values}, where="simulate table", faults=faults)
    assert targets is not None, faults
    return contradicting_targets(targets, Design.from_dict({**DESIGN, **(design or {})}))


def test_good_targets_are_good():
    assert faults_of() == []
    assert faults_of(groups=[]) == [TARGET.format("nurses", "none")]


TARGET = 'Target 1 names the group "{}", which is not there. There are: {}.'


def test_targets_are_read_with_their_marks():
    targets = read(SimulationTargets, TARGETS, where="simulate table", faults=[])
    assert targets.case_count == 6
    assert [one.mark for one in targets.targets][:2] == [Mark.PUBLISHED, Mark.ASSUMED]
    assert targets.targets[0].measure == Measure.ACCURACY
    assert (targets.spontaneous, targets.timeouts, targets.dropouts, targets.careless) == (0.03, 0, 0, 0)


def test_a_target_without_a_mark_is_refused():
    faults: list[str] = []
    assert read(SimulationTargets, {**TARGETS, "targets": [{"value": 0.5}]}, where="simulate", faults=faults) is None
    assert faults == ['The simulate, target 1 lacks "mark".']


def target(**values):
    return {"targets": [{"value": 0.5, "mark": "assumed", **values}]}


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        (
            {"groups": [{"name": "nurses", "share": 0.9}]},
            "The simulated groups make up 0.9 of the readers. Let their shares add up to 1.",
        ),
        (
            {"groups": [{"name": "nurses", "share": 1, "years_low": 2, "years_high": 1}]},
            'The group "nurses" has 2 to 1 years. Swap them.',
        ),
        (
            {"groups": [{"name": "nurses", "share": 1, "profile": {"role": "vet"}}]},
            'The group "nurses" answers "role" with "vet", which the profile does not offer.',
        ),
        (
            {"groups": [{"name": "nurses", "share": 1, "profile": {"mood": "good"}}]},
            'The group "nurses" answers "mood" with "good", which the profile does not offer.',
        ),
        ({"batches": 2.5}, "Simulated readers go through 2.5 batches on average, but the design allows 2."),
        (
            {"cases": {"A": {"naevus": 4}, "B": {"wart": 0, "x": 5}}},
            'The simulation makes 0 cases of B, "wart". Use at least 1, or leave it out.',
        ),
        (
            {"cases": {"A": {"naevus": 3}, "B": {"wart": 5}}},
            "The draw takes 4 cases of A, but the simulation makes 3.",
        ),
        ({"cases": {"B": {"wart": 9}}} | target(), "The draw takes 4 cases of A, but the simulation makes 0."),
        ({"cases": {"A": {"naevus": 4}, "B": {"x": 1}}}, "A batch takes 6 cases, but the simulation draws 5."),
        (
            {"attributes": {}},
            'Batches are stratified by "tone", which the simulated cases lack. Add it to their attributes.',
        ),
        (
            target(modality="spare"),
            'Target 1 names the modality "spare", which is not there. There are: aided, false, unaided.',
        ),
        (target(group="vets"), TARGET.format("vets", "doctors, nurses")),
        (target(arm="c"), 'Target 1 names the arm "c", which is not there. There are: a, b.'),
        (target(dataset="C"), 'Target 1 names the dataset "C", which is not there. There are: A, B.'),
        (target(round=2), "Target 1 names a round or stage that the design does not have."),
        (target(stage=3), "Target 1 names a round or stage that the design does not have."),
        (
            {"ai": [{"value": 0.8, "mark": "assumed"}]},
            'The simulation does not say how often the AI output "second" is right. Add it under ai.',
        ),
        (
            {"ai": [*TARGETS["ai"], {"value": 0.7, "mark": "assumed", "source": "third"}]},
            'The simulation gives an accuracy for the AI output "third", which the design does not use.',
        ),
    ],
)
def test_a_target_that_the_design_cannot_meet_is_named(values, fault):
    assert faults_of(**values) == [fault]


def test_a_ranked_list_or_a_management_that_nobody_asks_for_is_no_target():
    plain = {"questions": [{"name": "diagnosis", "kind": "diagnosis", "text": "Which?"}], "active": []}
    for measure, words in (
        ("top_3", "counts a ranked list"), ("top_4", "counts a ranked list"),
        ("management_sensitivity", "counts managements"), ("management_specificity", "counts managements"),
    ):  # fmt: skip
        faults = faults_of(design=plain, **target(measure=measure))
        assert len(faults) == 1
        assert words in faults[0]
    assert faults_of(design=plain, **target(measure="accuracy")) == []


def test_batches_by_diagnosis_or_in_no_strata_need_no_attributes():
    for by in ("diagnosis", ""):
        design = {"cases": {"per_reader": 5, "batches": 2, "stratify": by}}
        assert faults_of(design=design, attributes={}) == []


def test_a_draw_of_a_data_set_that_is_not_made_is_named():
    design = {"cases": {"draw": {"A": 4, "C": 1}}}
    assert faults_of(design=design, batches=1) == ["The draw takes 1 cases of C, but the simulation makes 0."]


def test_only_drawn_cases_fill_a_batch():
    design = {"cases": {"draw": {"A": 1}, "per_reader": 4, "batches": 2}}
    assert faults_of(design=design) == ["A batch takes 4 cases, but the simulation draws 3."]


def test_no_batch_needs_no_case():
    assert faults_of(design={"cases": {}}, batches=1, cases={"B": {}}) == []


def test_a_size_between_two_bounds_counts_by_the_larger():
    few = {"A": {"naevus": 4}, "B": {"wart": 1}}
    assert faults_of(design={"cases": {"per_reader": 5, "batches": 2}}, cases=few) == []
    assert faults_of(design={"cases": {}}, cases={"A": {"x": 1}, "B": {"x": 1}}, batches=1) == []
