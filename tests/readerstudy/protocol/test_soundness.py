from copy import deepcopy

import pytest

from readerstudy.protocol.design import BadDesign, Design
from readerstudy.protocol.questions import Kind, Question
from readerstudy.protocol.soundness import classes_not_offered, lacking_cases, lacking_masks

GOOD = {
    "rounds": [{"stages": [{"modality": "unaided"}, {"modality": "aided"}]}],
    "questions": [
        {"name": "diagnosis", "kind": "diagnosis", "text": "Which?"},
        {"name": "next", "kind": "management", "text": "What next?", "options": ["excise", "wait"]},
        {"name": "sure", "kind": "scale", "text": "How sure?", "low": 1, "high": 5},
        {"name": "action", "kind": "action", "text": "Keep?"},
    ],
    "modalities": [{"name": "unaided"}, {"name": "aided", "shows": ["ranked", "mask"], "source": "false"}],
    "altered": [{"name": "false", "kind": "false"}],
    "debriefing": "Some output was false.",
    "arms": [{"name": "a"}, {"name": "b", "weight": 2, "modalities": [["unaided", "unaided"]]}],
    "allocation": {"strata": ["years", "role"], "block": 6},
    "profile": [{"name": "role", "text": "Your role?", "options": ["doctor", "nurse"]}],
    "groups": {"variable": "role", "cuts": [0, 3]},
    "cases": {"draw": {"A": 40}, "per_reader": 20, "per_reader_most": 40, "batches": 3, "attention": 1},
    "exclusions": [{"rule": "valid_share", "value": 0.95}, {"rule": "attention", "value": 1}],
    "rubric": {"melanoma": {"excise": "optimal", "wait": "dangerous"}},
    "active": ["excise"],
    "reminders": {"after_days": [2, 5], "timezone": "Europe/Vienna"},
}  # fmt: skip


def changed(path: str, value: object) -> dict:
    """GOOD with one value changed. `path`: keys and places with dots; "-" as value takes the key out."""
    design = deepcopy(GOOD)
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    at = design
    for key in way:
        at = at.setdefault(key, {}) if isinstance(at, dict) else at[key]
    if value == "-":
        del at[last]
    else:
        at[last] = value
    return design


def test_the_good_design_is_good():
    assert Design.from_dict(GOOD).used() == {"unaided", "aided"}


STAGE = "rounds.0.stages.0"
FAULTS = [
    ("rounds", [], ["The design has no rounds. Add at least one."]),
    (
        "rounds.0.washout_days", 3,
        ["Round 1 has a washout, but no round comes before it. Set it to 0."],
    ),
    ("rounds.0.washout_days", -1, ["The round 1 has washout_days = -1. Use a number from 0 to 365 days."]),
    (
        "rounds", [{"stages": []}],
        ["Round 1 has no stages. Add at least one, or give its modality and limit directly.",
         'Arm "b" names 2 modalities for the 0 stages of round 1.'],
    ),
    (
        f"{STAGE}.modality", "helped",
        ['Round 1, stage 1: modality "helped" is not known. Use one of: aided, unaided.'],
    ),
    (
        f"{STAGE}.questions", ["mood"],
        ['Round 1, stage 1 asks "mood", but no question has this name. There are: action, diagnosis, next, sure.'],
    ),
    (
        f"{STAGE}.questions", ["action"],
        ['Round 1, stage 1 asks nothing where it is "unaided". Give it at least one question.'],
    ),
    (
        "rounds.0.stages.1.questions", ["action"],
        ['Round 1, stage 2 asks nothing where it is "unaided". Give it at least one question.'],
    ),
    (
        f"{STAGE}.prompt", "on_disagreement",
        ["Round 1, stage 1 refers to an answer before it, but it is the first stage."],
    ),
    (f"{STAGE}.own_answer", True, ["Round 1, stage 1 refers to an answer before it, but it is the first stage."]),
    (f"{STAGE}.evidence", ["age"], ['Round 1, stage 1 shows no image. Add "image" or "images" to its evidence.']),
    (
        f"{STAGE}.evidence", ["images", "mood"],
        ['Round 1, stage 1 shows "mood", which is no evidence. Use one of: image, image:2, images, age, sex, site, '
         "history, skin_tone."],
    ),
    (f"{STAGE}.evidence", ["image:0"], ['Round 1, stage 1 shows "image:0", which is no evidence.']),
    (f"{STAGE}.evidence", ["image:"], ['Round 1, stage 1 shows "image:", which is no evidence.']),
    (f"{STAGE}.evidence", ["images:2"], ['Round 1, stage 1 shows "images:2", which is no evidence.']),
    (f"{STAGE}.limit_s", 0, ["The round 1, stage 1 has limit_s = 0. Use a number from 1 to 600 seconds."]),
    ("questions", [], ["The design asks nothing. Add at least one question."]),
    ("questions.0.text", " ", ['The question "diagnosis" has no text. Write what the reader is asked.']),
    ("questions.0.options", ["a"], ['The question "diagnosis" offers fewer than two options. Add options.']),
    ("questions.0.options", [], ['The question "diagnosis" offers fewer than two options. Add options.']),
    ("questions.0.options", ["a", "b", "a"], ['The question "diagnosis" offers an option twice. Name each once.']),
    ("questions.1.options", ["classes"], ['The question "next" offers diagnoses as managements. Name its options.']),
    ("questions.2.low", 5, ['The scale of "sure" goes from 5 to 5. Let it end above its beginning.']),
    (
        "questions.0.kind", "choice",
        ["No question asks for a diagnosis. Add one, or say that the study has no reference standard."],
    ),
    (
        "questions.2", {"name": "other", "kind": "ranked", "text": "Which?"},
        ["Round 1, stage 1 asks for two principal diagnoses (diagnosis, other). Make one a choice."],
    ),
    ("questions.1.name", "diagnosis", ['Two questions are called "diagnosis". Give each a name of its own.']),
    ("modalities.0.name", "aided", ['Two modalities are called "aided". Give each a name of its own.']),
    ("arms.1.name", "a", ['Two arms are called "a". Give each a name of its own.']),
    ("arms.1.name", " ", ["One of the arms has no name. Give it one."]),
    ("altered.0.name", "", ["One of the altered sets has no name. Give it one."]),
    ("further_models", ["x", "x"], ['Two further models are called "x". Give each a name of its own.']),
    ("further_models", ["false"], ['A further model is called "false", as another set of AI output is.']),
    ("further_models", ["ai"], ['A further model is called "ai", as another set of AI output is.']),
    (
        "modalities.1.source", "second",
        ['Modality "aided" shows the output of "second", which is neither an altered set nor a further model. Declare '
         "it, or use one of: ai, false."],
    ),
    ("modalities.1.timing", "delayed", ['Modality "aided" is delayed by 0 seconds. Give delay_s, or show it concur']),
    (
        "modalities.1.honest_batches", 3,
        ['Modality "aided" shows honest output in the first 3 batches, but a reader reads 3: the other output would '
         "never be seen. Allow more batches."],
    ),
    ("altered.0.name", "ai", ['An altered set cannot be called "ai": that is the model\'s own output.']),
    (
        "reference", False,
        ['The set "false" is made from the reference standard, but the study has none. Leave it out.'],
    ),
    ("debriefing", " ", ["Some readers see false AI output. Write the debriefing that tells them so at the end."]),
    (
        "split", {"modalities": ["unaided", "helped"]},
        ['The split names the modality "helped", which is not known. Use one of: aided, unaided.'],
    ),
    ("split", {"modalities": ["aided"]}, ["The split needs at least two modalities, each named once."]),
    (
        "split", {"modalities": ["aided", "unaided", "aided"]},
        ["The split needs at least two modalities, each named once."],
    ),
    (
        "split", {"modalities": ["aided", "unaided"], "stage": 3},
        ["The split changes stage 3, but round 1 has 2."],
    ),
    ("arms", [], ["The design has no arms. Leave them out, or add at least one."]),
    ("arms.0.weight", 0, ["The arm 1 has weight = 0. Use a whole number from 1 to 20."]),
    ("arms.1.modalities", [["unaided", "aided"]] * 2, ['Arm "b" names modalities for 2 rounds; there are 1.']),
    ("arms.1.modalities", [["unaided"]], ['Arm "b" names 1 modalities for the 2 stages of round 1.']),
    (
        "arms.1.modalities", [["unaided", "helped"]],
        ['Arm "b": modality "helped" is not known. Use one of: aided, unaided.'],
    ),
    (
        "allocation.block", 4,
        ["Blocks of 4 readers cannot hold the arms in their proportions. Use a multiple of 3."],
    ),
    (
        "allocation.strata", ["mood"],
        ['Readers are allocated by "mood", which the profile does not ask. Add it to the profile.'],
    ),
    (
        "profile.0.options", ["doctor"],
        ['The profile question "role" needs at least two options, each named once.'],
    ),
    (
        "profile.0.options", ["doctor", "nurse", "nurse"],
        ['The profile question "role" needs at least two options, each named once.'],
    ),
    (
        "profile", [*GOOD["profile"], {"name": "years", "text": "?", "options": ["1", "2"]}],
        ['The profile asks for "years" by itself. Give the question another name.'],
    ),
    ("profile", GOOD["profile"] * 2, ['Two profile questions are called "role". Give each a name of its own.']),
    ("groups.variable", "mood", ['Results group readers by "mood", which the profile does not ask.']),
    ("groups.cuts", [3, 0], ["The groups of years begin at [3.0, 0.0]. Name each bound once, in rising order."]),
    ("groups.cuts", [0, 0], ["The groups of years begin at [0.0, 0.0]. Name each bound once, in rising order."]),
    (
        "exclusions.0.rule", "mood",
        ['The exclusion rule "mood" is not known. Use one of: valid_share, readings, attention, recognised.'],
    ),
    (
        "exclusions.0.value", 1.5,
        ['The exclusion rule "valid_share" has the value 1.5. Use a share from 0 to 1.'],
    ),
    (
        "exclusions.0", {"rule": "readings", "value": -1},
        ['The exclusion rule "readings" has the value -1. Use a number of at least 0.'],
    ),
    (
        "cases.attention", 0,
        ["Readers are excluded by attention checks, but none are planned. Set attention among the cases."],
    ),
    ("reminders.after_days", [0], ["Reminders are sent after [0.0] days. Name each number once, above 0, in rising"]),
    ("reminders.after_days", [5, 2], ["Reminders are sent after [5.0, 2.0] days."]),
    ("reminders.timezone", "Mars", ['The time zone "Mars" is not known. Use a name such as UTC or Europe/Vienna.']),
    ("cases.draw", {"A": 0}, ["The draw takes 0 cases of A. Use at least 1, or leave it out to read all of them."]),
    ("cases.draw", {"A": 1.5}, ['The design\'s cases has draw "A" = 1.5. Use a whole number.']),
    ("cases.per_reader_most", 19, ["A reader reads 20 to 19 cases. Let the second number be the larger."]),
    ("cases.drawing", "balanced", ["Balanced batches hold equally many cases. Leave per_reader_most out, or draw at"]),
    (
        "rounds", [*GOOD["rounds"], {"stages": [{}, {}]}],
        ["Batches can be repeated only where there is one round. Set batches to 1.",
         'Arm "b" names modalities for 1 rounds; there are 2.'],
    ),
    (
        "rubric.melanoma.bleach", "optimal",
        ['The rubric grades the action "bleach" of "melanoma", which no management question offers. Offered: excise, '
         "wait."],
    ),
    (
        "rubric.melanoma.excise", "good",
        ['The rubric grades "melanoma", "excise" as "good". Use one of: optimal, appropriate, inappropriate, dang'],
    ),
    ("rubric.melanoma", 3, ['The design has rubric "melanoma" = 3. Use a table of names and values.']),
    (
        "active", ["bleach"],
        ['The active management "bleach" is not offered by any management question. Offered: excise, wait.'],
    ),
    ("endpoint", "luck", ['The endpoint "luck" is not known. Use one of: accuracy, balanced_accuracy, top_3, top_4,']),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "faults"), FAULTS, ids=lambda one: str(one)[:40])
def test_a_design_that_cannot_be_run_is_told_why(path, value, faults):
    with pytest.raises(BadDesign) as bad:
        Design.from_dict(changed(path, value))
    for fault in faults:
        assert any(told.startswith(fault) for told in bad.value.faults), bad.value.faults


def test_every_fault_is_told_at_once():
    design = {**changed("endpoint", "luck"), "reminders": {"timezone": "Mars"}, "debriefing": ""}
    with pytest.raises(BadDesign) as bad:
        Design.from_dict(design)
    assert len(bad.value.faults) == 3


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (f"{STAGE}.evidence", ["image:2", "history"]),
        (f"{STAGE}.evidence", ["images", "age", "sex", "site", "skin_tone"]),
        ("rounds.0.stages.1.prompt", "on_disagreement"),
        ("rounds.0.stages.1.own_answer", True),
        ("questions.0.options", ["classes"]),
        ("questions.0.options", ["classes", "something else"]),
        ("questions.2.high", 2),
        ("further_models", ["second"]),
        ("modalities.1.honest_batches", 2),
        ("modalities.1", {"name": "aided", "shows": ["label"], "timing": "delayed", "delay_s": 1}),
        ("split", {"modalities": ["aided", "unaided"], "stage": 2}),
        ("allocation.block", 3),
        ("allocation.block", 0),
        ("cases.per_reader_most", 20),
        ("cases.per_reader", 40),
        ("exclusions.0.value", 0),
        ("exclusions.0.value", 1),
        ("exclusions.0", {"rule": "readings", "value": 29}),
        ("reminders.after_days", []),
        ("modalities.0.source", "nobody sees it"),
    ],
)  # fmt: skip
def test_the_edge_of_what_is_allowed_is_allowed(path, value):
    design = Design.from_dict(changed(path, value))
    assert Design.from_dict(design.as_dict()) == design


def test_two_principal_questions_may_be_asked_at_different_stages():
    design = changed("questions.2", {"name": "other", "kind": "ranked", "text": "Which?"})
    first, second = design["rounds"][0]["stages"]
    first["questions"], second["questions"] = ["diagnosis"], ["other"]
    Design.from_dict(design)
    second["questions"] = ["diagnosis", "other"]
    with pytest.raises(BadDesign) as bad:
        Design.from_dict(design)
    assert bad.value.faults == [
        "Round 1, stage 2 asks for two principal diagnoses (diagnosis, other). Make one a choice."
    ]


def test_a_stage_with_an_unknown_question_does_not_hide_one_that_asks_nothing():
    design = changed("rounds.0.stages.1.questions", ["action"])
    design["rounds"][0]["stages"][0]["questions"] = ["mood"]
    with pytest.raises(BadDesign) as bad:
        Design.from_dict(design)
    assert len(bad.value.faults) == 2


def test_a_further_model_may_be_shown_without_being_altered():
    design = changed("modalities.1.source", "second") | {"further_models": ["second"], "debriefing": ""}
    assert Design.from_dict(design).sources() == ["ai", "second"]


def test_false_output_that_nobody_sees_needs_no_debriefing():
    assert Design.from_dict(changed("modalities.1.source", "ai") | {"debriefing": ""}).sources() == ["ai"]


def test_a_split_in_blocks_has_no_repeats():
    design = changed("split", {"modalities": ["aided", "unaided"], "block": 5}) | {"cases": {"repeats": 0.1}}
    design["exclusions"] = []
    with pytest.raises(
        BadDesign,
        match=r"^Repeated cases would break the blocks of the split. Set its block to 0, or leave the repeats out.$",
    ):
        Design.from_dict(design)
    mixed = {**design, "split": {"modalities": ["aided", "unaided"], "block": 0}}
    assert Design.from_dict(mixed).split.block == 0


@pytest.mark.parametrize(
    ("name", "value"), [("per_reader_most", 5), ("batches", 2), ("drawing", "balanced"), ("stratify", "diagnosis")]
)
def test_who_reads_all_cases_has_no_batches(name, value):
    with pytest.raises(BadDesign) as bad:
        Design.from_dict({"rounds": [{}], "cases": {name: value}})
    assert bad.value.faults == [
        f"The cases have {name}, but every reader reads all. Give per_reader, the size of a batch."
    ]


def test_two_batches_need_a_single_round():
    with pytest.raises(BadDesign, match="Batches can be repeated only where there is one round. Set batches to 1."):
        Design.from_dict({"rounds": [{}, {}], "cases": {"per_reader": 5, "batches": 2}})
    Design.from_dict({"rounds": [{}, {}], "cases": {"per_reader": 5, "batches": 1}})


def test_a_rubric_without_a_management_question_offers_none():
    with pytest.raises(BadDesign, match="Offered: none: add a management question"):
        Design.from_dict({"rounds": [{}], "active": ["excise"]})


def test_one_stage_is_named_by_its_round():
    with pytest.raises(BadDesign) as bad:
        Design.from_dict({"rounds": [{"modality": "x"}]})
    assert bad.value.faults == ['Round 1: modality "x" is not known. Use one of: aided, unaided.']


def cases_design(**cases) -> Design:
    return Design.from_dict({"rounds": [{}], "cases": cases})


def test_every_number_of_cases_will_do_where_each_reader_reads_all():
    assert lacking_cases(cases_design(), {"": 1}) == []


def test_a_batch_larger_than_the_case_set_is_named():
    design = cases_design(per_reader=20, per_reader_most=30)
    assert lacking_cases(design, {"": 30}) == []
    assert lacking_cases(design, {"": 29}) == [
        "A batch takes 30 cases, but the study has 29. Add cases or make the batch smaller."
    ]
    assert lacking_cases(cases_design(per_reader=20), {"a": 10, "b": 9}) != []


def test_equal_shares_need_enough_cases_of_each_class():
    design = cases_design(per_reader=5, stratify="diagnosis", balance="equal")
    assert lacking_cases(design, {"a": 3, "b": 3}) == []
    assert lacking_cases(design, {"a": 3, "b": 2}) == [
        "A batch takes up to 3 cases of each diagnosis, but of one there are only 2. Add cases or draw fewer."
    ]
    proportional = cases_design(per_reader=5, stratify="diagnosis")
    assert lacking_cases(proportional, {"a": 4, "b": 1}) == []
    assert lacking_cases(cases_design(per_reader=5, balance="equal"), {"": 5}) == []


def test_repeats_need_cases_that_come_early_enough():
    design = cases_design(repeats=0.5, repeat_gap=6)
    assert lacking_cases(design, {"": 10}) == []  # five come again, and five stand six places before the end
    assert lacking_cases(cases_design(repeats=0.5, repeat_gap=7), {"": 10}) == [
        "5 of 10 cases come again, at least 7 cases later, but only 4 come early enough. Lower repeats or repeat_gap."
    ]
    practice = cases_design(repeats=0.5, repeat_gap=6, first_is_practice=True)
    assert len(lacking_cases(practice, {"": 10})) == 1
    batches = cases_design(per_reader=10, per_reader_most=20, repeats=0.5, repeat_gap=7)
    assert len(lacking_cases(batches, {"": 40})) == 1
    assert lacking_cases(cases_design(repeats=0.5, repeat_gap=99), {"": 10})[0].count("only 0") == 1


def test_an_option_list_without_the_truths_class_is_named():
    asked = Question("d", Kind.DIAGNOSIS, "Which?", options=("naevus", "melanoma"))
    assert classes_not_offered(asked, ["naevus"], ["melanoma", "naevus"]) == []
    assert classes_not_offered(asked, ["naevus"], ["wart", "naevus", "angioma", "wart"]) == [
        '“Which?” does not offer "angioma", which is the truth of a case. Add it to the options.',
        '“Which?” does not offer "wart", which is the truth of a case. Add it to the options.',
    ]
    whole = Question("d", Kind.DIAGNOSIS, "Which?")
    assert classes_not_offered(whole, ["naevus", "wart"], ["wart"]) == []


def test_only_a_closed_principal_question_must_offer_the_truth():
    free = Question("d", Kind.RANKED, "Which?", options=("a", "b"), free=True)
    closed = Question("d", Kind.RANKED, "Which?", options=("a", "b"))
    choice = Question("d", Kind.CHOICE, "Which?", options=("a", "b"))
    assert [len(classes_not_offered(one, [], ["c"])) for one in (free, closed, choice)] == [0, 1, 0]


def test_a_case_without_mask_is_named_where_masks_are_shown():
    design = Design.from_dict(GOOD)
    assert lacking_masks(design, {"false": [True, False, False], "ai": [False]}) == [
        'Modality "aided" shows masks, but 2 cases have none. Add them, or show no masks.'
    ]
    assert lacking_masks(design, {"false": [True], "ai": [False]}) == []
    assert lacking_masks(design, {"ai": [False]}) == []


def test_masks_that_nobody_sees_may_be_lacking():
    design = Design.from_dict(changed("arms.0.modalities", [["unaided", "unaided"]]) | {
        "modalities": [{"name": "unaided"}, {"name": "aided", "shows": ["label"]}], "altered": [],
    })  # fmt: skip
    assert lacking_masks(design, {"ai": [False]}) == []
