"""Which cases a reader reads: all, or batches drawn for that reader alone, stratified and balanced as the design says."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
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
    by_dataset = _grouped(cases, lambda case: case.dataset)
    drawn = []
    for dataset, present in sorted(by_dataset.items()):
        wanted = design.cases.draw.get(dataset, len(present))
        if wanted > len(present):
            raise DrawTooLarge(f"The draw takes {wanted} cases of {dataset}, but only {len(present)} are there.")
        drawn += stream(seed, "draw", dataset).sample(present, wanted)
    for dataset in design.cases.draw.keys() - by_dataset.keys():
        raise DrawTooLarge(f"The draw names the data set {dataset}, but no case of it is there.")
    return sorted(drawn, key=lambda case: case.id)


def reader_batches(cases: Sequence[PlannedCase], *, design: Design, seed: int, reader: int) -> list[list[UUID]]:
    """The batches of one reader, by session; one batch of every case where the design cuts none.

    reader: the reader's number, from 1. Raises DrawTooLarge.
    """
    if design.cases.per_reader is None:
        return [[case.id for case in cases]]
    size = batch_size(design, seed=seed, reader=reader)
    if size > len(cases):
        raise DrawTooLarge(f"A batch takes {size} cases, but only {len(cases)} are drawn.")
    if design.cases.drawing == Drawing.BALANCED:
        return [
            _balanced(cases, size, seed, (reader - 1) * design.cases.batches + k) for k in range(design.cases.batches)
        ]
    return [
        _random(cases, size, design.cases.balance, seed, reader, session)
        for session in range(1, design.cases.batches + 1)
    ]


def batch_size(design: Design, *, seed: int, reader: int) -> int:
    """How many cases one reader's batches hold: fixed, or drawn between the design's two bounds."""
    least = design.cases.per_reader or 0
    most = design.cases.per_reader_most or least
    return stream(seed, "batch size", str(reader)).randint(least, most)


def quotas(sizes: Mapping[str, int], wanted: int, balance: Balance) -> dict[str, int]:
    """How many cases each stratum gives. Equal or proportional shares, the largest remainders first; never more than
    a stratum has. Raises DrawTooLarge."""
    total = sum(sizes.values())
    if balance == Balance.EQUAL:
        shares = {name: wanted / len(sizes) for name in sizes}
    else:
        shares = {name: count * wanted / total for name, count in sizes.items()}
    found = {name: int(share) for name, share in shares.items()}
    by_remainder = sorted(shares, key=lambda name: (found[name] - shares[name], name))
    for name in by_remainder[: wanted - sum(found.values())]:
        found[name] += 1
    for name, count in found.items():
        if count > sizes[name]:
            raise DrawTooLarge(f"A batch takes {count} cases of one stratum, which has only {sizes[name]}.")
    return found


def _random(
    cases: Sequence[PlannedCase], size: int, balance: Balance, seed: int, reader: int, session: int
) -> list[UUID]:
    strata = _grouped(cases, lambda case: case.stratum)
    share = quotas({name: len(members) for name, members in strata.items()}, size, balance)
    drawn: list[PlannedCase] = []
    for name, members in sorted(strata.items()):
        drawn += stream(seed, "batch", str(reader), str(session), name).sample(members, share[name])
    return sorted(case.id for case in drawn)


def _balanced(cases: Sequence[PlannedCase], size: int, seed: int, block: int) -> list[UUID]:
    """The next `size` cases of an endless row of shuffled passes: no case is read twice more often than another."""
    ids = [case.id for case in cases]
    begin = block * size
    taken: list[UUID] = []
    at_pass, offset = divmod(begin, len(ids))
    while len(taken) < size:
        order = list(ids)
        stream(seed, "pass", str(at_pass)).shuffle(order)
        fresh = [one for one in order[offset:] if one not in set(taken)]
        taken += fresh[: size - len(taken)]
        at_pass, offset = at_pass + 1, 0
    return sorted(taken)


def _grouped(cases: Iterable[PlannedCase], key) -> dict[str, list[PlannedCase]]:  # type: ignore[no-untyped-def]
    groups: dict[str, list[PlannedCase]] = {}
    for case in sorted(cases, key=lambda case: case.id):
        groups.setdefault(key(case), []).append(case)
    return groups
