"""The plan of a study: reader x round x case, with position, modality of every stage, repeats and hidden checks.

Each reader's part depends on the seed, the reader's number, arm and batches alone, so a reader who joins later changes
nobody's order.
"""

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import NamedTuple
from uuid import UUID

from readerstudy.protocol.design import Design, Split
from readerstudy.protocol.random_stream import stream

ALGORITHM = "sha256-mt19937-fisher-yates/2"
Turn = tuple[UUID | None, int]  # a case (None: an attention check) and its occurrence


class Slot(NamedTuple):
    """One planned reading. `position` counts from 1 within the reader's round and session."""

    round: int
    session: int
    position: int
    case: UUID | None  # None: a practice case hidden as an attention check
    modalities: tuple[str, ...]  # one a stage
    occurrence: int = 1  # 2: the case comes again, to measure the reader against himself
    counted: bool = True

    @property
    def is_attention(self) -> bool:
        return self.case is None


def reader_plan(
    batches: Sequence[Sequence[UUID]], *, design: Design, seed: int, reader: int, arm: str, place: int | None = None
) -> Iterator[Slot]:
    """Every reading of one reader: each round shows every case of a batch once, in an order of its own.

    reader: the reader's number, from 1.
    place: where the reader stands in the Latin square of a split, from 0; the place among the readers of one stratum
    and arm balances the split within each. By default the place among all readers.
    """
    place = reader - 1 if place is None else place
    for session, batch in enumerate(batches, start=1):
        parts = _parts(batch, design.split, seed, place=place, session=session)
        before: list[UUID] = []
        practice: UUID | None = None  # the reader's first case, where it does not count
        for number in range(1, len(design.rounds) + 1):
            purpose = (str(reader), str(session), str(number))
            part_of = _read_as(parts, design.split, shift=place + number - 1)
            order = _order(batch, part_of, design.split, stream(seed, "order", *purpose), unlike=before)
            before = order
            if design.cases.first_is_practice and session == 1 and number == 1:
                practice = order[0]
            turns = _with_repeats(order, design, stream(seed, "repeats", *purpose), practice=practice)
            turns = _with_attention(turns, design.cases.attention, stream(seed, "attention", *purpose))
            modalities = _by_part(design, number, arm)
            shown = modalities[""]
            for position, (case, occurrence) in enumerate(turns, start=1):
                if part_of and case is not None:  # an attention check looks like the case before it
                    shown = modalities[part_of[case]]
                counted = case is not None and (practice is None or case != practice)
                yield Slot(number, session, position, case, shown, occurrence, counted)


def _by_part(design: Design, number: int, arm: str) -> dict[str, tuple[str, ...]]:
    """The modalities of the stages of a round for each part of a split; "" for a case that no split touches."""
    stages = design.rounds[number - 1].stages
    own = design.arm(arm).modalities
    usual = own[number - 1] if own else tuple(stage.modality for stage in stages)
    if design.split is None:
        return {"": usual}
    at = (design.split.stage or len(stages)) - 1
    return {"": usual, **{name: (*usual[:at], name, *usual[at + 1 :]) for name in design.split.modalities}}


def _parts(batch: Sequence[UUID], split: Split | None, seed: int, *, place: int, session: int) -> list[list[UUID]]:
    """The batch cut at random into as many parts as the split has modalities, their sizes at most one apart. Readers of
    one Latin square share the parts, where they share the batch."""
    if split is None:
        return []
    count = len(split.modalities)
    shuffled = list(batch)
    stream(seed, "parts", str(place // count), str(session)).shuffle(shuffled)
    return [shuffled[k::count] for k in range(count)]


def _read_as(parts: list[list[UUID]], split: Split | None, *, shift: int) -> dict[UUID, str]:
    """How each case is read: the parts take the modalities in turn, shifted by one a reader and a round."""
    if split is None:
        return {}
    names = split.modalities
    return {case: names[(k + shift) % len(names)] for k, part in enumerate(parts) for case in part}


def _order(
    cases: Sequence[UUID], part_of: Mapping[UUID, str], split: Split | None, rng: Random, *, unlike: Sequence[UUID]
) -> list[UUID]:
    """A new order, other than that of the round before wherever there are two cases."""
    order = _arranged(cases, part_of, split, rng)
    while len(order) > 1 and order == unlike:
        order = _arranged(cases, part_of, split, rng)
    return order


def _arranged(cases: Sequence[UUID], part_of: Mapping[UUID, str], split: Split | None, rng: Random) -> list[UUID]:
    order = list(cases)
    rng.shuffle(order)
    if split is None or not split.block:
        return order
    queues = {name: [case for case in order if part_of[case] == name] for name in split.modalities}
    turn = list(split.modalities)
    rng.shuffle(turn)  # which modality comes first is a coin
    longest = max(map(len, queues.values()))
    return [
        case
        for begin in range(0, longest, split.block)
        for name in turn
        for case in queues[name][begin : begin + split.block]
    ]


def _with_repeats(order: list[UUID], design: Design, rng: Random, *, practice: UUID | None) -> list[Turn]:
    """Some cases come a second time, at least `repeat_gap` places later; never the one that does not count."""
    turns: list[Turn] = [(case, 1) for case in order]
    count, gap = round(len(order) * design.cases.repeats), design.cases.repeat_gap
    early = [case for case in order[: max(0, len(order) - gap + 1)] if case != practice] if count else []
    for case in rng.sample(early, min(count, len(early))):
        earliest = turns.index((case, 1)) + gap
        turns.insert(rng.randint(earliest, len(turns)), (case, 2))
    return turns


def _with_attention(turns: list[Turn], count: int, rng: Random) -> list[Turn]:
    """Attention checks at random places, never first."""
    for _ in range(count):
        turns.insert(rng.randint(1, len(turns)), (None, 1))
    return turns
