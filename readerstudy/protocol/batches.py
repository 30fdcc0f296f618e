"""Which cases a reader reads: all, or batches drawn for that reader, stratified and balanced as the design says.

Within a stratum the cases stand in a shuffled row, and each batch takes the next ones of it. So nobody reads a case
again before all cases of its stratum were read. With random drawing every reader has a row of his own; with balanced
drawing all readers take from one row, and every case of a stratum is read equally often, give or take one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import gcd
from uuid import UUID

from readerstudy.protocol.design import Balance, Design, Drawing
from readerstudy.protocol.random_stream import stream


class DrawTooLarge(ValueError):
    """The design asks for more cases than there are."""


@dataclass(frozen=True, slots=True)
class PlannedCase:
    """What the plan needs to know of a case. `stratum` is known where truth is; it is never stored with the case."""

    id: UUID
    dataset: str
    stratum: str = ""


def drawn_cases(cases: Iterable[PlannedCase], *, design: Design, seed: int) -> list[PlannedCase]:
    """The cases that the study reads, in a canonical order. Raises DrawTooLarge."""
    by_dataset: dict[str, list[PlannedCase]] = {}
    for case in sorted(cases, key=lambda case: case.id):
        by_dataset.setdefault(case.dataset, []).append(case)
    drawn = []
    for dataset, present in sorted(by_dataset.items()):
        wanted = design.cases.draw.get(dataset, len(present))
        if wanted > len(present):
            raise DrawTooLarge(f"The draw takes {wanted} cases of {dataset}, but only {len(present)} are there.")
        drawn += stream(seed, "draw", dataset).sample(present, wanted)
    for dataset in sorted(design.cases.draw.keys() - by_dataset.keys()):
        raise DrawTooLarge(f"The draw names the data set {dataset}, but no case of it is there.")
    return sorted(drawn, key=lambda case: case.id)


def reader_batches(cases: Sequence[PlannedCase], *, design: Design, seed: int, reader: int) -> list[list[UUID]]:
    """The batches of one reader, by session; one batch of every case where the design cuts none.

    reader: the reader's number, from 1. Raises DrawTooLarge.
    """
    if design.cases.per_reader is None:
        return [[case.id for case in cases]]
    size, count = batch_size(design, seed=seed, reader=reader), design.cases.batches
    if size > len(cases):
        raise DrawTooLarge(f"A batch takes {size} cases, but only {len(cases)} are drawn.")
    strata: dict[str, list[UUID]] = {}
    for case in sorted(cases, key=lambda case: case.id):
        strata.setdefault(case.stratum, []).append(case.id)
    shared = design.cases.drawing == Drawing.BALANCED
    purpose = ("batch",) if shared else ("batch", str(reader))
    skipped = (reader - 1) * count if shared else 0
    shares = _shares(strata, size, design.cases.balance, seed, purpose)
    return list(_from_rows(strata, shares, seed, purpose, skipped=skipped, count=count))


def batch_size(design: Design, *, seed: int, reader: int) -> int:
    """How many cases one reader's batches hold: fixed, or drawn between the design's two bounds."""
    least = design.cases.per_reader or 0
    most = design.cases.per_reader_most or least
    return stream(seed, "batch size", str(reader)).randint(least, most)


def quotas(sizes: Mapping[str, int], wanted: int, balance: Balance, *, turn: int = 0) -> dict[str, int]:
    """How many of `wanted` cases each stratum gives: its share, equal or by size, rounded down or up.

    Which strata are rounded up changes with `turn` so that over all turns every stratum gets its exact share; a rare
    class would else never be drawn. Source: systematic sampling, Madow 1949, doi:10.1214/aoms/1177729988.
    """
    weights = dict.fromkeys(sizes, 1) if balance == Balance.EQUAL else dict(sizes)
    total = sum(weights.values())
    found, passed = {}, 0  # in units of 1/total of a case
    for name, weight in weights.items():
        before, passed = passed, passed + weight * wanted
        found[name] = (passed + turn) // total - (before + turn) // total
    return found


def _shares(
    strata: Mapping[str, Sequence[UUID]], size: int, balance: Balance, seed: int, purpose: tuple[str, ...]
) -> Iterator[Mapping[str, int]]:
    """What each stratum gives to one batch after the other, without end. Raises DrawTooLarge."""
    names = sorted(strata)
    stream(seed, *purpose, "strata").shuffle(names)
    sizes = {name: len(strata[name]) for name in names}
    total = len(sizes) if balance == Balance.EQUAL else sum(sizes.values())
    turns = list(range(0, total, gcd(total, size)))  # others between them share alike
    cycle = 0
    while True:
        stream(seed, *purpose, "turns", str(cycle)).shuffle(turns)
        for turn in turns:
            share = quotas(sizes, size, balance, turn=turn)
            for name, count in share.items():
                if count > sizes[name]:
                    raise DrawTooLarge(f"A batch takes {count} cases of one stratum, which has only {sizes[name]}.")
            yield share
        cycle += 1


def _from_rows(
    strata: Mapping[str, Sequence[UUID]], shares: Iterator[Mapping[str, int]], seed: int, purpose: tuple[str, ...],
    *, skipped: int, count: int,
) -> Iterator[list[UUID]]:  # fmt: skip
    """`count` batches after `skipped` ones. A row is shuffled anew when a batch ends exactly at its end; a batch that
    passes the end goes on at the beginning, so that it holds no case twice."""
    at = dict.fromkeys(strata, 0)
    shuffles = dict.fromkeys(strata, 0)
    for number in range(skipped + count):
        taken: list[UUID] = []
        for name, share in next(shares).items():
            if number >= skipped:
                row = _row(strata[name], seed, purpose, name, shuffles[name])
                taken += [row[place % len(row)] for place in range(at[name], at[name] + share)]
            at[name] = (at[name] + share) % len(strata[name])
            shuffles[name] += share > 0 and at[name] == 0
        if number >= skipped:
            yield sorted(taken)


def _row(members: Sequence[UUID], seed: int, purpose: tuple[str, ...], name: str, shuffle: int) -> list[UUID]:
    row = list(members)
    stream(seed, *purpose, "row", name, str(shuffle)).shuffle(row)
    return row
