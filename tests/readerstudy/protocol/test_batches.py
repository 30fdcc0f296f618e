from collections import Counter
from math import ceil
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readerstudy.protocol.batches import DrawTooLarge, PlannedCase, batch_size, drawn_cases, quotas, reader_batches
from readerstudy.protocol.design import Balance, CaseDesign, Design, Drawing, RoundDesign

CASES = [PlannedCase(UUID(int=n * 101), "A" if n < 8 else "B", "rare" if n % 4 == 0 else "common") for n in range(12)]
seeds = st.integers(0, 2**63 - 1)
sizes = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 9), min_size=1)


def design(**cases) -> Design:
    return Design(rounds=(RoundDesign(),), cases=CaseDesign(**cases))


def batches(cases=CASES, *, seed=1, reader=1, **values):
    return reader_batches(cases, design=design(**values), seed=seed, reader=reader)


def strata(counts: dict[str, int]) -> list[PlannedCase]:
    names = [name for name, count in counts.items() for _ in range(count)]
    return [PlannedCase(UUID(int=place), "A", name) for place, name in enumerate(names)]


def test_without_a_draw_every_case_is_read_in_a_canonical_order():
    assert drawn_cases(reversed(CASES), design=design(), seed=1) == CASES


def test_a_draw_takes_the_stated_number_of_each_data_set():
    drawn = drawn_cases(CASES, design=design(draw={"A": 5}), seed=1)
    assert [sum(case.dataset == name for case in drawn) for name in "AB"] == [5, 4]
    assert drawn == sorted(drawn, key=lambda case: case.id)
    assert len(drawn_cases(CASES, design=design(draw={"A": 8}), seed=1)) == 12


@given(seed=seeds)
def test_a_draw_does_not_depend_on_the_order_of_import(seed):
    made = design(draw={"A": 3, "B": 2})
    assert drawn_cases(CASES, design=made, seed=seed) == drawn_cases(reversed(CASES), design=made, seed=seed)


def test_each_seed_draws_other_cases():
    made = design(draw={"A": 4})
    assert len({tuple(drawn_cases(CASES, design=made, seed=seed)) for seed in range(20)}) > 10


def test_data_sets_are_drawn_independently():
    alone = drawn_cases(CASES[8:], design=design(draw={"B": 2}), seed=3)
    beside = drawn_cases(CASES, design=design(draw={"A": 3, "B": 2}), seed=3)
    assert [case for case in beside if case.dataset == "B"] == alone


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        ({"A": 9}, "The draw takes 9 cases of A, but only 8 are there."),
        ({"C": 1}, "The draw names the data set C, but no case of it is there."),
    ],
)
def test_a_draw_that_the_cases_cannot_meet_is_refused(draw, message):
    with pytest.raises(DrawTooLarge) as refused:
        drawn_cases(CASES, design=design(draw=draw), seed=1)
    assert str(refused.value) == message


def test_without_batches_a_reader_reads_all_cases_once():
    assert batches() == [[case.id for case in CASES]]


def test_a_batch_larger_than_the_case_set_is_refused():
    assert len(batches(per_reader=12)[0]) == 12
    with pytest.raises(DrawTooLarge, match="A batch takes 13 cases, but only 12 are drawn."):
        batches(per_reader=13)


def test_a_stratum_that_cannot_give_its_share_is_refused():
    with pytest.raises(DrawTooLarge, match="A batch takes 5 cases of one stratum, which has only 3."):
        batches(per_reader=10, balance=Balance.EQUAL)


def test_batches_of_a_fixed_size_have_it_and_unequal_ones_lie_in_their_bounds():
    assert {batch_size(design(per_reader=5), seed=1, reader=n) for n in range(30)} == {5}
    unequal = design(per_reader=3, per_reader_most=6)
    assert {batch_size(unequal, seed=1, reader=n) for n in range(60)} == {3, 4, 5, 6}


def test_all_batches_of_a_reader_are_of_one_size():
    drawn = batches(per_reader=3, per_reader_most=6, batches=4, reader=2)
    assert {len(batch) for batch in drawn} == {batch_size(design(per_reader=3, per_reader_most=6), seed=1, reader=2)}


@given(counts=sizes, data=st.data(), balance=st.sampled_from(Balance))
def test_each_stratum_gives_its_share_rounded_down_or_up(counts, data, balance):
    wanted = data.draw(st.integers(1, sum(counts.values())))
    turn = data.draw(st.integers(0, 200))
    found = quotas(counts, wanted, balance, turn=turn)
    assert sum(found.values()) == wanted
    for name, count in counts.items():
        share = wanted / len(counts) if balance == Balance.EQUAL else wanted * count / sum(counts.values())
        assert abs(found[name] - share) < 1


@given(counts=sizes, data=st.data(), balance=st.sampled_from(Balance))
def test_over_all_turns_each_stratum_gives_exactly_its_share(counts, data, balance):
    wanted = data.draw(st.integers(1, sum(counts.values())))
    turns = len(counts) if balance == Balance.EQUAL else sum(counts.values())
    given_ = Counter()
    for turn in range(turns):
        given_.update(quotas(counts, wanted, balance, turn=turn))
    weights = dict.fromkeys(counts, 1) if balance == Balance.EQUAL else counts
    assert given_ == {name: weight * wanted for name, weight in weights.items()}


def test_shares_are_rounded_alike_in_turn_zero():
    assert quotas({"a": 3, "b": 1}, 2, Balance.PROPORTIONAL) == {"a": 1, "b": 1}
    assert quotas({"a": 3, "b": 1}, 3, Balance.EQUAL) == {"a": 1, "b": 2}


@given(seed=seeds, counts=sizes, data=st.data(), balance=st.sampled_from(Balance))
def test_batches_hold_no_case_twice_and_every_stratum_its_share(seed, counts, data, balance):
    cases = strata(counts)
    most = len(cases) if balance == Balance.PROPORTIONAL else min(counts.values()) * len(counts)
    size = data.draw(st.integers(1, most))
    for batch in batches(cases, seed=seed, per_reader=size, batches=5, balance=balance):
        assert len(set(batch)) == len(batch) == size
        assert batch == sorted(batch)
        got = Counter(cases[case.int].stratum for case in batch)
        for name, count in counts.items():
            share = size / len(counts) if balance == Balance.EQUAL else size * count / len(cases)
            assert abs(got[name] - share) < 1


@given(seed=seeds, counts=sizes, data=st.data())
def test_a_reader_reads_no_case_again_before_all_of_its_stratum_were_read(seed, counts, data):
    cases = strata(counts)
    size = data.draw(st.integers(1, len(cases)))
    times = Counter()
    for batch in batches(cases, seed=seed, per_reader=size, batches=12):
        times.update(batch)
        for name in counts:
            read = [times[case.id] for case in cases if case.stratum == name]
            assert max(read) - min(read) <= 1


@given(seed=seeds, counts=sizes, data=st.data(), balance=st.sampled_from(Balance))
def test_balanced_batches_read_every_case_of_a_stratum_equally_often(seed, counts, data, balance):
    """At every prefix of readers, also where a batch passes the end of a row."""
    cases = strata(counts)
    most = len(cases) if balance == Balance.PROPORTIONAL else min(counts.values()) * len(counts)
    size = data.draw(st.integers(1, most))
    many = data.draw(st.integers(1, 3))
    times = Counter()
    for reader in range(1, 13):
        drawn = batches(
            cases, seed=seed, reader=reader, per_reader=size, batches=many, balance=balance, drawing=Drawing.BALANCED
        )
        assert len(drawn) == many
        for batch in drawn:
            assert len(set(batch)) == len(batch) == size
            times.update(batch)
            for name in counts:
                read = [times[case.id] for case in cases if case.stratum == name]
                assert max(read) - min(read) <= 1


def test_balanced_batches_cut_the_row_into_new_blocks_each_time_it_ends():
    cases = strata({"": 12})
    drawn = [batches(cases, reader=n, per_reader=4, drawing=Drawing.BALANCED)[0] for n in range(1, 10)]
    assert sorted(drawn[0] + drawn[1] + drawn[2]) == [case.id for case in cases]
    assert len({tuple(batch) for batch in drawn}) == 9


def test_balanced_batches_do_not_follow_the_order_of_the_cases():
    cases = strata({"": 12})
    assert batches(cases, per_reader=6, drawing=Drawing.BALANCED)[0] != [case.id for case in cases[:6]]


def test_readers_sessions_and_seeds_have_batches_of_their_own():
    cases = strata({"": 60})
    drawn = [tuple(batch) for n in range(1, 6) for batch in batches(cases, reader=n, per_reader=9, batches=5)]
    drawn += [tuple(batch) for batch in batches(cases, seed=2, reader=1, per_reader=9, batches=5)]
    assert len(set(drawn)) == 30


def test_a_class_rarer_than_a_share_of_one_is_drawn_for_some_readers():
    cases = strata({"common": 40, "rare": 1, "seldom": 2})
    read = Counter(case for n in range(1, 400) for case in batches(cases, reader=n, per_reader=5)[0])
    expected = 399 * 5 / len(cases)
    assert all(abs(read[case.id] - expected) < expected / 2 for case in cases)


def test_the_extra_cases_of_equal_shares_go_round():
    cases = strata({"a": 20, "b": 20, "c": 20})
    drawn = batches(cases, per_reader=7, batches=3, balance=Balance.EQUAL)
    counts = [Counter(cases[case.int].stratum for case in batch) for batch in drawn]
    assert all(max(one.values()) == ceil(7 / 3) for one in counts)
    assert sum(counts, Counter()) == {"a": 7, "b": 7, "c": 7}


def test_batches_do_not_depend_on_the_order_in_which_cases_are_given():
    for drawing in Drawing:
        values = {"per_reader": 5, "batches": 3, "drawing": drawing}
        assert batches(CASES, **values) == batches(CASES[::-1], **values)
