"""Probabilities on a log-odds scale, moved until their means meet targets. Pure numpy.

Each target has one offset, added for the readers and cases that it speaks of. Targets are met in turn, the general ones
first, until all are met: backfitting. So an overall mean, means by group and means by data set can be met together.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from readerstudy.protocol.targets import Target

ROUNDS = 25  # of backfitting; a handful is enough where the targets agree with each other
HALVINGS = 40
FARTHEST = 12.0  # log odds beyond which a probability is 0 or 1
MET = 1e-4
TOLERANCE = 0.03  # overlapping published means were rounded, and some are of subsets

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class ImpossibleTarget(ValueError):
    """No probability between 0 and 1 leads to a target; the message names it and how near one comes."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """The offsets of targets, in log odds."""

    offsets: tuple[tuple[Target, float], ...]

    def logit(self, group: str, dataset: str) -> float:
        """For a reader of a group and a case of a data set."""
        return sum(
            offset for target, offset in self.offsets if target.group in ("", group) and target.dataset in ("", dataset)
        )


@dataclass(frozen=True, slots=True)
class Goal:
    """A target with the pairs of reader and case that it is the mean of."""

    target: Target
    pairs_N: Flags
    wanted: float
    weights_N: Floats

    def tolerance(self) -> float:
        """How far from a target a few readings may lie by the cases and suggestions that happen to be theirs."""
        return TOLERANCE + 2 * math.sqrt(self.wanted * (1 - self.wanted) / int(self.pairs_N.sum()))

    def mean(self, values_N: Floats) -> float:
        return float(np.average(values_N[self.pairs_N], weights=self.weights_N[self.pairs_N]))


def fitted(goals: Sequence[Goal], outcome: Callable[[Floats], Floats], *, what: str) -> Fitted:
    """Offsets by which the means of `outcome(logit_N)` meet every goal. Raises ImpossibleTarget.

    outcome: log odds of every pair -> probabilities, never falling in any of them. what: named in the fault.
    """
    goals = [one for one in goals if one.pairs_N.any()]
    offsets = np.zeros(len(goals))
    for _ in range(ROUNDS):
        for at, goal in enumerate(goals):
            rest_N = _logits(goals, offsets, without=at)
            offsets[at] = _offset(goal, rest_N, outcome)
        means = [goal.mean(outcome(_logits(goals, offsets))) for goal in goals]
        if all(abs(mean - goal.wanted) < MET for mean, goal in zip(means, goals, strict=True)):
            break
    for mean, goal in zip(means if goals else [], goals, strict=True):
        if abs(mean - goal.wanted) > goal.tolerance():
            raise ImpossibleTarget(
                f"The target {goal.target.value:g} ({named(goal.target)}) cannot be reached: {what} lead to "
                f"{mean:.3f} at the most. Change the target, the AI's accuracy, or the targets beside it."
            )
    return Fitted(tuple((goal.target, float(offset)) for goal, offset in zip(goals, offsets, strict=True)))


def logistic(logit_N: Floats) -> Floats:
    return 1.0 / (1.0 + np.exp(-np.clip(logit_N, -2 * FARTHEST, 2 * FARTHEST)))


def named(target: Target) -> str:
    """What a target speaks of, in words."""
    parts = [str(target.measure), target.modality, target.arm, target.group, target.dataset]
    parts += [f"round {target.round}" if target.round else "", f"stage {target.stage}" if target.stage else ""]
    return ", ".join(one for one in parts if one)


def _logits(goals: Sequence[Goal], offsets: Floats, *, without: int | None = None) -> Floats:
    logit_N = np.zeros(len(goals[0].pairs_N))
    for at, goal in enumerate(goals):
        if at != without:
            logit_N += offsets[at] * goal.pairs_N
    return logit_N


def _offset(goal: Goal, rest_N: Floats, outcome: Callable[[Floats], Floats]) -> float:
    low, high = -FARTHEST, FARTHEST
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if goal.mean(outcome(rest_N + middle * goal.pairs_N)) < goal.wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2
