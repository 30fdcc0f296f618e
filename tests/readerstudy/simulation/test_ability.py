from statistics import mean

from hypothesis import given
from hypothesis import strategies as st

from readerstudy.simulation.ability import CONFIDENCES, Ability

OPTIONS = ["basal cell carcinoma", "melanoma", "nevus"]
TRUTH = "melanoma"


def share_right(ability: Ability, *, ai: str | None, cases: int = 400) -> float:
    said = (
        ability.decide(case=str(n), round_number=1, truth=TRUTH, options=OPTIONS, ai=ai).choice for n in range(cases)
    )
    return mean(choice == TRUTH for choice in said)


@given(seed=st.integers(0, 2**32), number=st.integers(1, 60), case=st.text(max_size=8))
def test_a_decision_hangs_on_the_seed_alone_and_is_one_of_the_options(seed: int, number: int, case: str) -> None:
    first, second = (
        Ability.of(seed=seed, number=number).decide(case=case, round_number=1, truth=TRUTH, options=OPTIONS, ai=None)
        for _ in range(2)
    )
    assert first == second
    assert first.choice in OPTIONS and first.confidence in CONFIDENCES and first.seconds > 0


def test_readers_come_from_every_group_of_experience() -> None:
    years = [Ability.of(seed=1, number=number).years for number in range(1, 24)]
    groups = [sum(low <= year < high for year in years) for low, high in ((0, 3), (3, 5), (5, 99))]
    assert sum(groups) == 23 and min(groups) >= 7


def test_a_right_aid_helps_and_a_wrong_one_misleads() -> None:
    for number in range(1, 7):
        ability = Ability.of(seed=3, number=number)
        alone = share_right(ability, ai=None)
        assert share_right(ability, ai=TRUTH) > alone > share_right(ability, ai="nevus")


def test_some_decisions_take_longer_than_the_paper_allows() -> None:
    ability = Ability.of(seed=3, number=1)
    times = [
        ability.decide(case=str(n), round_number=1, truth=TRUTH, options=OPTIONS, ai=None).seconds for n in range(500)
    ]
    assert 0 < sum(seconds > 20 for seconds in times) < 50
