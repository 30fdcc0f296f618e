"""A simulated study's main numbers beside the targets of its preset: aimed at, reached, within the interval or not."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from readerstudy.protocol.design import HONEST, Design
from readerstudy.protocol.questions import Kind
from readerstudy.protocol.targets import Measure, SimulatedGroup, SimulationTargets, SourceTarget, Target
from readerstudy.simulation.conditions import Condition, conditions, targets_of
from readerstudy.simulation.fitting import named

ALL = "all"
SECTIONS = {
    Measure.ACCURACY: ("accuracy", "accuracy", {}),
    Measure.BALANCED_ACCURACY: ("accuracy", "accuracy", {}),  # batches that are equal by class make the two the same
    Measure.TOP_3: ("top_k", "value", {"k": 3, "equal_length": False}),
    Measure.TOP_4: ("top_k", "value", {"k": 4, "equal_length": False}),
    Measure.MANAGEMENT_SENSITIVITY: ("management", "value", {"measure": "sensitivity"}),
    Measure.MANAGEMENT_SPECIFICITY: ("management", "value", {"measure": "specificity"}),
}
STATISTICS = {Measure.KAPPA: "fleiss_kappa", Measure.REPEAT_KAPPA: "intra_kappa"}


@dataclass(frozen=True, slots=True)
class Figure:
    """One number. mark: "published" or "assumed", of the target. within is None where there is no interval."""

    what: str
    target: float
    mark: str
    ours: float | None
    ci_low: float | None
    ci_high: float | None
    readers: int | None
    cases: int | None
    readings: int | None

    @property
    def within(self) -> bool | None:
        if self.ours is None or self.ci_low is None or self.ci_high is None:
            return None
        return self.ci_low <= self.target <= self.ci_high

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "within": self.within}


def figures(design: Design, targets: SimulationTargets, report: Mapping[str, Any]) -> list[Figure]:
    """Every target that the report has a number for."""
    found = [one for target in targets.targets for one in _of_readers(design, targets, target, report)]
    return found + [one for target in targets.ai for one in _of_ai(target, report)]


def lines(found: Sequence[Figure]) -> Iterator[str]:
    """A table to print."""
    yield f"{'target of the simulation':62} {'aimed at':>18} {'ours':>7}  interval"
    for one in found:
        ours = "   none" if one.ours is None else f"{one.ours:7.4f}"
        interval = "none" if one.within is None else f"{one.ci_low:.4f} to {one.ci_high:.4f}"
        inside = {True: "within", False: "OUTSIDE", None: ""}[one.within]
        yield f"{one.what[:62]:62} {one.mark:>9} {one.target:.4f}  {ours}  {interval} {inside}".rstrip()


def _of_readers(
    design: Design, targets: SimulationTargets, target: Target, report: Mapping[str, Any]
) -> Iterator[Figure]:
    if target.measure in STATISTICS:
        yield from _agreement(design, target, report)
        return
    section, value, further = SECTIONS[target.measure]
    if target.arm:
        section, value = "arms", "value"
        further = {"arm": target.arm}
    group = _group(design, targets, target)
    if group is None:
        return
    for condition in _conditions(design, target):
        wanted = {"round": _number(design, condition), "modality": condition.modality, "group": group, **further}
        if section == "accuracy":
            wanted |= {"dataset": target.dataset or ALL, "reader": ALL}
        for row in _rows(report[section], wanted):
            yield _figure(target, condition, row, value)


def _agreement(design: Design, target: Target, report: Mapping[str, Any]) -> Iterator[Figure]:
    """Of every question that no truth decides; of the diagnosis too where a reader is compared with himself."""
    kinds = {Kind.YES_NO, Kind.CHOICE} if not design.reference else {Kind.DIAGNOSIS}
    names = [one.name for one in design.questions if one.kind in kinds]
    for row in report["questions"]:
        if row["question"].partition(", ")[0] in names and row["statistic"] == STATISTICS[target.measure]:
            yield Figure(f"{target.measure}, {row['question']}", target.value, str(target.mark), row["value"],
                         row["ci_low"], row["ci_high"], row["readers"], row["cases"], row["readings"])  # fmt: skip


def _of_ai(target: SourceTarget, report: Mapping[str, Any]) -> Iterator[Figure]:
    if target.source != HONEST or target.measure != Measure.ACCURACY:
        return
    for row in _rows(report["ai_alone"], {"dataset": target.dataset or ALL}):
        if row["accuracy"] is not None:
            what = ", ".join(one for one in ("AI alone, accuracy", target.dataset) if one)
            yield Figure(what, target.value, str(target.mark), row["accuracy"], row["ci_low"], row["ci_high"],
                         0, row["cases"], row["cases"])  # fmt: skip


def _conditions(design: Design, target: Target) -> Iterable[Condition]:
    """The conditions that the target speaks of, once for all arms unless it names one."""
    found = {one.key[1:]: one for one in conditions(design) if targets_of(one, [target], [target.measure])}
    return found.values()


def _group(design: Design, targets: SimulationTargets, target: Target) -> str | None:
    """The report's name of the target's group of readers; None where the report does not tell these readers apart."""
    if not target.group:
        return ALL
    group = next(one for one in targets.groups if one.name == target.group)
    if design.groups.variable != "years":
        return group.profile.get(design.groups.variable)
    return _by_years(group, design.groups.cuts)


def _by_years(group: SimulatedGroup, cuts: Sequence[float]) -> str | None:
    bounds = [*cuts, float("inf")]
    for low, high in zip(bounds, bounds[1:], strict=False):
        if low <= group.years_low and group.years_high < high:
            return f"[{low:g},{high:g})"
    return None


def _number(design: Design, condition: Condition) -> int:
    """The report's round: it writes the stages of one reading as rounds."""
    return sum(len(one.stages) for one in design.rounds[: condition.round - 1]) + condition.stage


def _rows(rows: Iterable[Mapping[str, Any]], wanted: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    return (row for row in rows if all(row.get(name) == value for name, value in wanted.items()))


def _figure(target: Target, condition: Condition, row: Mapping[str, Any], value: str) -> Figure:
    what = named(target)
    if not target.round and not target.stage:
        what += f", round {condition.round}" if condition.round > 1 else ""
    return Figure(what, target.value, str(target.mark), row[value], row["ci_low"], row["ci_high"],
                  row["readers"], row["cases"], row["readings"])  # fmt: skip
