"""How a simulated reader decides. Invented, not fitted: it makes readings with a believable shape, nothing more."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from readerstudy.protocol.random_stream import stream

CONFIDENCES = (0.0, 0.25, 0.5, 0.75, 1.0)
YEARS = ((0.0, 3.0), (3.0, 5.0), (5.0, 20.0))  # one reader in three from each group of experience
MEDIAN_S = 7.0
SPREAD = 0.45  # of the logarithm of the time


@dataclass(frozen=True, slots=True)
class Decision:
    """What a reader makes of one case. `choice` is a draft only where `seconds` is beyond the limit."""

    choice: str
    confidence: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Ability:
    """One simulated reader. Everything follows from the seed, so that a second run says the same."""

    seed: int
    number: int
    years: float
    skill: float  # log odds of being right on a case of middle difficulty, without help
    trust: float  # probability of taking the AI's first diagnosis over one's own

    @classmethod
    def of(cls, *, seed: int, number: int) -> "Ability":
        rng = stream(seed, "ability", str(number))
        low, high = YEARS[number % len(YEARS)]
        years = round(rng.uniform(low, high), 1)
        skill = 0.5 + 0.08 * min(years, 10.0) + rng.gauss(0.0, 0.3)
        return cls(seed=seed, number=number, years=years, skill=skill, trust=0.85 - 0.02 * min(years, 10.0))

    def decide(self, *, case: str, round_number: int, truth: str, options: Sequence[str], ai: str | None) -> Decision:
        """Read one case. `ai` is the AI's first diagnosis where it is shown."""
        rng = stream(self.seed, "decision", str(self.number), case, str(round_number))
        difficulty = stream(self.seed, "difficulty", case).gauss(0.0, 1.0)
        own = truth if rng.random() < _probability(self.skill - difficulty) else _other(truth, options, rng)
        choice = ai if ai is not None and ai != own and rng.random() < self.trust else own
        seconds = MEDIAN_S * math.exp(rng.gauss(0.0, SPREAD))
        sure = _probability(self.skill - difficulty + (1.0 if ai == own else 0.0) + rng.gauss(0.0, 0.7))
        return Decision(choice=choice, confidence=min(CONFIDENCES, key=lambda key: abs(key - sure)), seconds=seconds)


def _probability(log_odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-log_odds))


def _other(truth: str, options: Sequence[str], rng: Random) -> str:
    return rng.choice([option for option in options if option != truth] or list(options))
