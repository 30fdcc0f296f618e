"""The replica's counts against the published sums (DermINO paper, Supplementary Table 2)."""

from random import Random

import pytest

from readerstudy.demo.counts import ai_answers, read_counts, reader_answers

REPLICA = read_counts()
TRUTH = {f"case {n}": ("melanoma", "nevus", "keratosis")[n % 3] for n in range(30)}


def right(group, dataset: str, number: int) -> int:
    low, high = group
    return sum(r.right[dataset][number - 1] for r in REPLICA.readers if low <= r.years < high)


@pytest.mark.parametrize(
    ("group", "mpl5", "sid2"), [((0, 3), 486, 321), ((3, 5), 523, 283), ((5, 99), 277, 126), ((0, 99), 1286, 730)]
)
def test_round_1_meets_the_published_sums_of_each_group(group, mpl5, sid2):
    assert (right(group, "MPL5", 1), right(group, "SID2", 1)) == (mpl5, sid2)


def test_round_2_meets_the_published_sums():
    assert (right((0, 99), "MPL5", 2), right((0, 99), "SID2", 2)) == (1666, 821)


def test_the_readers_and_cases_are_the_published_ones():
    assert [r.years for r in REPLICA.readers] == [0, 1, 1, 1, 1, *[2] * 5, *[3] * 6, 4, 4, 4, 5, 5, 7, 8]
    assert {name: sum(one.cases.values()) for name, one in REPLICA.datasets.items()} == {"MPL5": 80, "SID2": 39}


def test_the_ai_beats_all_readers_on_mpl5_and_all_but_one_on_sid2():
    beaten = {
        name: sum(r.right[name][0] < one.ai_right for r in REPLICA.readers) for name, one in REPLICA.datasets.items()
    }
    assert beaten == {"MPL5": 23, "SID2": 22}


@pytest.mark.parametrize("count", [0, 1, 17, 30])
def test_answers_are_right_on_exactly_the_stated_number(count):
    ai = ai_answers(TRUTH, right=count, rng=Random(1))
    assert sum(ai[case] == TRUTH[case] for case in TRUTH) == count
    for shown in (None, ai):
        answers = reader_answers(TRUTH, right=count, difficulty=dict.fromkeys(TRUTH, 0.0), ai=shown, rng=Random(2))
        assert sum(answers[case] == TRUTH[case] for case in TRUTH) == count
