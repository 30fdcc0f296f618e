"""What must hold for each of 1,000 readers of every preset. Few cases, never few readers."""

import hashlib
import os
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import cycle, pairwise
from pathlib import Path
from random import Random
from uuid import UUID

import pytest

from readerstudy.protocol import presets
from readerstudy.protocol.allocation import arm_of, block_size, stratum_of
from readerstudy.protocol.batches import PlannedCase, drawn_cases, reader_batches
from readerstudy.protocol.design import Balance, Drawing
from readerstudy.protocol.plan import Slot, reader_plan
from readerstudy.protocol.presets import Preset
from readerstudy.protocol.washout import opens_at

READERS, SEED = 1000, 20261125
ROOT = Path(__file__).parents[3]
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Planned:
    """One simulated reader's part of the plan."""

    number: int
    stratum: tuple[str, ...]
    arm: str
    place: int  # in the stratum and arm
    batches: list[list[UUID]]
    slots: list[Slot]


@dataclass(frozen=True)
class Whole:
    """The plan of all readers of a preset."""

    preset: Preset
    cases: dict[UUID, PlannedCase]
    readers: list[Planned]

    @property
    def design(self):
        return self.preset.design

    @cached_property
    def sessions(self):
        """(reader, session, slots of every round of it)."""
        found = []
        for one in self.readers:
            by_session = defaultdict(list)
            for slot in one.slots:
                by_session[slot.session].append(slot)
            found += [(one, session, slots) for session, slots in by_session.items()]
        return found


def few_cases(preset: Preset) -> list[PlannedCase]:
    """The preset's simulated cases in their proportions, but only as many as the design needs."""
    design, targets = preset.design, preset.simulate
    most = design.cases.per_reader_most or design.cases.per_reader or 0
    block = design.split.block if design.split else 0
    gap = design.cases.repeat_gap if design.cases.repeats else 0
    wanted = max(24, 2 * gap, round(1.3 * most), round(2.4 * block))
    least = -(-most // sum(map(len, targets.cases.values()))) if design.cases.balance == Balance.EQUAL else 1
    values = {name: cycle(some) for name, some in targets.attributes.items()}
    cases = []
    for dataset, classes in targets.cases.items():
        for name, count in classes.items():
            for _ in range(max(least, min(count, round(count * wanted / targets.case_count)))):
                attributes = {key: next(some) for key, some in values.items()}
                by = design.cases.stratify
                stratum = "" if not by else name if by == "diagnosis" else attributes[by]
                cases.append(PlannedCase(UUID(int=Random(len(cases)).getrandbits(128)), dataset, stratum))
    return cases


def _with_few_batches(preset: Preset) -> Preset:
    """At most three batches a reader: enough to meet honest and other ones, and cases for a second time."""
    cases = replace(preset.design.cases, batches=min(3, preset.design.cases.batches))
    return replace(preset, design=replace(preset.design, cases=cases))


@pytest.fixture(scope="module", params=presets.names())
def whole(request):
    preset, rng = _with_few_batches(presets.load(request.param)), Random(1)
    design = preset.design
    cases = drawn_cases(few_cases(preset), design=design, seed=SEED)
    peers, places, readers = Counter(), Counter(), []
    for number in range(1, READERS + 1):
        profile = {one.name: rng.choice(one.options) for one in design.profile}
        stratum = stratum_of(design, {**profile, "years": rng.choice([None, rng.uniform(0, 20)])})
        arm = arm_of(design, seed=SEED, stratum=stratum, place=peers[stratum])
        batches = reader_batches(cases, design=design, seed=SEED, reader=number)
        place = places[stratum, arm]
        slots = reader_plan(batches, design=design, seed=SEED, reader=number, arm=arm, place=place)
        readers.append(Planned(number, stratum, arm, place, batches, list(slots)))
        peers[stratum] += 1
        places[stratum, arm] += 1
    return Whole(preset, {case.id: case for case in cases}, readers)


def test_arms_stand_in_their_proportions_within_every_block_of_a_stratum(whole):
    size, weights = block_size(whole.design), sum(arm.weight for arm in whole.design.arms)
    by_stratum = defaultdict(list)
    for one in whole.readers:
        by_stratum[one.stratum].append(one.arm)
    for arms in by_stratum.values():
        for arm in whole.design.arms:
            in_block = arm.weight * size // weights
            for begin in range(0, len(arms), size):
                block = arms[begin : begin + size]
                assert block.count(arm.name) <= in_block
                assert len(block) < size or block.count(arm.name) == in_block


def test_each_round_shows_every_case_of_a_batch_once(whole):
    for one, session, slots in whole.sessions:
        expected = sorted(one.batches[session - 1])
        for number in range(1, len(whole.design.rounds) + 1):
            first = [slot.case for slot in slots if slot.round == number and slot.case and slot.occurrence == 1]
            assert sorted(first) == expected


def test_positions_have_no_gaps(whole):
    for _one, _session, slots in whole.sessions:
        for number in range(1, len(whole.design.rounds) + 1):
            positions = [slot.position for slot in slots if slot.round == number]
            assert positions == list(range(1, len(positions) + 1))


def test_repeats_are_as_many_as_declared_and_spaced(whole):
    gap = whole.design.cases.repeat_gap
    for one, session, slots in whole.sessions:
        first = {(slot.round, slot.case): slot.position for slot in slots if slot.occurrence == 1}
        repeats = [slot for slot in slots if slot.occurrence == 2]
        each = round(len(one.batches[session - 1]) * whole.design.cases.repeats)
        assert len(repeats) == each * len(whole.design.rounds)
        assert all(slot.position - first[slot.round, slot.case] >= gap for slot in repeats)


def test_checks_are_as_many_as_declared_and_never_first(whole):
    for _one, _session, slots in whole.sessions:
        checks = [slot for slot in slots if slot.is_attention]
        assert len(checks) == whole.design.cases.attention * len(whole.design.rounds)
        assert all(slot.position > 1 and not slot.counted for slot in checks)


def test_only_checks_and_a_declared_practice_case_do_not_count(whole):
    for one in whole.readers:
        left_out = [slot for slot in one.slots if not slot.counted and not slot.is_attention]
        practice = {slot.case for slot in left_out}
        assert practice == ({one.slots[0].case} if whole.design.cases.first_is_practice else set())


def test_batches_hold_the_declared_number_of_cases(whole):
    cases = whole.design.cases
    for one in whole.readers:
        assert len(one.batches) == cases.batches
        for batch in one.batches:
            assert len(set(batch)) == len(batch)
            least = cases.per_reader or len(whole.cases)
            assert least <= len(batch) <= (cases.per_reader_most or least)


def test_batches_are_stratified_as_declared(whole):
    sizes = Counter(case.stratum for case in whole.cases.values())
    for one in whole.readers:
        for batch in one.batches:
            counts = Counter(whole.cases[case].stratum for case in batch)
            for name, size in sizes.items():
                equal = whole.design.cases.balance == Balance.EQUAL
                share = len(batch) / len(sizes) if equal else len(batch) * size / len(whole.cases)
                assert abs(counts[name] - share) < 1


def test_nobody_reads_a_case_again_before_all_of_its_stratum_were_read(whole):
    sizes = Counter(case.stratum for case in whole.cases.values())
    for one in whole.readers:
        if whole.design.cases.drawing == Drawing.BALANCED:
            continue
        times = Counter()
        for batch in one.batches:
            times.update(batch)
            for name in sizes:
                counts = [times[case] for case, known in whole.cases.items() if known.stratum == name]
                assert max(counts) - min(counts) <= 1


def test_balanced_drawing_reads_every_case_of_a_stratum_equally_often(whole):
    if whole.design.cases.drawing != Drawing.BALANCED:
        return
    times = Counter(dict.fromkeys(whole.cases, 0))
    for one in whole.readers:
        for batch in one.batches:
            times.update(batch)
        for name in {case.stratum for case in whole.cases.values()}:
            counts = [times[case] for case, known in whole.cases.items() if known.stratum == name]
            assert max(counts) - min(counts) <= 1


def test_rare_classes_are_read_too(whole):
    read = {case for one in whole.readers for batch in one.batches for case in batch}
    assert read == set(whole.cases)


def test_each_stage_has_a_modality_that_the_design_allows_there(whole):
    for one in whole.readers:
        own = whole.design.arm(one.arm).modalities
        for slot in one.slots:
            stages = whole.design.rounds[slot.round - 1].stages
            assert len(slot.modalities) == len(stages)
            for place, name in enumerate(slot.modalities, start=1):
                split = whole.design.split
                if split and place == (split.stage or len(stages)):
                    assert name in split.modalities
                else:
                    assert name == (own[slot.round - 1][place - 1] if own else stages[place - 1].modality)


def test_no_ai_comes_before_the_first_answer_of_a_second_reader_stage(whole):
    for number, one_round in enumerate(whole.design.rounds, start=1):
        if len(one_round.stages) == 1 or whole.design.modality(one_round.stages[0].modality).aided:
            continue
        for one in whole.readers:
            firsts = {slot.modalities[0] for slot in one.slots if slot.round == number}
            assert not any(whole.design.modality(name).aided for name in firsts)


def test_a_split_reads_each_case_once_in_each_modality_of_a_latin_square(whole):
    split = whole.design.split
    if split is None or whole.design.cases.per_reader is not None:
        return
    squares = defaultdict(list)
    for one in whole.readers:
        squares[one.stratum, one.arm, one.place // len(split.modalities)].append(one)
    for readers in squares.values():
        for number, one_round in enumerate(whole.design.rounds, start=1):
            at = (split.stage or len(one_round.stages)) - 1
            met = Counter((s.case, s.modalities[at]) for one in readers for s in one.slots if s.round == number)
            assert set(met.values()) == {1}
            assert len(readers) < len(split.modalities) or len(met) == len(whole.cases) * len(split.modalities)


def test_a_split_gives_each_reader_equal_parts(whole):
    split = whole.design.split
    if split is None:
        return
    for _one, _session, slots in whole.sessions:
        for number, one_round in enumerate(whole.design.rounds, start=1):
            at = (split.stage or len(one_round.stages)) - 1
            parts = Counter(slot.modalities[at] for slot in slots if slot.round == number)
            assert max(parts.values()) - min(parts.values()) <= 1
            assert len(parts) == len(split.modalities)


def test_a_split_in_blocks_changes_only_at_the_end_of_a_block(whole):
    split = whole.design.split
    if split is None or not split.block:
        return
    for _one, _session, slots in whole.sessions:
        names = [slot.modalities[(split.stage or len(slot.modalities)) - 1] for slot in slots if slot.round == 1]
        for begin in range(0, split.block * (len(names) // split.block // len(split.modalities)), split.block):
            assert len(set(names[begin : begin + split.block])) == 1


def test_over_as_many_rounds_as_modalities_a_reader_meets_each_case_in_each(whole):
    split, rounds = whole.design.split, len(whole.design.rounds)
    if split is None or rounds != len(split.modalities):
        return
    for _one, _session, slots in whole.sessions:
        met = Counter((slot.case, slot.modalities[-1]) for slot in slots)
        assert set(met.values()) == {1}
        assert len(met) == len(whole.cases) * rounds


def test_no_round_repeats_the_order_of_the_round_before(whole):
    for _one, _session, slots in whole.sessions:
        orders = [
            [slot.case for slot in slots if slot.round == number and slot.occurrence == 1 and slot.case]
            for number in range(1, len(whole.design.rounds) + 1)
        ]
        assert all(before != after for before, after in pairwise(orders))


def test_no_reader_begins_a_round_before_the_washout_is_over(whole):
    """Each reader reads at a pace of his own and comes back at odd hours; the door opens as the rule says."""
    for one in whole.readers:
        rng, now, last = Random(one.number), NOON, None
        for number, design in enumerate(whole.design.rounds, start=1):
            if last is not None:
                while now < opens_at(last_closed_at=last, washout_days=design.washout_days):
                    now += timedelta(hours=rng.uniform(1, 60))
                assert now - last >= timedelta(days=design.washout_days)
            for slot in one.slots:
                if slot.round == number:
                    now += timedelta(seconds=rng.uniform(1, 30))
            last = now


PLAN = """
import hashlib, sys
from uuid import UUID
from readerstudy.protocol import presets
from readerstudy.protocol.batches import PlannedCase, drawn_cases, reader_batches
from readerstudy.protocol.plan import reader_plan
digest = hashlib.sha256()
for name in presets.names():
    design = presets.load(name).design
    cases = {PlannedCase(UUID(int=n * 7919), "A", f"stratum {n % 4}") for n in range(1, 141)}
    drawn = drawn_cases(cases, design=design, seed=5)
    for reader in range(1, 6):
        batches = reader_batches(drawn, design=design, seed=5, reader=reader)
        arm = design.arms[reader % len(design.arms)].name
        for slot in reader_plan(batches, design=design, seed=5, reader=reader, arm=arm):
            digest.update(repr(tuple(slot)).encode())
print(digest.hexdigest())
"""


def test_another_process_draws_the_same_bytes():
    """The cases come out of a set, whose order each process shuffles by its own hash seed."""
    digests = {
        subprocess.run(
            [sys.executable, "-c", PLAN], cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, check=True,
            capture_output=True, text=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(digests) == 1
    assert len(digests.pop().strip()) == hashlib.sha256().digest_size * 2
