from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readerstudy.protocol.design import Design, Modality, RoundDesign
from readerstudy.protocol.plan import DrawTooLarge, PlannedCase, drawn_cases, reader_plan, seed_digest

TWO_ROUNDS = Design(rounds=(RoundDesign(Modality.UNAIDED), RoundDesign(Modality.AIDED, washout_days=14)))
CASES = [PlannedCase(UUID(int=n), "A" if n < 8 else "B") for n in range(12)]
STORED = [3, 1, 4, 0, 2, 5, 3, 1, 0, 4, 2, 5]  # of seed 2026, reader "1", six cases
seeds = st.integers(0, 2**63 - 1)


@given(seed=seeds, ids=st.sets(st.uuids(), min_size=1, max_size=20))
def test_each_round_shows_every_case_once(seed, ids):
    cases = [PlannedCase(one, "A") for one in ids]
    slots = list(reader_plan(cases, design=TWO_ROUNDS, seed=seed, reader="1"))
    for number in (1, 2):
        of_round = [slot for slot in slots if slot.round == number]
        assert sorted(slot.case for slot in of_round) == sorted(ids)
        assert [slot.position for slot in of_round] == list(range(1, len(ids) + 1))


@given(seed=seeds)
def test_the_second_round_has_another_order(seed):
    slots = list(reader_plan(CASES[:2], design=TWO_ROUNDS, seed=seed, reader="1"))
    assert [s.case for s in slots if s.round == 1] != [s.case for s in slots if s.round == 2]


@given(seed=seeds)
def test_the_same_seed_gives_the_same_plan_whatever_the_order_of_import(seed):
    forward = drawn_cases(CASES, design=TWO_ROUNDS, seed=seed)
    backward = drawn_cases(reversed(CASES), design=TWO_ROUNDS, seed=seed)
    plans = [list(reader_plan(cases, design=TWO_ROUNDS, seed=seed, reader="3")) for cases in (forward, backward)]
    assert plans[0] == plans[1]


def test_readers_have_orders_of_their_own():
    orders = {
        tuple(s.case for s in reader_plan(CASES, design=TWO_ROUNDS, seed=1, reader=str(n)) if s.round == 1)
        for n in range(20)
    }
    assert len(orders) == 20


def test_the_order_is_the_same_on_every_machine():
    """A stored plan of seed 2026: a changed stream would break every study that is under way."""
    slots = reader_plan(CASES[:6], design=TWO_ROUNDS, seed=2026, reader="1")
    assert [slot.case.int for slot in slots] == STORED


def test_a_draw_takes_the_stated_number_of_each_data_set():
    design = Design(rounds=TWO_ROUNDS.rounds, draw={"A": 5})
    drawn = drawn_cases(CASES, design=design, seed=1)
    assert [sum(case.dataset == name for case in drawn) for name in "AB"] == [5, 4]


@pytest.mark.parametrize("draw", [{"A": 9}, {"C": 1}])
def test_a_draw_that_the_cases_cannot_meet_is_refused(draw):
    with pytest.raises(DrawTooLarge):
        drawn_cases(CASES, design=Design(rounds=TWO_ROUNDS.rounds, draw=draw), seed=1)


def test_the_published_digest_tells_the_seed_only_to_who_knows_it():
    assert seed_digest(1) != seed_digest(2)
    assert len(seed_digest(1)) == 64
