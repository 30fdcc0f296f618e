"""The decision model of a simulated study, solved so that the drawn readers and cases meet the preset's targets.

A reader's own diagnosis is right with logistic(level + skill - difficulty). At every further look it changes without
any AI at the spontaneous rate. Where the AI's suggestion differs, it is taken with one probability if it is right and
with WRONG_TO_RIGHT times that if it is wrong. Levels and probabilities are solved, not set. Pure: no database.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from readerstudy.protocol.design import HONEST, Alteration, Design
from readerstudy.protocol.targets import Mark, Measure, SimulationTargets, Target
from readerstudy.simulation.conditions import RIGHT, Condition, conditions, targets_of
from readerstudy.simulation.fitting import FARTHEST, Fitted, Flags, Floats, Goal, fitted, logistic
from readerstudy.simulation.latent import CaseFacts, Person

WRONG_TO_RIGHT = 0.5  # assumed: a wrong suggestion is taken half as readily as a right one
FIRST_OF_LIST = 0.65  # assumed, where a study counts lists only: so many of the hits stand first
WITHOUT_AID = 0.08  # assumed, where a study has no unaided reading: so much lower would it be
UNKNOWN_LEVEL = 0.75  # assumed, where a study has no target for diagnoses
SHORT_LISTS = 0.92  # of lists, those with room for one more among the first three (answers.py)
LISTS = (Measure.TOP_3, Measure.TOP_4)


class Mode(Enum):
    """What a later look does to a diagnosis."""

    ADOPT = "adopt"  # the suggestion, with one probability where right and a smaller one where wrong
    RESIST = "resist"  # false output with a target below: what is solved is how often a wrong one is taken
    CHANGE = "change"  # no label is suggested: what is solved is how often a wrong diagnosis is corrected


@dataclass(frozen=True, slots=True)
class Step:
    """The solved probabilities of one condition. None: nothing was aimed at."""

    condition: Condition
    mode: Mode
    moved: Fitted | None = None
    listed: Fitted | None = None
    honest: Fitted | None = None  # RESIST: how often a right suggestion is taken
    managed: Mapping[tuple[bool, bool], float] = field(default_factory=dict)  # (truth, diagnosis malignant) -> active


@dataclass(frozen=True, slots=True)
class Model:
    """All that decisions rest on (decisions.py)."""

    seed: int
    design: Design
    targets: SimulationTargets
    levels: Mapping[str, Fitted]  # by arm
    steps: Mapping[tuple[str, int, int, str], Step]
    repeated: float  # how often a hidden repeat is answered as before, for another reason than that it is as easy

    def own(self, person: Person, case: CaseFacts, arm: str) -> float:
        """The probability that a reader's own diagnosis is right."""
        level = self.levels[arm].logit(person.group, case.dataset)
        return float(logistic(np.array(level + person.skill - case.difficulty)))


@dataclass(frozen=True, slots=True)
class Reads:
    """Who reads which case in which session: N pairs, as places in `people` and `cases`."""

    people: Sequence[Person]
    cases: Sequence[CaseFacts]
    arms: Mapping[int, str]  # reader's number -> arm
    suggested: Mapping[tuple[str, str, str], str]  # (case, modality, source) -> the label that is suggested
    reader_N: np.ndarray
    case_N: np.ndarray
    session_N: np.ndarray


def solve(design: Design, targets: SimulationTargets, reads: Reads, *, seed: int) -> Model:
    """The model that meets the targets over exactly these readers and cases. Raises ImpossibleTarget."""
    if not design.reference:
        return Model(seed, design, targets, {}, {}, repeated=0.0)
    solver = _Solver(design, targets, reads)
    every = conditions(design)
    levels: dict[str, Fitted] = {}
    steps = {}
    own_N = np.zeros(len(reads.reader_N))
    for arm in design.arms:
        of_arm = [one for one in every if one.arm == arm.name]
        levels[arm.name] = solver.level(of_arm)
        own_N = np.where(solver.arm(arm.name), solver.own(levels[arm.name]), own_N)
    for one in every:
        steps[one.key] = solver.step(one, own_N, steps)
    return Model(seed, design, targets, levels, steps, repeated=solver.repeated(own_N))


class _Solver:
    """The arrays of one solution: one entry a pair of reader and case."""

    def __init__(self, design: Design, targets: SimulationTargets, reads: Reads) -> None:
        self.design, self.targets, self.reads = design, targets, reads
        people, cases = reads.people, reads.cases
        self.group_N = np.array([one.group for one in people], dtype=object)[reads.reader_N]
        self.arm_N = np.array([reads.arms.get(one.number, "") for one in people], dtype=object)[reads.reader_N]
        self.dataset_N = np.array([one.dataset for one in cases], dtype=object)[reads.case_N]
        self.truth_N = np.array([one.truth for one in cases], dtype=object)[reads.case_N]
        self.skill_N = np.array([one.skill for one in people])[reads.reader_N]
        self.difficulty_N = np.array([one.difficulty for one in cases])[reads.case_N]
        self.malignant_N = np.isin(self.truth_N, design.malignant)
        self.after: dict[tuple[str, int, int, str], Floats] = {}
        self.in_list: dict[tuple[str, int, int, str], Floats] = {}

    def arm(self, name: str) -> Flags:
        return self.arm_N == name

    def own(self, level: Fitted) -> Floats:
        logit_N = sum((offset * self._pairs(target) for target, offset in level.offsets), np.zeros(len(self.skill_N)))
        return logistic(logit_N + self.skill_N - self.difficulty_N)

    def level(self, of_arm: Sequence[Condition]) -> Fitted:
        """Of one arm's own diagnoses, before any AI."""
        within_N = self.arm(of_arm[0].arm)
        goals = self._goals(self._own_targets(of_arm), within_N, hard=of_arm[0].hard)
        return fitted(goals, lambda logit_N: logistic(logit_N + self.skill_N - self.difficulty_N), what="levels")

    def step(self, condition: Condition, own_N: Floats, steps: Mapping[tuple[str, int, int, str], Step]) -> Step:
        within_N = self.arm(condition.arm)
        before_N = self._before(condition, own_N)
        right_N, label_N = self._suggestions(condition)
        mode, outcome = self._outcome(condition, before_N, right_N, label_N)
        targets = self._targets(condition)
        moved, honest = None, None
        if targets and not (condition.is_first_look and mode is Mode.CHANGE):
            goals = self._goals(targets, within_N, hard=condition.hard)
            if mode is Mode.ADOPT and self._is_false(condition) and self._below(goals, outcome):
                honest = next((o.moved for o in steps.values() if o.moved and self._is_honest(o.condition)), None)
                mode, outcome = Mode.RESIST, self._resisting(condition, before_N, right_N, label_N, honest)
            moved = fitted(goals, outcome, what=f"{mode.value} probabilities from 0 to 1")
        logit_N = self._logit(moved)
        if logit_N is None:
            logit_N = np.full(len(before_N), unaimed(mode, self._lost(condition)))
        after_N = outcome(logit_N)
        self.after[condition.key] = after_N
        listed = self._listed(condition, within_N, before_N, after_N, right_N, logit_N)
        return Step(condition, mode, moved, listed, honest, self._managed(condition, within_N, after_N))

    def repeated(self, own_N: Floats) -> float:
        """The share of hidden repeats that are answered from memory, from the target of a reader against himself."""
        wanted = [one.value for one in self.targets.targets if one.measure == Measure.REPEAT_KAPPA]
        if not wanted:
            return 1.0 - self.targets.spontaneous
        count = max(2, len({one.truth for one in self.reads.cases}))
        alike = float(np.mean(own_N**2 + (1 - own_N) ** 2 * 0.45))  # two wrong ones are the same in about 45 %
        again = (alike - 1 / count) / (1 - 1 / count)
        return min(1.0, max(0.0, (wanted[0] - again) / (1 - again)))

    def _own_targets(self, of_arm: Sequence[Condition]) -> list[Target]:
        """What the own diagnoses of an arm aim at: at the first look, else where no AI is shown, else an assumption."""
        targets = self.targets.targets
        first = next(one for one in of_arm if one.is_first_look)
        unaided = [one for one in of_arm if not one.aided]
        for one in ([first] if not first.aided else []) + unaided:
            found = targets_of(one, targets) or targets_of(one, targets, anywhere=True)
            if found:
                return found
        bare = [one for one in targets if one.measure in RIGHT and self._shows_nothing(one)]
        if bare:
            return sorted(bare, key=lambda one: bool(one.group) + bool(one.dataset))
        lists = [one for one in targets if one.measure in LISTS and self._shows_nothing(one)]
        if lists:
            return [_instead(one, FIRST_OF_LIST * one.value) for one in lists]
        aided = [one.value for one in targets if one.measure in RIGHT]
        return [Target(value=min(aided) - WITHOUT_AID if aided else UNKNOWN_LEVEL, mark=Mark.ASSUMED)]

    def _targets(self, condition: Condition) -> list[Target]:
        targets = self.targets.targets
        found = targets_of(condition, targets) or targets_of(condition, targets, anywhere=True)
        if found or not condition.aided:
            return found
        return [_instead(one, FIRST_OF_LIST * one.value) for one in targets_of(condition, targets, LISTS)]

    def _shows_nothing(self, target: Target) -> bool:
        return any(one.name == target.modality and not one.aided for one in self.design.modalities)

    def _goals(self, targets: Sequence[Target], within_N: Flags, *, hard: bool) -> list[Goal]:
        answered = 1 - self.targets.timeouts if hard else 1.0  # a time-out counts as wrong
        return [
            Goal(one, within_N & self._pairs(one), min(one.value / answered, 1.0), self._weights(one, within_N))
            for one in targets
        ]

    def _pairs(self, target: Target) -> Flags:
        in_group = (self.group_N == target.group) if target.group else True
        in_dataset = (self.dataset_N == target.dataset) if target.dataset else True
        return np.ones(len(self.skill_N), dtype=bool) & in_group & in_dataset

    def _weights(self, target: Target, within_N: Flags) -> Floats:
        """Every reading counts alike, or every class where the target is a balanced accuracy."""
        weights_N = np.ones(len(self.skill_N))
        if target.measure != Measure.BALANCED_ACCURACY:
            return weights_N
        for label in set(self.truth_N[within_N]):
            weights_N[self.truth_N == label] = 1 / max(1, int((within_N & (self.truth_N == label)).sum()))
        return weights_N

    def _before(self, condition: Condition, own_N: Floats) -> Floats:
        """How often the diagnosis with which a reader comes to a condition is right."""
        if condition.stage == 1:
            return own_N
        arm, number, stage, _modality = condition.key
        earlier = [held for key, held in self.after.items() if key[:3] == (arm, number, stage - 1)]
        return np.mean(earlier, axis=0)

    def _suggestions(self, condition: Condition) -> tuple[Flags, Flags]:
        """Whether the suggestion is right, and whether there is a label at all, for every pair."""
        label_N = np.zeros(len(self.skill_N), dtype=bool)
        if not condition.aided:
            return label_N.copy(), label_N
        modality = self.design.modality(condition.modality)
        said = np.empty(len(self.skill_N), dtype=object)
        for session in set(self.reads.session_N.tolist()):
            source = modality.source_in(session)
            labels_K = [self.reads.suggested.get((one.id, modality.name, source), "") for one in self.reads.cases]
            at = self.reads.session_N == session
            said[at] = np.array(labels_K, dtype=object)[self.reads.case_N[at]]
        return said == self.truth_N, said != ""

    def _outcome(
        self, condition: Condition, before_N: Floats, right_N: Flags, label_N: Flags
    ) -> tuple[Mode, Callable[[Floats], Floats]]:
        lost = self._lost(condition)
        if not label_N.any():
            return Mode.CHANGE, lambda logit_N: before_N * (1 - lost) + (1 - before_N) * logistic(logit_N)
        alone_N = before_N * (1 - lost) + (1 - before_N) * lost
        return Mode.ADOPT, lambda logit_N: _adopted(alone_N, right_N, label_N, logistic(logit_N), WRONG_TO_RIGHT)

    def _lost(self, condition: Condition) -> float:
        return spontaneous(condition, self.targets)

    def _is_false(self, condition: Condition) -> bool:
        source = self.design.modality(condition.modality).source
        return any(one.name == source and one.kind == Alteration.FALSE for one in self.design.altered)

    def _below(self, goals: Sequence[Goal], outcome: Callable[[Floats], Floats]) -> bool:
        nobody_N = outcome(np.full(len(self.skill_N), -2 * FARTHEST))
        return any(goal.pairs_N.any() and goal.wanted < goal.mean(nobody_N) for goal in goals)

    def _resisting(
        self, condition: Condition, before_N: Floats, right_N: Flags, label_N: Flags, honest: Fitted | None
    ) -> Callable[[Floats], Floats]:
        """False output: a right one is taken as the honest output is; how often a wrong one is, will be solved."""
        held_N = self._logit(honest)
        taken_N = np.full(len(before_N), 0.5) if held_N is None else logistic(held_N)
        lost = self._lost(condition)
        alone_N = before_N * (1 - lost) + (1 - before_N) * lost
        gained_N = (1 - alone_N) * taken_N * right_N
        wrong_N = label_N & ~right_N
        return lambda logit_N: alone_N * (1 - logistic(-logit_N) * wrong_N) + gained_N

    def _is_honest(self, condition: Condition) -> bool:
        return condition.aided and self.design.modality(condition.modality).source == HONEST

    def _logit(self, moved: Fitted | None) -> Floats | None:
        if moved is None:
            return None
        return sum((offset * self._pairs(target) for target, offset in moved.offsets), np.zeros(len(self.skill_N)))

    def _listed(
        self, condition: Condition, within_N: Flags, before_N: Floats, after_N: Floats, right_N: Flags,
        logit_N: Floats,
    ) -> Fitted | None:  # fmt: skip
        """How often the truth stands in a list that does not begin with it, or a suggestion is added to one."""
        if not (condition.ranked or condition.action):
            return None
        found = targets_of(condition, self.targets.targets, LISTS)
        own_N = self._in_own_list(condition)
        if condition.action:
            taken_N = logistic(logit_N)
            missed_N = right_N * (1 - own_N)
            outcome = lambda x_N: own_N + missed_N * (taken_N + (1 - taken_N) * SHORT_LISTS * logistic(x_N))  # noqa: E731
        else:
            outcome = lambda x_N: after_N + (1 - after_N) * logistic(x_N)  # noqa: E731
        if not found:
            self.in_list[condition.key] = outcome(np.zeros(len(before_N)))
            return None
        made = fitted(self._goals(found, within_N, hard=condition.hard), outcome, what="lists")
        logits_N = self._logit(made)
        self.in_list[condition.key] = outcome(logits_N if logits_N is not None else np.zeros(len(before_N)))
        return made

    def _in_own_list(self, condition: Condition) -> Floats:
        earlier = [held for key, held in self.in_list.items() if key[:2] == (condition.arm, condition.round)]
        return earlier[-1] if earlier else np.zeros(len(self.skill_N))

    def _managed(self, condition: Condition, within_N: Flags, after_N: Floats) -> dict[tuple[bool, bool], float]:
        """How often a management acts, by whether truth and diagnosis are malignant."""
        if not (condition.manages and self.design.active):
            return {}
        among_K = np.array([one.share_among_wrong(self.design.malignant) for one in self.reads.cases])
        called_N = np.where(self.malignant_N, after_N, 0.0) + (1 - after_N) * among_K[self.reads.case_N]
        found = {}
        for truth, measure in ((True, Measure.MANAGEMENT_SENSITIVITY), (False, Measure.MANAGEMENT_SPECIFICITY)):
            pairs_N = within_N & (self.malignant_N == truth)
            wanted = targets_of(condition, self.targets.targets, (measure,))
            answered = 1 - self.targets.timeouts if condition.hard else 1.0
            if not wanted or not pairs_N.any():
                found |= {(truth, True): 0.85, (truth, False): 0.2}
                continue
            right = min(wanted[0].value / answered, 1.0)  # a time-out is no right management either
            acts = right if truth else 1 - right
            high, low = _split(acts, float(called_N[pairs_N].mean()))
            found |= {(truth, True): high, (truth, False): low}
        return found


def spontaneous(condition: Condition, targets: SimulationTargets) -> float:
    """The share of diagnoses that change at a condition without any AI. An action leaves the own list alone."""
    return 0.0 if condition.is_first_look or condition.action else targets.spontaneous


def unaimed(mode: Mode, lost: float) -> float:
    """The log odds of a condition without a target: half of the suggestions are taken; as many gain as lose."""
    return 0.0 if mode is not Mode.CHANGE else math.log(lost / (1 - lost)) if lost else -2 * FARTHEST


def _adopted(alone_N: Floats, right_N: Flags, label_N: Flags, taken_N: Floats, ratio: float) -> Floats:
    wrong_N = label_N & ~right_N
    return alone_N * (1 - ratio * taken_N * wrong_N) + (1 - alone_N) * taken_N * right_N


def _split(mean: float, share: float) -> tuple[float, float]:
    """A higher and a lower probability whose mean is `mean` where the higher one has the weight `share`."""
    share = min(max(share, 1e-6), 1 - 1e-6)
    high = min(1.0, mean + 0.5 * (1 - share), mean / share)
    return high, (mean - share * high) / (1 - share)


def _instead(target: Target, value: float) -> Target:
    """An assumed accuracy for a study that counts lists only."""
    return Target(
        value=value, mark=Mark.ASSUMED, modality=target.modality, group=target.group, arm=target.arm,
        dataset=target.dataset, round=target.round, stage=target.stage,
    )  # fmt: skip
