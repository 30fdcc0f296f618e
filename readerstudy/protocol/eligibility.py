"""Who may read and whose readings count, from plain counts. Nothing here knows whether an answer was right."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from readerstudy.protocol.design import Exclusion

RULES = ("valid_share", "readings", "attention", "recognised")
SHARES = ("valid_share", "attention", "recognised")  # rules whose value is a share


@dataclass(frozen=True, slots=True)
class Counts:
    """What is known of one reader, or of one session of a reader, without looking at the truth."""

    planned: int  # counted readings that the plan gave
    answered: int
    attention_right: int = 0
    attention: int = 0  # attention checks that are over
    recognised: int = 0  # cases that the reader said to know


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that a reader or a session does not meet."""

    rule: str
    reason: str
    sensitivity: bool  # leaves the main estimate alone and makes a second one without these readings


def screening_passed(right: int, total: int, *, share: float) -> bool:
    """Whether a reader may go on after the screening. Without a share there is no screening; without cases no pass."""
    return share == 0 or (total > 0 and right >= share * total)


def attention_passed(right: int, total: int, *, share: float = 1.0) -> bool:
    """Whether enough attention checks were right. A reader who met none has failed none."""
    return right >= share * total


def exclusions_for(counts: Counts, exclusions: Sequence[Exclusion]) -> list[Breach]:
    """Every rule that these counts break, in the order of the protocol."""
    return [
        Breach(rule=one.rule, reason=reason, sensitivity=one.sensitivity)
        for one in exclusions
        for reason in _broken(counts, one)
    ]


def _broken(counts: Counts, one: Exclusion) -> Iterable[str]:
    if one.rule == "valid_share" and counts.answered < one.value * counts.planned:
        yield f"{counts.answered} of {counts.planned} readings are answered, below {one.value:.0%}."
    if one.rule == "readings" and counts.answered < one.value:
        yield f"{counts.answered} readings are answered, fewer than {one.value:g}."
    if one.rule == "attention" and not attention_passed(counts.attention_right, counts.attention, share=one.value):
        yield f"{counts.attention_right} of {counts.attention} attention checks are right, below {one.value:.0%}."
    if one.rule == "recognised" and counts.recognised > one.value * counts.planned:
        yield f"{counts.recognised} of {counts.planned} cases were recognised, more than {one.value:.0%}."
