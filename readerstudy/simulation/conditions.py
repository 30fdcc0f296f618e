"""The conditions that simulated readers meet, in the order in which a reader meets them, and the targets of each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from readerstudy.protocol.design import ArmDesign, Design, Limit
from readerstudy.protocol.questions import Kind
from readerstudy.protocol.targets import Measure, Target

RIGHT = (Measure.ACCURACY, Measure.BALANCED_ACCURACY)


@dataclass(frozen=True, slots=True)
class Condition:
    """One stage of one round, read by one arm in one modality."""

    arm: str
    round: int
    stage: int
    modality: str
    aided: bool
    last: bool  # stage of the round
    last_of_modality: bool  # stage of the round with this modality
    hard: bool  # its time may run out
    ranked: bool  # asks for a list of diagnoses
    action: bool  # asks what is done with the suggestion, and not for the diagnosis
    manages: bool  # asks for a management

    @property
    def is_first_look(self) -> bool:
        return (self.round, self.stage) == (1, 1)

    @property
    def key(self) -> tuple[str, int, int, str]:
        return self.arm, self.round, self.stage, self.modality


def conditions(design: Design) -> list[Condition]:
    """Every condition of every arm. A stage that a split changes has one for each of its modalities."""
    return [
        _condition(design, arm, number, place, name)
        for arm in design.arms
        for number, one in enumerate(design.rounds, start=1)
        for place in range(1, len(one.stages) + 1)
        for name in names_at(design, arm, number, place)
    ]


def names_at(design: Design, arm: ArmDesign, number: int, place: int) -> list[str]:
    """The modalities that readers of an arm meet at a stage. Round and stage count from 1."""
    stages = design.rounds[number - 1].stages
    if design.split is not None and place == (design.split.stage or len(stages)):
        return list(design.split.modalities)
    return [arm.modalities[number - 1][place - 1] if arm.modalities else stages[place - 1].modality]


def targets_of(
    condition: Condition, targets: Sequence[Target], measures: Sequence[Measure] = RIGHT, *, anywhere: bool = False
) -> list[Target]:
    """The targets that speak of a condition, the general ones first. anywhere: of its modality at whatever stage."""
    found = [
        one
        for one in targets
        if one.measure in measures
        and one.modality in ("", condition.modality)
        and one.arm in ("", condition.arm)
        and (anywhere or (one.round in (0, condition.round) and _is_of_stage(one, condition)))
    ]
    return sorted(found, key=lambda one: bool(one.group) + bool(one.dataset))


def _is_of_stage(target: Target, condition: Condition) -> bool:
    if target.stage:
        return target.stage == condition.stage
    return condition.last_of_modality if target.modality else condition.last


def _condition(design: Design, arm: ArmDesign, number: int, place: int, name: str) -> Condition:
    stages = design.rounds[number - 1].stages
    stage, modality = stages[place - 1], design.modality(name)
    kinds = {one.kind for one in design.stage_questions(stage, modality)}
    return Condition(
        arm=arm.name,
        round=number,
        stage=place,
        modality=name,
        aided=modality.aided,
        last=place == len(stages),
        last_of_modality=place == max(_places(design, arm, number, name)),
        hard=stage.limit == Limit.HARD,
        ranked=Kind.RANKED in kinds,
        action=Kind.ACTION in kinds and not kinds & {Kind.RANKED, Kind.DIAGNOSIS},
        manages=Kind.MANAGEMENT in kinds,
    )


def _places(design: Design, arm: ArmDesign, number: int, name: str) -> Iterator[int]:
    for place in range(1, len(design.rounds[number - 1].stages) + 1):
        if name in names_at(design, arm, number, place):
            yield place
