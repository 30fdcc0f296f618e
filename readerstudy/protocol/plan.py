"""The whole plan of a study, reader x round x case, drawn from one stored seed.

Each reader's part depends on the seed and on that reader's key alone, so a reader who joins later
changes nobody's order. The stream is Python's Mersenne Twister seeded by SHA-256 of (seed, purpose),
the same on every machine.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from uuid import UUID

from readerstudy.protocol.design import Design, Modality

ALGORITHM = "sha256-mt19937-fisher-yates/1"


class DrawTooLarge(ValueError):
    """The design asks for more cases of a data set than there are."""


@dataclass(frozen=True, slots=True)
class PlannedCase:
    """What the plan needs to know of a case."""

    id: UUID
    dataset: str


@dataclass(frozen=True, slots=True)
class Slot:
    """One planned reading. `position` counts from 1 within the reader's round."""

    round: int
    position: int
    case: UUID
    modality: Modality


def seed_digest(seed: int) -> str:
    """SHA-256 of the seed, published at launch so that the later revealed seed can be checked."""
    return hashlib.sha256(str(seed).encode()).hexdigest()


def stream(seed: int, *purpose: str) -> Random:
    """An own random stream for each purpose, so that drawing more for one never shifts another."""
    text = "\x1f".join((str(seed), *purpose))
    return Random(int.from_bytes(hashlib.sha256(text.encode()).digest()))


def drawn_cases(cases: Iterable[PlannedCase], *, design: Design, seed: int) -> list[PlannedCase]:
    """The cases that the study reads, in a canonical order. Raises DrawTooLarge."""
    by_dataset: dict[str, list[PlannedCase]] = {}
    for case in sorted(cases, key=lambda case: case.id):
        by_dataset.setdefault(case.dataset, []).append(case)
    drawn = []
    for dataset, present in sorted(by_dataset.items()):
        wanted = design.draw.get(dataset, len(present))
        if wanted > len(present):
            raise DrawTooLarge(f"The draw takes {wanted} cases of {dataset}, but only {len(present)} are there.")
        drawn += stream(seed, "draw", dataset).sample(present, wanted)
    for dataset in design.draw.keys() - by_dataset.keys():
        raise DrawTooLarge(f"The draw names the data set {dataset}, but no case of it is there.")
    return sorted(drawn, key=lambda case: case.id)


def reader_plan(cases: Sequence[PlannedCase], *, design: Design, seed: int, reader: str) -> Iterator[Slot]:
    """Every reading of one reader: each round shows every case once, in an order of its own."""
    before: list[UUID] = []
    for number, one in enumerate(design.rounds, start=1):
        order = _order([case.id for case in cases], stream(seed, "order", reader, str(number)), unlike=before)
        for position, case in enumerate(order, start=1):
            yield Slot(round=number, position=position, case=case, modality=one.modality)
        before = order


def _order(cases: list[UUID], rng: Random, *, unlike: list[UUID]) -> list[UUID]:
    order = list(cases)
    rng.shuffle(order)
    while len(order) > 1 and order == unlike:
        rng.shuffle(order)
    return order
