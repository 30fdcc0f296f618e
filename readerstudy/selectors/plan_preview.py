"""What a design means before anybody reads: readings and minutes of a reader, balance of the arms, one example reader.

Everything is drawn from a seed of its own: the study's true list of arms and orders stays concealed.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from uuid import UUID

from readerstudy.models import Study
from readerstudy.protocol.allocation import arm_of
from readerstudy.protocol.batches import DrawTooLarge, PlannedCase, drawn_cases, reader_batches
from readerstudy.protocol.design import Design, RoundDesign
from readerstudy.protocol.plan import Slot, reader_plan

EXAMPLE_SEED = 0
MOST_STRATA = 24
MOST_CELLS = 240  # of a strip: more could not be told apart


@dataclass(frozen=True, slots=True)
class StageLine:
    """A part of a reading, as an administrator reads it."""

    modality: str
    aided: bool
    limit_s: float
    limit: str


@dataclass(frozen=True, slots=True)
class RoundLine:
    """What a round asks of the example reader."""

    number: int
    stages: Sequence[StageLine]
    washout_days: float
    readings: int
    minutes: float  # at most; of soft limits as they are suggested
    cells: Sequence[tuple[str, int]]  # a reading each, in order: what it is, and which reading condition (from 1)

    @property
    def aided(self) -> bool:
        return any(stage.aided for stage in self.stages)


@dataclass(frozen=True, slots=True)
class BalanceLine:
    """How the planned readers of a stratum fall into the arms."""

    stratum: str
    readers: Sequence[int]


@dataclass(frozen=True, slots=True)
class PlanPreview:
    """The size and shape of a plan."""

    readers: int
    cases: int  # that one reader reads in a batch
    batches: int
    rounds: Sequence[RoundLine]
    arms: Sequence[str]
    balance: Sequence[BalanceLine]
    modalities: Sequence[str]  # that a last part shows, in the order of the cells' numbers
    fault: str = ""  # why no example can be drawn yet

    @property
    def readings_each(self) -> int:
        return sum(one.readings for one in self.rounds)

    @property
    def readings(self) -> int:
        return self.readers * self.readings_each

    @property
    def minutes(self) -> float:
        """Of one reader over all rounds and batches, at most."""
        return sum(one.minutes for one in self.rounds)

    @property
    def without_washout(self) -> tuple[int, ...]:
        """Rounds that follow another at once: readers may remember the images."""
        return tuple(one.number for one in self.rounds[1:] if not one.washout_days)


def plan_preview(
    study: Study, design: Design | None = None, *, strata: Mapping[UUID, str] | None = None
) -> PlanPreview:
    """From the cases that are there, or as many as the design names. strata: the class of every case, where known."""
    design = design or study.design
    fault = ""
    batches: list[list[UUID]] = []
    cases = _cases(study, design, strata or {})
    try:
        batches = reader_batches(drawn_cases(cases, design=design, seed=EXAMPLE_SEED), design=design, seed=EXAMPLE_SEED,
                                 reader=1)  # fmt: skip
    except DrawTooLarge as bad:
        fault = str(bad)
    slots = list(reader_plan(batches, design=design, seed=EXAMPLE_SEED, reader=1, arm=design.arms[0].name))
    modalities = list(dict.fromkeys(slot.modalities[-1] for slot in slots))
    enrolled = study.readers.filter(kind="reader").count()
    return PlanPreview(
        readers=enrolled or design.planned_readers,
        cases=len(batches[0]) if batches else 0,
        batches=len(batches),
        rounds=[_round(design, number, slots, modalities) for number in range(1, len(design.rounds) + 1)],
        arms=[arm.name for arm in design.arms],
        balance=_balance(design, enrolled or design.planned_readers),
        modalities=modalities,
        fault=fault,
    )


def _cases(study: Study, design: Design, strata: Mapping[UUID, str]) -> list[PlannedCase]:
    """The study's cases; before the import, as many as the design names."""
    rows = list(study.cases.values_list("id", "dataset__name", "attributes"))
    by = design.cases.stratify
    if rows:
        return [
            PlannedCase(case, dataset, strata.get(case, "") if by == "diagnosis" else str(attributes.get(by, "")))
            for case, dataset, attributes in rows
        ]
    wanted = dict(design.cases.draw) or {"": design.cases.per_reader_most or design.cases.per_reader or 0}
    numbers = [(name, number) for name, count in wanted.items() for number in range(count)]
    return [PlannedCase(UUID(int=at + 1), name) for at, (name, _number) in enumerate(numbers)]


def _round(design: Design, number: int, slots: Sequence[Slot], modalities: Sequence[str]) -> RoundLine:
    one = design.rounds[number - 1]
    own = [slot for slot in slots if slot.round == number]
    return RoundLine(
        number=number,
        stages=_stages(design, one, design.arms[0].modalities[number - 1 : number]),
        washout_days=one.washout_days,
        readings=len(own),
        minutes=len(own) * one.limit_s / 60,
        cells=[(_kind(slot), modalities.index(slot.modalities[-1]) + 1) for slot in own[:MOST_CELLS]],
    )


def _stages(design: Design, one: RoundDesign, own: Sequence[Sequence[str]]) -> list[StageLine]:
    names = own[0] if own else [stage.modality for stage in one.stages]
    return [
        StageLine(name, design.modality(name).aided, stage.limit_s, str(stage.limit))
        for stage, name in zip(one.stages, names, strict=True)
    ]


def _kind(slot: Slot) -> str:
    if slot.is_attention:
        return "attention"
    if slot.occurrence > 1:
        return "repeat"
    return "case" if slot.counted else "practice"


def _balance(design: Design, readers: int) -> list[BalanceLine]:
    """Readers spread evenly over the strata, each stratum by its own concealed list."""
    levels = [_levels(design, name) for name in design.allocation.strata]
    combinations = list(product(*levels))[:MOST_STRATA]
    lines = []
    for at, stratum in enumerate(combinations):
        count = readers // len(combinations) + (at < readers % len(combinations))
        drawn = Counter(arm_of(design, seed=EXAMPLE_SEED, stratum=stratum, place=place) for place in range(count))
        lines.append(BalanceLine(", ".join(stratum), [drawn[arm.name] for arm in design.arms]))
    return lines


def _levels(design: Design, name: str) -> list[str]:
    if name == "years":
        return [f"from {cut:g}" for cut in design.groups.cuts]
    return next((list(one.options) for one in design.profile if one.name == name), [""])
