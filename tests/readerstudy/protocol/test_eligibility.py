import pytest

from readerstudy.protocol.design import Exclusion
from readerstudy.protocol.eligibility import Breach, Counts, attention_passed, exclusions_for, screening_passed


@pytest.mark.parametrize(
    ("right", "total", "share", "passed"),
    [
        (1, 1, 0.6, True),
        (3, 5, 0.6, True),
        (2, 5, 0.6, False),
        (0, 5, 0, True),
        (0, 0, 0, True),
        (0, 0, 0.1, False),
        (5, 5, 1, True),
    ],
)
def test_a_screening_is_passed_from_the_stated_share_on(right, total, share, passed):
    assert screening_passed(right, total, share=share) is passed


@pytest.mark.parametrize(
    ("right", "total", "share", "passed"),
    [(1, 1, 1, True), (0, 1, 1, False), (0, 0, 1, True), (1, 2, 0.5, True), (0, 2, 0.5, False), (0, 2, 0, True)],
)
def test_attention_is_passed_from_the_stated_share_on(right, total, share, passed):
    assert attention_passed(right, total, share=share) is passed


def test_attention_asks_for_every_check_unless_a_share_is_stated():
    assert attention_passed(2, 2)
    assert not attention_passed(1, 2)


@pytest.mark.parametrize(
    ("rule", "value", "counts", "reason"),
    [
        ("valid_share", 0.95, Counts(planned=30, answered=29), None),
        ("valid_share", 0.95, Counts(planned=30, answered=28), "28 of 30 readings are answered, below 95%."),
        ("valid_share", 0.5, Counts(planned=30, answered=15), None),
        ("readings", 9, Counts(planned=10, answered=9), None),
        ("readings", 9, Counts(planned=10, answered=8), "8 readings are answered, fewer than 9."),
        ("attention", 1, Counts(planned=10, answered=10, attention_right=2, attention=2), None),
        ("attention", 1, Counts(10, 10, 1, 2), "1 of 2 attention checks are right, below 100%."),
        ("attention", 0.5, Counts(10, 10, 1, 2), None),
        ("recognised", 0.1, Counts(10, 10, recognised=1), None),
        ("recognised", 0.1, Counts(10, 10, recognised=2), "2 of 10 cases were recognised, more than 10%."),
    ],
)
def test_a_rule_is_broken_only_beyond_its_value(rule, value, counts, reason):
    expected = [] if reason is None else [Breach(rule=rule, reason=reason, sensitivity=False)]
    assert exclusions_for(counts, [Exclusion(rule, value)]) == expected


def test_every_broken_rule_is_told_in_the_order_of_the_protocol():
    rules = [Exclusion("readings", 9), Exclusion("valid_share", 0.1), Exclusion("attention", 1, sensitivity=True)]
    found = exclusions_for(Counts(planned=10, answered=5, attention_right=0, attention=1), rules)
    assert [(one.rule, one.sensitivity) for one in found] == [("readings", False), ("attention", True)]
