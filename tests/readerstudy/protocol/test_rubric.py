import pytest

from readerstudy.protocol.rubric import rubric_from_csv
from readerstudy.protocol.values import BadDesign

GOOD = '\ufeff"diagnosis",excise,wait\r\nmelanoma, optimal ,dangerous\r\n\r\n,,\r\n"naevus, blue",,optimal\r\n'


def faults_of(text):
    with pytest.raises(BadDesign) as bad:
        rubric_from_csv(text)
    return bad.value.faults


def test_a_table_of_diagnoses_and_managements_is_read():
    assert rubric_from_csv(GOOD) == {
        "melanoma": {"excise": "optimal", "wait": "dangerous"},
        "naevus, blue": {"wait": "optimal"},
    }


@pytest.mark.parametrize("text", ["", "\n\n", "diagnosis,excise\n"])
def test_an_empty_table_is_refused(text):
    assert faults_of(text) == ["The rubric is empty. Give a line of managements and a line for each diagnosis."]


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("diagnosis\nmelanoma\n", ["Line 1: no management is named. Give one column for each."]),
        ("diagnosis,excise,\na,optimal,optimal\n", ["Line 1: a column has no management above it."]),
        (
            "diagnosis,excise,wait,excise\na,optimal,optimal,optimal\n",
            ['Line 1: the management "excise" stands twice. Name each once.'],
        ),
        ("d,excise\n,optimal\n", ["Line 2: the diagnosis is missing."]),
        ("d,excise\na,optimal\na,optimal\n", ['Line 3: "a" stands twice. Give it one line.']),
        ("d,excise\na,optimal,optimal\n", ["Line 2: 2 grades for 1 managements."]),
        ("d,excise,wait\na,optimal\n", ["Line 2: 1 grades for 2 managements."]),
        (
            "\nd,excise\na,fine\n",
            [
                'Line 3: "fine" is no grade. Use one of: optimal, appropriate, inappropriate, dangerous, or leave the '
                "cell empty."
            ],
        ),
        ('d,excise\n"a,optimal\n', ["Line 2: this is no valid CSV (unexpected end of data)."]),
        ('d,excise\n\n"a"x,optimal\n', ["Line 3: this is no valid CSV (',' expected after '\"')."]),
    ],
)
def test_a_fault_names_its_line(text, faults):
    assert faults_of(text) == faults


def test_every_fault_is_told_at_once():
    assert len(faults_of("d,,\n,fine\na,b,c\n")) == 7
