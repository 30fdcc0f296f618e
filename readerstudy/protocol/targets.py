"""What simulated readers of a preset aim at: the `[simulate]` table of its file.

A target marked "published" stands in the source that the preset names; any other number is an assumption, and no page
may call it published.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from readerstudy.protocol.design import HONEST, Design
from readerstudy.protocol.questions import Kind

SHARE = {"range": (0, 1)}


class Mark(StrEnum):
    """Where a target comes from."""

    PUBLISHED = "published"
    ASSUMED = "assumed"


class Measure(StrEnum):
    """What a target is a value of."""

    ACCURACY = "accuracy"  # share of principal diagnoses that are right; the first entry of a ranked list
    BALANCED_ACCURACY = "balanced_accuracy"
    TOP_3 = "top_3"  # the truth is among the first three entries of a ranked list
    TOP_4 = "top_4"
    MANAGEMENT_SENSITIVITY = "management_sensitivity"  # malignant cases with an active management
    MANAGEMENT_SPECIFICITY = "management_specificity"  # benign cases without one
    KAPPA = "kappa"  # agreement of the readers, Fleiss
    REPEAT_KAPPA = "repeat_kappa"  # agreement of a reader with himself on repeated cases


@dataclass(frozen=True, slots=True)
class SimulatedGroup:
    """Readers who are alike: how many of all, from how many years to how many, and what they say of themselves."""

    name: str
    share: float = field(metadata=SHARE)
    years_low: float = field(default=0.0, metadata={"range": (0, 60), "unit": "years"})
    years_high: float = field(default=20.0, metadata={"range": (0, 60), "unit": "years"})
    profile: Mapping[str, str] = field(default_factory=dict)  # profile question -> option; absent ones are drawn


@dataclass(frozen=True, slots=True)
class Target:
    """One value that the simulated answers should come to. Whatever is left empty means "over all"."""

    value: float = field(metadata=SHARE)
    mark: Mark
    measure: Measure = Measure.ACCURACY
    modality: str = ""
    group: str = ""
    arm: str = ""
    dataset: str = ""
    round: int = field(default=0, metadata={"range": (0, 50)})
    stage: int = field(default=0, metadata={"range": (0, 10)})  # 0: the last stage that has the modality


@dataclass(frozen=True, slots=True)
class SourceTarget:
    """How often a set of AI output is right. Altered sets follow from their share and are not listed."""

    value: float = field(metadata=SHARE)
    mark: Mark
    source: str = HONEST
    measure: Measure = Measure.ACCURACY
    dataset: str = ""


@dataclass(frozen=True, slots=True)
class SimulationTargets:
    """Readers, cases and behaviour of a simulated study."""

    readers: int = field(metadata={"range": (2, 100_000)})
    cases: Mapping[str, Mapping[str, int]]  # data set -> class -> cases
    targets: tuple[Target, ...] = field(default=(), metadata={"singular": "target"})
    ai: tuple[SourceTarget, ...] = field(default=(), metadata={"singular": "AI target"})
    groups: tuple[SimulatedGroup, ...] = field(default=(), metadata={"singular": "group"})  # none: all readers alike
    practice: int = field(default=3, metadata={"range": (0, 100)})  # practice cases a data set
    images: int = field(default=1, metadata={"range": (1, 10)})  # images a case
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # of cases; the values take turns
    spontaneous: float = field(default=0.03, metadata=SHARE)  # changes from one answer to the next without any AI
    timeouts: float = field(default=0.0, metadata=SHARE)  # of readings
    dropouts: float = field(default=0.0, metadata=SHARE)  # of readers, who stop somewhere on the way
    careless: float = field(default=0.0, metadata=SHARE)  # of readers, who fail the attention checks
    batches: float = field(default=1.0, metadata={"range": (1, 50)})  # mean number that a reader goes through

    @property
    def case_count(self) -> int:
        return sum(count for classes in self.cases.values() for count in classes.values())


def contradicting_targets(targets: SimulationTargets, design: Design) -> list[str]:
    """Every target that the design cannot meet because it names what is not there. One message a fault."""
    return [*_readers(targets, design), *_cases(targets, design), *_targets(targets, design), *_ai(targets, design)]


def _readers(targets: SimulationTargets, design: Design) -> Iterable[str]:
    share = sum(group.share for group in targets.groups)
    if targets.groups and abs(share - 1) > 1e-6:
        yield f"The simulated groups make up {share:g} of the readers. Let their shares add up to 1."
    options = {one.name: one.options for one in design.profile}
    for group in targets.groups:
        if group.years_low > group.years_high:
            yield f'The group "{group.name}" has {group.years_low:g} to {group.years_high:g} years. Swap them.'
        for name, value in group.profile.items():
            if value not in options.get(name, ()):
                yield f'The group "{group.name}" answers "{name}" with "{value}", which the profile does not offer.'
    if targets.batches > design.cases.batches:
        yield (
            f"Simulated readers go through {targets.batches:g} batches on average, but the design allows "
            f"{design.cases.batches}."
        )


def _cases(targets: SimulationTargets, design: Design) -> Iterable[str]:
    for dataset, classes in targets.cases.items():
        for name, count in classes.items():
            if count < 1:
                yield f'The simulation makes {count} cases of {dataset}, "{name}". Use at least 1, or leave it out.'
    made = {dataset: sum(classes.values()) for dataset, classes in targets.cases.items()}
    for dataset, wanted in design.cases.draw.items():
        if wanted > made.get(dataset, 0):
            yield f"The draw takes {wanted} cases of {dataset}, but the simulation makes {made.get(dataset, 0)}."
    drawn = sum(design.cases.draw.get(dataset, count) for dataset, count in made.items())
    most = design.cases.per_reader_most or design.cases.per_reader or 0
    if most > drawn:
        yield f"A batch takes {most} cases, but the simulation draws {drawn}."
    by = design.cases.stratify
    if by and by != "diagnosis" and by not in targets.attributes:
        yield f'Batches are stratified by "{by}", which the simulated cases lack. Add it to their attributes.'


def _targets(targets: SimulationTargets, design: Design) -> Iterable[str]:
    stages = max(len(one.stages) for one in design.rounds)
    known = {
        "modality": design.used(),
        "group": {group.name for group in targets.groups},
        "arm": {arm.name for arm in design.arms},
        "dataset": set(targets.cases),
    }
    ranked = any(one.kind == Kind.RANKED for one in design.questions)
    for number, one in enumerate(targets.targets, start=1):
        for what, names in known.items():
            named = getattr(one, what)
            if named and named not in names:
                yield f'Target {number} names the {what} "{named}", which is not there. There are: {_listed(names)}.'
        if one.round > len(design.rounds) or one.stage > stages:
            yield f"Target {number} names a round or stage that the design does not have."
        if one.measure in (Measure.TOP_3, Measure.TOP_4) and not ranked:
            yield f"Target {number} counts a ranked list, but no question asks for one."
        if one.measure in (Measure.MANAGEMENT_SENSITIVITY, Measure.MANAGEMENT_SPECIFICITY) and not design.active:
            yield f"Target {number} counts managements, but the design names none that act on a malignancy."


def _ai(targets: SimulationTargets, design: Design) -> Iterable[str]:
    told = {one.source for one in targets.ai}
    made = {one.name for one in design.altered}
    for source in design.sources():
        if source not in told | made:
            yield f'The simulation does not say how often the AI output "{source}" is right. Add it under ai.'
    for source in sorted(told - set(design.sources())):
        yield f'The simulation gives an accuracy for the AI output "{source}", which the design does not use.'


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
