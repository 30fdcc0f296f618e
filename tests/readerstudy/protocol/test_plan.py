import hashlib
import json
from collections import Counter
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readerstudy.protocol.batches import PlannedCase, drawn_cases, reader_batches
from readerstudy.protocol.design import AIDED, UNAIDED, ArmDesign, CaseDesign, Design, RoundDesign, Split, StageDesign
from readerstudy.protocol.plan import ALGORITHM, Slot, reader_plan

STORED = json.loads((Path(__file__).parent / "stored_plans.json").read_text(encoding="utf-8"))
TWO_ROUNDS = (RoundDesign(), RoundDesign(stages=(StageDesign(modality=AIDED),), washout_days=14.0))
IDS = [UUID(int=n * 101) for n in range(12)]
seeds = st.integers(0, 2**63 - 1)


def plan(ids=IDS, *, seed=1, reader=1, arm="all", place=None, sessions=None, rounds=TWO_ROUNDS, **values):
    design = Design(rounds=rounds, **values)
    return list(reader_plan(sessions or [ids], design=design, seed=seed, reader=reader, arm=arm, place=place))


def order(slots, number=1):
    return [slot.case for slot in slots if slot.round == number]


@given(seed=seeds, ids=st.sets(st.uuids(), min_size=1, max_size=20))
def test_each_round_shows_every_case_once(seed, ids):
    slots = plan(sorted(ids), seed=seed)
    for number in (1, 2):
        assert sorted(order(slots, number)) == sorted(ids)
        assert [slot.position for slot in slots if slot.round == number] == list(range(1, len(ids) + 1))


@given(seed=seeds)
def test_a_round_never_has_the_order_of_the_round_before(seed):
    slots = plan(IDS[:2], seed=seed, rounds=TWO_ROUNDS * 3)
    orders = [order(slots, number) for number in range(1, 7)]
    assert all(before != after for before, after in zip(orders, orders[1:], strict=False))


def test_a_single_case_is_read_in_every_round():
    assert [slot.case for slot in plan(IDS[:1])] == IDS[:1] * 2


def test_readers_have_orders_of_their_own():
    assert len({tuple(order(plan(reader=n))) for n in range(1, 21)}) == 20


def test_sessions_have_orders_and_positions_of_their_own():
    slots = plan(sessions=[IDS, IDS], rounds=TWO_ROUNDS[:1])
    first, second = ([slot for slot in slots if slot.session == number] for number in (1, 2))
    assert [slot.position for slot in second] == list(range(1, 13))
    assert [slot.case for slot in first] != [slot.case for slot in second]
    assert {slot.case for slot in second} == set(IDS)


def test_without_arms_each_stage_has_the_modality_of_the_round():
    rounds = (RoundDesign(stages=(StageDesign(), StageDesign(modality=AIDED))),)
    assert {slot.modalities for slot in plan(rounds=rounds)} == {(UNAIDED, AIDED)}


def test_an_arm_may_name_its_own_modalities():
    arms = (ArmDesign("all", modalities=((AIDED,), (UNAIDED,))), ArmDesign("b"))
    assert [plan(arms=arms)[k].modalities for k in (0, 12)] == [(AIDED,), (UNAIDED,)]
    assert [plan(arms=arms, arm="b")[k].modalities for k in (0, 12)] == [(UNAIDED,), (AIDED,)]


def test_every_reading_counts_unless_said_otherwise():
    assert all(slot.counted and slot.occurrence == 1 and not slot.is_attention for slot in plan())


@given(seed=seeds, share=st.sampled_from([0.1, 0.25, 0.5]), gap=st.integers(1, 7))
def test_repeats_come_once_more_at_least_a_gap_later(seed, share, gap):
    slots = plan(seed=seed, cases=CaseDesign(repeats=share, repeat_gap=gap))
    assert sorted(slot.case for slot in slots if slot.occurrence == 1) == sorted(IDS * 2)
    for number in (1, 2):
        at = {(slot.case, slot.occurrence): slot.position for slot in slots if slot.round == number}
        again = [case for case, occurrence in at if occurrence == 2]
        assert len(again) == round(12 * share)
        assert all(at[case, 2] - at[case, 1] >= gap for case in again)
        assert sorted(at.values()) == list(range(1, 13 + len(again)))


def test_a_repeat_may_come_right_after_the_gap_and_at_the_very_end():
    cases = CaseDesign(repeats=0.1, repeat_gap=11)
    distances = set()
    for seed in range(60):
        at = {(s.case, s.occurrence): s.position for s in plan(seed=seed, cases=cases, rounds=TWO_ROUNDS[:1])}
        distances |= {at[case, 2] - at[case, 1] for case, occurrence in at if occurrence == 2}
    assert distances == {11, 12}


def test_the_last_case_that_comes_early_enough_may_be_repeated():
    cases = CaseDesign(repeats=0.1, repeat_gap=12)
    slots = plan(cases=cases, rounds=TWO_ROUNDS[:1])
    assert (slots[0].case, slots[12].case, slots[12].occurrence) == (slots[0].case, slots[0].case, 2)


def test_more_repeats_than_cases_early_enough_are_cut_short():
    slots = plan(cases=CaseDesign(repeats=0.5, repeat_gap=11), rounds=TWO_ROUNDS[:1])
    assert sum(slot.occurrence == 2 for slot in slots) == 2
    assert len(plan(cases=CaseDesign(repeats=0.5, repeat_gap=40), rounds=TWO_ROUNDS[:1])) == 12


def test_a_repeat_is_read_as_the_case_was_read_before():
    slots = plan(cases=CaseDesign(repeats=0.5, repeat_gap=2), split=Split((UNAIDED, AIDED)))
    for number in (1, 2):
        read = {}
        for slot in slots:
            if slot.round == number:
                assert read.setdefault(slot.case, slot.modalities) == slot.modalities


@given(seed=seeds, count=st.integers(1, 4))
def test_attention_checks_are_never_first_and_never_count(seed, count):
    slots = plan(IDS[:3], seed=seed, cases=CaseDesign(attention=count))
    for number in (1, 2):
        checks = [slot for slot in slots if slot.round == number and slot.is_attention]
        assert len(checks) == count
        assert all(slot.case is None and slot.position > 1 and not slot.counted for slot in checks)
        assert sorted(slot.position for slot in slots if slot.round == number) == list(range(1, 4 + count))


def test_an_attention_check_may_be_second_and_last():
    places = {
        slot.position for seed in range(40) for slot in plan(IDS[:3], seed=seed, cases=CaseDesign(attention=1))
        if slot.is_attention
    }  # fmt: skip
    assert places == {2, 3, 4}


def test_an_attention_check_looks_like_the_case_before_it():
    slots = plan(cases=CaseDesign(attention=5), split=Split((UNAIDED, AIDED), block=3))
    for before, slot in zip(slots, slots[1:], strict=False):
        if slot.is_attention:
            assert slot.modalities == before.modalities


def test_a_readers_first_case_may_be_practice_in_every_round():
    cases = CaseDesign(first_is_practice=True, repeats=0.5, repeat_gap=6, attention=1)
    for seed in range(20):
        slots = plan(seed=seed, sessions=[IDS, IDS], cases=cases)
        left_out = [slot for slot in slots if not slot.counted and not slot.is_attention]
        assert [(slot.session, slot.round, slot.case) for slot in left_out] == [
            (1, 1, slots[0].case), (1, 2, slots[0].case),
        ]  # fmt: skip
        assert all(slot.occurrence == 1 for slot in left_out)


def test_a_split_shows_each_case_once_in_each_modality_of_a_latin_square():
    split = Split(("a", "b", "c"))
    for square in (0, 1, 5):
        met = Counter(
            (slot.case, slot.modalities)
            for place in range(3 * square, 3 * square + 3)
            for slot in plan(reader=place + 1, rounds=TWO_ROUNDS[:1], split=split)
        )
        assert set(met.values()) == {1}
        assert len(met) == 36


def test_the_place_in_the_square_may_be_told():
    split = Split((UNAIDED, AIDED))
    by_place = {
        place: {s.case: s.modalities for s in plan(reader=9, place=place, rounds=TWO_ROUNDS[:1], split=split)}
        for place in (0, 1)
    }
    assert all(by_place[0][case] != by_place[1][case] for case in IDS)
    own = {s.case: s.modalities for s in plan(reader=1, rounds=TWO_ROUNDS[:1], split=split)}
    assert own == by_place[0]


@given(seed=seeds, reader=st.integers(1, 50), ids=st.sets(st.uuids(), min_size=2, max_size=9))
def test_the_parts_of_a_split_differ_by_one_case_at_most(seed, reader, ids):
    slots = plan(sorted(ids), seed=seed, reader=reader, split=Split(("a", "b")))
    for number in (1, 2):
        parts = Counter(slot.modalities for slot in slots if slot.round == number)
        assert max(parts.values()) - min(parts.values()) <= 1


def test_squares_and_sessions_cut_parts_of_their_own():
    split = Split((UNAIDED, AIDED))

    def part(reader, session):
        slots = plan(reader=reader, sessions=[IDS, IDS], rounds=TWO_ROUNDS[:1], split=split)
        return frozenset(s.case for s in slots if s.session == session and s.modalities == (AIDED,))

    assert len({part(1, 1), part(3, 1), part(5, 1), part(1, 2), part(3, 2)}) == 5


@given(seed=seeds)
def test_over_two_rounds_each_case_is_read_once_in_each_of_two_modalities(seed):
    met = Counter((slot.case, slot.modalities) for slot in plan(seed=seed, split=Split((UNAIDED, AIDED))))
    assert set(met.values()) == {1}
    assert len(met) == 24


def test_a_split_may_change_another_stage_than_the_last():
    rounds = (RoundDesign(stages=(StageDesign(), StageDesign(), StageDesign())),)
    by_stage = {stage: plan(rounds=rounds, split=Split(("x", "y"), stage=stage)) for stage in (0, 1, 2, 3)}
    names = {stage: {slot.modalities for slot in slots} for stage, slots in by_stage.items()}
    assert names[1] == {("x", UNAIDED, UNAIDED), ("y", UNAIDED, UNAIDED)}
    assert names[2] == {(UNAIDED, "x", UNAIDED), (UNAIDED, "y", UNAIDED)}
    assert names[3] == names[0] == {(UNAIDED, UNAIDED, "x"), (UNAIDED, UNAIDED, "y")}


@given(seed=seeds, size=st.integers(2, 30), block=st.integers(1, 6))
def test_blocks_of_a_split_take_turns(seed, size, block):
    ids = [UUID(int=n) for n in range(size)]
    names = [s.modalities[0] for s in plan(ids, seed=seed, rounds=TWO_ROUNDS[:1], split=Split(("a", "b"), block=block))]
    blocks = [names[begin : begin + block] for begin in range(0, size, block)]
    even = size // (2 * block)  # pairs of whole blocks
    for k in range(even):
        assert {*blocks[2 * k]} != {*blocks[2 * k + 1]}
        assert len({*blocks[2 * k]}) == len({*blocks[2 * k + 1]}) == 1


@given(seed=seeds)
def test_blocks_stay_whole_in_a_round_that_must_differ_from_the_one_before(seed):
    slots = plan(IDS[:4], seed=seed, rounds=TWO_ROUNDS[:1] * 6, split=Split(("a", "b"), block=2))
    for number in range(1, 7):
        names = [slot.modalities for slot in slots if slot.round == number]
        assert names[0] == names[1] != names[2] == names[3]


def test_which_modality_begins_is_a_coin():
    firsts = Counter(
        plan(seed=seed, rounds=TWO_ROUNDS[:1], split=Split(("a", "b"), block=3))[0].modalities for seed in range(100)
    )
    assert min(firsts[("a",)], firsts[("b",)]) > 30


def test_within_blocks_the_order_is_shuffled():
    orders = {tuple(order(plan(reader=n, split=Split((UNAIDED, AIDED), block=6)))) for n in (1, 3, 5, 7)}
    assert len(orders) == 4


def test_a_slot_is_plain_values():
    slot = Slot(1, 2, 3, None, (UNAIDED,))
    assert slot.is_attention
    assert not Slot(1, 2, 3, IDS[0], (UNAIDED,)).is_attention


@pytest.mark.parametrize("stored", STORED["plans"], ids=lambda one: one["about"])
def test_a_stored_plan_is_drawn_again(stored):
    """A changed stream would break every study that is under way. A new algorithm gets a new name and a new file."""
    design = Design.from_dict(stored["design"])
    cases = [PlannedCase(UUID(int=n * 7919), "AB"[n % 2], "cde"[n % 3]) for n in range(stored["cases"])]
    drawn = drawn_cases(cases, design=design, seed=stored["seed"])
    digest = hashlib.sha256()
    for reader in range(1, stored["readers"] + 1):
        batches = reader_batches(drawn, design=design, seed=stored["seed"], reader=reader)
        arm = design.arms[reader % len(design.arms)].name
        for slot in reader_plan(batches, design=design, seed=stored["seed"], reader=reader, arm=arm):
            digest.update(json.dumps([*slot[:3], str(slot.case), *slot[4:]]).encode())
    assert STORED["algorithm"] == ALGORITHM
    assert digest.hexdigest() == stored["sha256"]
