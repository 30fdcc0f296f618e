"""What a reader is asked, and which values answer it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

CLASSES = "classes"  # as options: the diagnoses of the case's data set
CANNOT_TELL = "cannot tell"
LONGEST_TEXT = 400
CONFIDENCE_KEYS = (0.0, 0.25, 0.5, 0.75, 1.0)


class Kind(StrEnum):
    """How a question is answered."""

    DIAGNOSIS = "diagnosis"  # one of the options; the study's principal answer
    RANKED = "ranked"  # up to `most` entries, best first; the first is the principal answer
    CONFIDENCE = "confidence"  # five keys, 0 to 1
    CHOICE = "choice"  # one of the options
    MANAGEMENT = "management"  # one of the options; graded by the action table
    YES_NO = "yes_no"
    SCALE = "scale"  # a whole number from `low` to `high`
    CHECKLIST = "checklist"  # any of the options
    TEXT = "text"  # free text, coded to a list afterwards
    REGION = "region"  # a rectangle on the image, as fractions of its sides
    ACTION = "action"  # what was done with the AI's suggestion: keep, add or replace


ACTIONS = ("keep", "add", "replace")
PRINCIPAL = (Kind.DIAGNOSIS, Kind.RANKED)
NEEDS_OPTIONS = (Kind.DIAGNOSIS, Kind.RANKED, Kind.CHOICE, Kind.MANAGEMENT, Kind.CHECKLIST)


class BadValue(ValueError):
    """A value that does not answer its question; the message says what would."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a stage. Frozen with the protocol."""

    name: str
    kind: Kind
    text: str
    options: tuple[str, ...] = (CLASSES,)
    required: bool = True
    cannot_tell: bool = False  # offers one more option that says so
    low: int = field(default=0, metadata={"range": (0, 100)})
    high: int = field(default=100, metadata={"range": (1, 100)})
    low_label: str = ""
    high_label: str = ""
    most: int = field(default=1, metadata={"range": (1, 10)})  # entries of a ranked list
    free: bool = False  # a ranked list also takes text that is not on the list
    synonyms: Mapping[str, str] = field(default_factory=dict)  # free text, lower case -> the entry that it means

    def offered(self, classes: Sequence[str]) -> list[str]:
        """The options of this question for a case of a data set with these classes."""
        if self.kind == Kind.ACTION:
            return list(ACTIONS)
        if self.kind not in NEEDS_OPTIONS:
            return []
        options = [one for name in self.options for one in (classes if name == CLASSES else (name,))]
        return [*options, CANNOT_TELL] if self.cannot_tell else options

    def checked(self, value: Any, *, classes: Sequence[str]) -> Any:
        """The value as it is stored; None where an optional question was passed over. Raises BadValue."""
        if value is None or value == "" or value == []:
            if self.required:
                raise BadValue(f"“{self.text}” is not answered yet.")
            return None
        return _CHECKS[self.kind](self, value, self.offered(classes))


def principal(questions: Sequence[Question], values: Mapping[str, Any]) -> tuple[str, float | None]:
    """The principal diagnosis ("" where none was given) and the confidence as 0 to 1."""
    diagnosis, confidence = "", None
    for one in questions:
        value = values.get(one.name)
        if value is None:
            continue
        if one.kind in PRINCIPAL:
            diagnosis = value if isinstance(value, str) else value[0]
        elif one.kind == Kind.CONFIDENCE:
            confidence = value
        elif one.kind == Kind.SCALE and one.name == "confidence":
            confidence = (value - one.low) / (one.high - one.low)
    return diagnosis, confidence


def final_list(action: str, *, own: Sequence[str], suggested: str, most: int) -> list[str]:
    """The differential after `action` on the AI's suggestion: kept, the suggestion added at the end, or put first. In a
    full list it takes the place of the last entry."""
    others = [one for one in own if one != suggested]
    if action == "add":
        return list(own) if suggested in own else [*own[: most - 1], suggested]
    return [suggested, *others][:most] if action == "replace" else list(own)


def _one_of(question: Question, value: Any, offered: Sequence[str]) -> str:
    if value not in offered:
        raise BadValue(f"“{value}” is not one of the answers to “{question.text}”.")
    return str(value)


def _ranked(question: Question, value: Any, offered: Sequence[str]) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
        raise BadValue(f"“{question.text}” takes a list of names, best first.")
    if len(value) > question.most:
        raise BadValue(f"“{question.text}” takes at most {question.most} entries, not {len(value)}.")
    coded = [question.synonyms.get(one.strip().lower(), one.strip()) for one in value]
    if len(set(coded)) < len(coded):
        raise BadValue(f"“{question.text}” names an entry twice. Name each once.")
    for one in coded:
        if one not in offered and not question.free:
            raise BadValue(f"“{one}” is not one of the answers to “{question.text}”.")
        if len(one) > LONGEST_TEXT:
            raise BadValue(f"An entry of “{question.text}” is longer than {LONGEST_TEXT} characters.")
    return coded


def _scale(question: Question, value: Any, offered: Sequence[str]) -> int:
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if isinstance(value, bool) or not whole:
        raise BadValue(f"“{question.text}” takes a whole number.")
    if not question.low <= value <= question.high:
        raise BadValue(f"“{question.text}” goes from {question.low} to {question.high}, not to {value}.")
    return int(value)


def _confidence(question: Question, value: Any, offered: Sequence[str]) -> float:
    if isinstance(value, bool) or value not in CONFIDENCE_KEYS:
        raise BadValue("Confidence has five keys: 0, 0.25, 0.5, 0.75, 1.")
    return float(value)


def _yes_no(question: Question, value: Any, offered: Sequence[str]) -> bool:
    if not isinstance(value, bool):
        raise BadValue(f"“{question.text}” takes yes or no.")
    return value


def _checklist(question: Question, value: Any, offered: Sequence[str]) -> list[str]:
    if not isinstance(value, list):
        raise BadValue(f"“{question.text}” takes a list of its options.")
    chosen = {_one_of(question, one, offered) for one in value}
    return [one for one in offered if one in chosen]


def _text(question: Question, value: Any, offered: Sequence[str]) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise BadValue(f"“{question.text}” takes a text of at most {LONGEST_TEXT} characters.")
    return value.strip()


def _region(question: Question, value: Any, offered: Sequence[str]) -> dict[str, float]:
    sides = ("left", "top", "right", "bottom")
    if not isinstance(value, Mapping) or set(value) != set(sides):
        raise BadValue(f"“{question.text}” takes a rectangle: left, top, right, bottom.")
    numbers = [value[side] for side in sides]
    if any(isinstance(n, bool) or not isinstance(n, int | float) or not 0 <= n <= 1 for n in numbers):
        raise BadValue(f"The rectangle of “{question.text}” lies outside the image.")
    left, top, right, bottom = map(float, numbers)
    if left >= right or top >= bottom:
        raise BadValue(f"The rectangle of “{question.text}” has no area. Draw it again.")
    return {"left": left, "top": top, "right": right, "bottom": bottom}


_CHECKS = {
    Kind.DIAGNOSIS: _one_of, Kind.CHOICE: _one_of, Kind.MANAGEMENT: _one_of, Kind.ACTION: _one_of,
    Kind.RANKED: _ranked, Kind.CONFIDENCE: _confidence, Kind.YES_NO: _yes_no, Kind.SCALE: _scale,
    Kind.CHECKLIST: _checklist, Kind.TEXT: _text, Kind.REGION: _region,
}  # fmt: skip
