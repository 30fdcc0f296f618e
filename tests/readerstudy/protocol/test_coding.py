import pytest

from readerstudy.protocol.coding import NONE_OF_THEM, agreed_code, known_code, plain_text

OPTIONS = ["Melanoma", "Basal cell carcinoma"]
SYNONYMS = {"BCC": "Basal cell carcinoma", "melanoma": "Melanoma"}


def test_texts_are_compared_without_case_and_spaces():
    assert plain_text("  Basal  CELL\ncarcinoma ") == "basal cell carcinoma"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("melanoma", "Melanoma"),
        (" BASAL cell  carcinoma", "Basal cell carcinoma"),
        ("bcc", "Basal cell carcinoma"),
        ("mole", None),
        ("", None),
    ],
)
def test_a_text_names_an_entry_as_written_or_by_a_synonym(text, code):
    assert known_code(text, options=OPTIONS, synonyms=SYNONYMS) == code


@pytest.mark.parametrize(
    ("codes", "agreed"),
    [
        ([], None),
        (["a"], None),
        (["a", "a"], "a"),
        (["a", "b"], None),
        (["a", "b", "a"], "a"),
        (["a", "b", "c"], None),
        (["a", "a", "b", "b"], None),
        ([NONE_OF_THEM, NONE_OF_THEM], NONE_OF_THEM),
    ],
)
def test_two_coders_must_agree_and_of_three_the_majority_decides(codes, agreed):
    assert agreed_code(codes) == agreed
