"""What simulated readers and cases are before anybody reads: skill, pace, difficulty, the tempting wrong diagnosis.

Invented, not fitted: only the accuracies that follow are aimed at targets (solving.py). Everything is a function of the
seed and of a name, so that a second run, or another process, says the same.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from readerstudy.protocol.design import Design
from readerstudy.protocol.random_stream import stream
from readerstudy.protocol.targets import SimulatedGroup, SimulationTargets

SKILL_SD = 0.35  # of readers, in log odds
DIFFICULTY_SD = 1.2  # of cases, in log odds
PACE_SD = 0.2  # of the logarithm of a reader's median time
TEMPTED = 0.6  # of wrong diagnoses that are the case's tempting one; the others are any
ANYBODY = SimulatedGroup(name="", share=1.0)


@dataclass(frozen=True, slots=True)
class Person:
    """One simulated reader. `stops` is the share of the readings after which a drop-out is gone; None: stays."""

    number: int
    group: str
    years: float
    skill: float  # log odds above or below the mean of the group
    pace: float  # factor on every time
    batches: int
    profile: Mapping[str, str] = field(default_factory=dict)
    careless: bool = False
    stops: float | None = None


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What the simulation knows of a case. truth: "" where the study has none."""

    id: str
    dataset: str
    truth: str
    classes: tuple[str, ...]
    difficulty: float  # log odds
    tempting: str  # the wrong diagnosis that most are tempted by

    def other(self, rng: Random) -> str:
        """A wrong diagnosis."""
        wrong = [one for one in self.classes if one != self.truth] or list(self.classes)
        return self.tempting if rng.random() < TEMPTED else rng.choice(wrong)

    def share_among_wrong(self, labels: Iterable[str]) -> float:
        """How often a wrong diagnosis is one of `labels`."""
        wrong = [one for one in self.classes if one != self.truth] or list(self.classes)
        among = sum(one in labels for one in wrong) / len(wrong)
        return TEMPTED * (self.tempting in labels) + (1 - TEMPTED) * among


def case_facts(*, case: str, dataset: str, truth: str, classes: Sequence[str], seed: int) -> CaseFacts:
    wrong = sorted(one for one in classes if one != truth) or sorted(classes)
    return CaseFacts(
        id=case,
        dataset=dataset,
        truth=truth,
        classes=tuple(classes),
        difficulty=stream(seed, "difficulty", case).gauss(0.0, DIFFICULTY_SD),
        tempting=stream(seed, "tempting", case).choice(wrong) if wrong else "",
    )


def people(targets: SimulationTargets, design: Design, *, count: int, seed: int) -> list[Person]:
    """`count` readers, numbered from 1; every group has its share of them, rounded."""
    groups = {one.name: one for one in targets.groups or (ANYBODY,)}
    names = _by_share({name: one.share for name, one in groups.items()}, count)
    stream(seed, "groups").shuffle(names)
    careless = _some(targets.careless, count, stream(seed, "careless"))
    gone = _some(targets.dropouts, count, stream(seed, "drop-outs"))
    found = []
    for number, name in enumerate(names, start=1):
        rng = stream(seed, "person", str(number))
        group = groups[name]
        found.append(
            Person(
                number=number,
                group=name,
                years=round(rng.uniform(group.years_low, group.years_high), 1),
                skill=rng.gauss(0.0, SKILL_SD),
                pace=math.exp(rng.gauss(0.0, PACE_SD)),
                batches=_batches(targets.batches, design.cases.batches, rng),
                profile={one.name: group.profile.get(one.name) or rng.choice(one.options) for one in design.profile},
                careless=number in careless,
                stops=rng.uniform(0.1, 0.9) if number in gone else None,
            )
        )
    return found


def _by_share(shares: Mapping[str, float], count: int) -> list[str]:
    """`count` names; rounding goes to the largest remainders."""
    whole = {name: int(share * count) for name, share in shares.items()}
    lacking = count - sum(whole.values())
    rest = sorted(shares, key=lambda name: (whole[name] - shares[name] * count, name))
    for name in (rest * (1 + lacking // max(1, len(rest))))[:lacking]:
        whole[name] += 1
    return [name for name, times in whole.items() for _ in range(times)]


def _some(share: float, count: int, rng: Random) -> set[int]:
    return set(rng.sample(range(1, count + 1), round(share * count)))


def _batches(mean: float, most: int, rng: Random) -> int:
    """How many batches a reader goes through: one, and each further one with the same probability."""
    further = (mean - 1) / max(1, most - 1)
    return 1 + sum(rng.random() < further for _ in range(most - 1))
