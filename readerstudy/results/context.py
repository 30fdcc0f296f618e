"""What a report needs to know beside the readings: the questions, the truth about false aids, the study's own words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from readerstudy.results.grid import UNAIDED
from readerstudy.table.row import Row

AI = "ai"


@dataclass(frozen=True, slots=True)
class QuestionValue:
    """One answer to one question. occurrence 2 is a hidden repeat of the case, for agreement with oneself."""

    reader: str
    round: int
    stage: str | None
    case: str
    occurrence: int
    question: str
    value: str
    session: str | None = None


@dataclass(frozen=True, slots=True)
class Rubric:
    """grades: (true diagnosis, action) -> optimal, appropriate, inappropriate, dangerous.

    active: the actions that treat the lesion as malignant; malignant: the diagnoses for which that is right.
    """

    grades: Mapping[tuple[str, str], str] = field(default_factory=dict)
    malignant: frozenset[str] = frozenset()
    active: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Excluded:
    """A recorded rule of exclusion and what it took out, before any of the numbers. scope: reader, case, reading."""

    rule: str
    scope: str
    n: int


def one_source(row: Row) -> str:
    """Where a study has one set of AI output."""
    return AI


@dataclass(frozen=True, slots=True)
class Context:
    """Everything is optional: what is not given is not reported.

    unaided: modalities that show no AI output. source_of: whose AI output a reading showed. false_aids:
    (source, case) whose aid is false. ai_scores: case -> malignancy, 0 to 1. flow, protocol: printed as
    they are.
    """

    simulated: bool = False
    unaided: frozenset[str] = UNAIDED
    source_of: Callable[[Row], str] = one_source
    questions: tuple[QuestionValue, ...] = ()
    rubric: Rubric | None = None
    ai_scores: Mapping[str, float] = field(default_factory=dict)
    false_aids: frozenset[tuple[str, str]] = frozenset()
    exclusions: tuple[Excluded, ...] = ()
    valid_shares: tuple[float, ...] = (0.0, 0.95, 1.0)  # least share of answered readings that makes a session valid
    flow: Mapping[str, Any] = field(default_factory=dict)
    protocol: Mapping[str, Any] = field(default_factory=dict)
