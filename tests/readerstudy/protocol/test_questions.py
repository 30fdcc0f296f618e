import pytest

from readerstudy.protocol.questions import (
    ACTIONS,
    CANNOT_TELL,
    CLASSES,
    LONGEST_TEXT,
    BadValue,
    Kind,
    Question,
    final_list,
    principal,
)

SKIN = ["melanoma", "naevus", "psoriasis"]


def question(kind, **values):
    return Question(name="q", kind=kind, text="What?", **values)


def checked(kind, value, **values):
    return question(kind, **values).checked(value, classes=SKIN)


@pytest.mark.parametrize(
    ("kind", "values", "offered"),
    [
        (Kind.DIAGNOSIS, {}, SKIN),
        (Kind.RANKED, {}, SKIN),
        (Kind.CHOICE, {"options": ("a", CLASSES)}, ["a", *SKIN]),
        (Kind.MANAGEMENT, {"options": ("refer", "wait")}, ["refer", "wait"]),
        (Kind.CHECKLIST, {"options": ("x", "y")}, ["x", "y"]),
        (Kind.DIAGNOSIS, {"cannot_tell": True}, [*SKIN, CANNOT_TELL]),
        (Kind.ACTION, {}, list(ACTIONS)),
        (Kind.SCALE, {}, []),
        (Kind.CONFIDENCE, {}, []),
        (Kind.YES_NO, {"cannot_tell": True}, []),
    ],
)
def test_a_question_offers_its_options_and_the_classes_where_it_names_them(kind, values, offered):
    assert question(kind, **values).offered(SKIN) == offered


@pytest.mark.parametrize("empty", [None, "", []])
def test_only_an_optional_question_may_be_passed_over(empty):
    assert checked(Kind.TEXT, empty, required=False) is None
    with pytest.raises(BadValue, match="“What.” is not answered yet."):
        checked(Kind.TEXT, empty)


@pytest.mark.parametrize(
    ("kind", "values", "given", "stored"),
    [
        (Kind.DIAGNOSIS, {}, "naevus", "naevus"),
        (Kind.DIAGNOSIS, {"cannot_tell": True}, CANNOT_TELL, CANNOT_TELL),
        (Kind.ACTION, {}, "add", "add"),
        (Kind.RANKED, {"most": 2}, ["naevus", "melanoma"], ["naevus", "melanoma"]),
        (Kind.RANKED, {"most": 3, "free": True}, [" wart "], ["wart"]),
        (Kind.RANKED, {"most": 2, "free": True, "synonyms": {"mole": "naevus"}}, [" Mole"], ["naevus"]),
        (Kind.RANKED, {"free": True}, ["x" * LONGEST_TEXT], ["x" * LONGEST_TEXT]),
        (Kind.CONFIDENCE, {}, 0.25, 0.25),
        (Kind.CONFIDENCE, {}, 0, 0.0),
        (Kind.SCALE, {"low": 1, "high": 5}, 1, 1),
        (Kind.SCALE, {"low": 1, "high": 5}, 5.0, 5),
        (Kind.YES_NO, {}, False, False),
        (Kind.CHECKLIST, {"options": ("a", "b", "c")}, ["c", "a", "c"], ["a", "c"]),
        (Kind.TEXT, {}, " x ", "x"),
        (Kind.TEXT, {}, "x" * LONGEST_TEXT, "x" * LONGEST_TEXT),
        (
            Kind.REGION, {}, {"left": 0, "top": 0.25, "right": 1, "bottom": 0.5},
            {"left": 0.0, "top": 0.25, "right": 1.0, "bottom": 0.5},
        ),
    ],
)  # fmt: skip
def test_a_good_value_is_stored_in_one_form(kind, values, given, stored):
    found = checked(kind, given, **values)
    assert found == stored
    assert type(found) is type(stored)


@pytest.mark.parametrize(
    ("kind", "values", "given", "words"),
    [
        (Kind.DIAGNOSIS, {}, "wart", "“wart” is not one of the answers to “What.”."),
        (Kind.DIAGNOSIS, {}, CANNOT_TELL, "not one of the answers"),
        (Kind.MANAGEMENT, {"options": ("refer",)}, "wait", "not one of the answers"),
        (Kind.ACTION, {}, "drop", "not one of the answers"),
        (Kind.RANKED, {}, "naevus", "takes a list of names, best first"),
        (Kind.RANKED, {}, [3], "takes a list of names"),
        (Kind.RANKED, {"free": True}, [" "], "takes a list of names"),
        (Kind.RANKED, {"most": 2}, SKIN, "at most 2 entries, not 3"),
        (Kind.RANKED, {"most": 2}, ["naevus", "naevus"], "names an entry twice"),
        (Kind.RANKED, {"most": 2, "free": True, "synonyms": {"mole": "naevus"}}, ["mole", "naevus"], "twice"),
        (Kind.RANKED, {"most": 2}, ["naevus", "wart"], "“wart” is not one of the answers"),
        (Kind.RANKED, {"free": True}, ["x" * (LONGEST_TEXT + 1)], "longer than 400 characters"),
        (Kind.CONFIDENCE, {}, 0.3, "^Confidence has five keys: 0, 0.25, 0.5, 0.75, 1.$"),
        (Kind.CONFIDENCE, {}, True, "five keys"),
        (Kind.SCALE, {"low": 1, "high": 5}, 0, "goes from 1 to 5, not to 0"),
        (Kind.SCALE, {"low": 1, "high": 5}, 6, "goes from 1 to 5, not to 6"),
        (Kind.SCALE, {}, 1.5, "takes a whole number"),
        (Kind.SCALE, {}, True, "takes a whole number"),
        (Kind.SCALE, {}, "3", "takes a whole number"),
        (Kind.YES_NO, {}, 1, "takes yes or no"),
        (Kind.CHECKLIST, {"options": ("a",)}, "a", "takes a list of its options"),
        (Kind.CHECKLIST, {"options": ("a",)}, ["b"], "not one of the answers"),
        (Kind.TEXT, {}, 3, "at most 400 characters"),
        (Kind.TEXT, {}, "x" * (LONGEST_TEXT + 1), "at most 400 characters"),
        (Kind.REGION, {}, [0, 0, 1, 1], "takes a rectangle: left, top, right, bottom"),
        (Kind.REGION, {}, {"left": 0, "top": 0, "right": 1}, "takes a rectangle"),
        (Kind.REGION, {}, {"left": 0, "top": 0, "right": 1.01, "bottom": 1}, "lies outside the image"),
        (Kind.REGION, {}, {"left": -0.1, "top": 0, "right": 1, "bottom": 1}, "lies outside the image"),
        (Kind.REGION, {}, {"left": False, "top": 0, "right": 1, "bottom": 1}, "lies outside the image"),
        (Kind.REGION, {}, {"left": "0", "top": 0, "right": 1, "bottom": 1}, "lies outside the image"),
        (Kind.REGION, {}, {"left": 0.5, "top": 0, "right": 0.5, "bottom": 1}, "has no area"),
        (Kind.REGION, {}, {"left": 0, "top": 0.5, "right": 1, "bottom": 0.5}, "has no area"),
    ],
)
def test_a_bad_value_is_refused_with_what_would_answer(kind, values, given, words):
    with pytest.raises(BadValue, match=words):
        checked(kind, given, **values)


def test_nan_is_not_a_place_on_the_image_nor_on_a_scale():
    with pytest.raises(BadValue):
        checked(Kind.REGION, {"left": float("nan"), "top": 0, "right": 1, "bottom": 1})
    for odd in (float("nan"), float("inf")):
        with pytest.raises(BadValue, match="whole number"):
            checked(Kind.SCALE, odd)


def test_the_first_entry_of_a_ranked_list_is_the_principal_diagnosis():
    asked = [Question("d", Kind.RANKED, "D?"), Question("confidence", Kind.SCALE, "C?", low=1, high=5)]
    assert principal(asked, {"d": ["naevus", "melanoma"], "confidence": 2}) == ("naevus", 0.25)


def test_a_chosen_diagnosis_and_the_five_keys_are_principal_as_they_are():
    asked = [Question("d", Kind.DIAGNOSIS, "D?"), Question("c", Kind.CONFIDENCE, "C?"), Question("t", Kind.SCALE, "T?")]
    assert principal(asked, {"d": "naevus", "c": 0.75, "t": 50}) == ("naevus", 0.75)


def test_what_was_passed_over_is_no_principal_answer():
    asked = [Question("d", Kind.DIAGNOSIS, "D?"), Question("c", Kind.CONFIDENCE, "C?")]
    assert principal(asked, {"d": None}) == ("", None)
    assert principal(asked, {"c": 0.5}) == ("", 0.5)


@pytest.mark.parametrize(
    ("action", "suggested", "final"),
    [
        ("keep", "c", ["a", "b"]),
        ("add", "c", ["a", "b", "c"]),
        ("add", "a", ["a", "b"]),
        ("replace", "c", ["c", "a", "b"]),
        ("replace", "b", ["b", "a"]),
    ],
)
def test_the_final_list_follows_from_the_action_on_the_suggestion(action, suggested, final):
    assert final_list(action, own=["a", "b"], suggested=suggested, most=3) == final


def test_a_final_list_is_never_longer_than_the_question_allows():
    assert final_list("add", own=["a", "b"], suggested="c", most=2) == ["a", "c"]
    assert final_list("replace", own=["a", "b"], suggested="c", most=2) == ["c", "a"]
