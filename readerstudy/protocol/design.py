"""A study's design as plain, validated values: what a preset file holds and what the protocol lock signs."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, Self

LONGEST_LIMIT_S = 600
LONGEST_WASHOUT_DAYS = 365


class BadDesign(ValueError):
    """A design that cannot be run. `faults` has one clear message for each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__(" ".join(faults))
        self.faults = faults


class Modality(StrEnum):
    """The reading condition of a round."""

    UNAIDED = "unaided"
    AIDED = "aided"


@dataclass(frozen=True, slots=True)
class RoundDesign:
    """One pass of every reader through the drawn cases."""

    modality: Modality
    limit_s: float = 20.0  # DermINO paper, section 2.5
    washout_days: float = 0.0  # days from the reader's last reading of the round before


@dataclass(frozen=True, slots=True)
class Design:
    """Everything that decides who reads what, when and how long, before the cases are known."""

    rounds: tuple[RoundDesign, ...]
    question: str = "Which diagnosis is most likely?"
    confidence: bool = True
    draw: Mapping[str, int] = field(default_factory=dict)  # data set -> cases drawn once for all; absent: every case
    grace_ms: int = 1500
    shown_cap_ms: int = 3000

    def as_dict(self) -> dict[str, Any]:
        """JSON-able values; `from_dict` reads them back."""
        values = asdict(self)
        values["rounds"] = [{**r, "modality": str(r["modality"])} for r in values["rounds"]]
        values["draw"] = dict(self.draw)
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Read plain values (a preset file, a form, a stored protocol). Raises BadDesign with every fault."""
        faults = _unknown_keys(values, cls, "design")
        rounds = values.get("rounds")
        if not isinstance(rounds, list) or not rounds:
            raise BadDesign([*faults, "The design has no rounds. Add at least one."])
        for number, one in enumerate(rounds, start=1):
            faults += _unknown_keys(one, RoundDesign, f"round {number}") + _round_faults(number, one)
        faults += _draw_faults(values.get("draw", {}))
        if faults:
            raise BadDesign(faults)
        parsed = tuple(RoundDesign(**{**one, "modality": Modality(one["modality"])}) for one in rounds)
        return cls(**{**values, "rounds": parsed, "draw": dict(values.get("draw", {}))})


def _unknown_keys(values: Mapping[str, Any], kind: type, where: str) -> list[str]:
    known = list(kind.__dataclass_fields__)  # type: ignore[attr-defined]
    faults = []
    for key in values:
        if key not in known:
            near = get_close_matches(key, known, n=1)
            meant = f' Did you mean "{near[0]}"?' if near else f" Known keys: {', '.join(known)}."
            faults.append(f'The {where} has an unknown key "{key}".{meant}')
    return faults


def _round_faults(number: int, values: Mapping[str, Any]) -> list[str]:
    faults = []
    if values.get("modality") not in [str(m) for m in Modality]:
        faults.append(f'Round {number}: modality "{values.get("modality")}" is not known. Use unaided or aided.')
    limit = values.get("limit_s", 20.0)
    if not _is_number(limit) or not 1 <= limit <= LONGEST_LIMIT_S:
        faults.append(f"Round {number}: the limit is {limit!r}. Use 1 to {LONGEST_LIMIT_S} seconds.")
    washout = values.get("washout_days", 0.0)
    if not _is_number(washout) or not 0 <= washout <= LONGEST_WASHOUT_DAYS:
        faults.append(f"Round {number}: the washout is {washout!r}. Use 0 to {LONGEST_WASHOUT_DAYS} days.")
    elif number == 1 and washout:
        faults.append("Round 1 has a washout, but no round comes before it. Set it to 0.")
    return faults


def _draw_faults(draw: Any) -> list[str]:
    if not isinstance(draw, Mapping):
        return ["The draw must map a data set's name to a number of cases."]
    return [
        f"The draw takes {count!r} cases of {dataset}. Use a whole number of at least 1, or leave the data set out."
        for dataset, count in draw.items()
        if not isinstance(count, int) or isinstance(count, bool) or count < 1
    ]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
