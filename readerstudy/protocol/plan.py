"""The plan of a study: reader x round x case, with position, modality of every stage, repeats and hidden checks.

Each reader's part depends on the seed, the reader's number, arm and batches alone, so a reader who joins later changes
nobody's order.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from uuid import UUID

from readerstudy.protocol.design import Design, Split
from readerstudy.protocol.random_stream import stream

ALGORITHM = "sha256-mt19937-fisher-yates/2"


@dataclass(frozen=True, slots=True)
class Slot:
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


@dataclass(frozen=True, slots=True)
class _Turn:
    case: UUID | None
    occurrence: int = 1


def reader_plan(
    batches: Sequence[Sequence[UUID]], *, design: Design, seed: int, reader: int, arm: str
) -> Iterator[Slot]:
    """Every reading of one reader: each round shows every case of a batch once, in an order of its own.

    reader: the reader's number, from 1; it also places the reader in the Latin square of a split.
    """
    for session, batch in enumerate(batches, start=1):
        before: list[UUID] = []
        parts = _parts(batch, design.split, stream(seed, "parts", _square(design, reader), str(session)))
        for number in range(1, len(design.rounds) + 1):
            purpose = (str(reader), str(session), str(number))
            part_of = _read_as(parts, design.split, shift=reader - 1 + number - 1)
            order = _order(list(batch), part_of, design.split, stream(seed, "order", *purpose), unlike=before)
            before = order
            turns = _with_repeats(order, design, stream(seed, "repeats", *purpose))
            turns = _with_attention(turns, design.cases.attention, stream(seed, "attention", *purpose))
            for position, turn in enumerate(turns, start=1):
                yield Slot(
                    round=number,
                    session=session,
                    position=position,
                    case=turn.case,
                    modalities=_modalities(design, number, arm, part_of.get(turn.case)),
                    occurrence=turn.occurrence,
                    counted=turn.case is not None and not (_drops_first(design, session, number) and position == 1),
                )


def _drops_first(design: Design, session: int, number: int) -> bool:
    return design.cases.first_is_practice and session == 1 and number == 1


def _square(design: Design, reader: int) -> str:
    """Readers of one Latin square share the same parts."""
    return str((reader - 1) // len(design.split.modalities)) if design.split else ""


def _parts(batch: Sequence[UUID], split: Split | None, rng: Random) -> list[list[UUID]]:
    """The batch cut at random into as many parts as the split has modalities, their sizes at most one apart."""
    if split is None:
        return []
    shuffled = list(batch)
    rng.shuffle(shuffled)
    count = len(split.modalities)
    return [shuffled[k::count] for k in range(count)]


def _read_as(parts: list[list[UUID]], split: Split | None, *, shift: int) -> dict[UUID | None, str]:
    """How each case is read: the parts take the modalities in turn, shifted by one a reader and a round."""
    if split is None:
        return {}
    names = split.modalities
    return {case: names[(k + shift) % len(names)] for k, part in enumerate(parts) for case in part}


def _order(
    cases: list[UUID], part_of: dict[UUID | None, str], split: Split | None, rng: Random, *, unlike: list[UUID]
) -> list[UUID]:
    order = _arranged(cases, part_of, split, rng)
    while len(order) > 1 and order == unlike:
        order = _arranged(cases, part_of, split, rng)
    return order


def _arranged(cases: list[UUID], part_of: dict[UUID | None, str], split: Split | None, rng: Random) -> list[UUID]:
    order = list(cases)
    rng.shuffle(order)
    if split is None or not split.block:
        return order
    queues = {name: [case for case in order if part_of[case] == name] for name in split.modalities}
    turn = list(split.modalities)
    rng.shuffle(turn)  # which modality comes first is a coin
    arranged: list[UUID] = []
    while any(queues.values()):
        for name in turn:
            arranged += queues[name][: split.block]
            queues[name] = queues[name][split.block :]
    return arranged


def _with_repeats(order: list[UUID], design: Design, rng: Random) -> list[_Turn]:
    """Some cases come a second time, at least `repeat_gap` cases later."""
    turns = [_Turn(case) for case in order]
    count, gap = round(len(order) * design.cases.repeats), design.cases.repeat_gap
    early = order[: max(0, len(order) - gap + 1)]
    for case in rng.sample(early, min(count, len(early))):
        first = next(place for place, turn in enumerate(turns) if turn.case == case)
        turns.insert(rng.randint(first + gap, max(first + gap, len(turns))), _Turn(case, occurrence=2))
    return turns


def _with_attention(turns: list[_Turn], count: int, rng: Random) -> list[_Turn]:
    """Attention checks at random places, never first."""
    for _ in range(count):
        turns.insert(rng.randint(1, len(turns)), _Turn(None))
    return turns


def _modalities(design: Design, number: int, arm: str, by_case: str | None) -> tuple[str, ...]:
    stages = design.rounds[number - 1].stages
    own = design.arm(arm).modalities
    names = list(own[number - 1]) if own else [stage.modality for stage in stages]
    if design.split is not None and by_case is not None:
        names[design.split.stage - 1 if design.split.stage else -1] = by_case
    return tuple(names)
