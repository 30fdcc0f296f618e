"""A study's design as plain, validated values: what a preset file holds and what the protocol lock signs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from readerstudy.protocol.questions import Kind, Question
from readerstudy.protocol.values import BadDesign, plain, read

__all__ = ["BadDesign", "Design"]

LONGEST_LIMIT_S = 600
LONGEST_WASHOUT_DAYS = 365
UNAIDED, AIDED = "unaided", "aided"
HONEST = "ai"  # the source that holds the model's own output
ENDPOINTS = ("accuracy", "balanced_accuracy", "top_3", "top_4", "management", "score", "agreement")


class Format(StrEnum):
    """A part of the AI's output that a modality can show."""

    RANKED = "ranked"  # the first `top_k` diagnoses with their probabilities
    LABEL = "label"  # the first diagnosis alone
    MALIGNANCY = "malignancy"
    CAPTION = "caption"
    MASK = "mask"
    SIMILAR = "similar"  # like cases with their verified diagnoses, never of the same lesion
    CROWD = "crowd"  # how many of other readers chose what


class Timing(StrEnum):
    """When a modality shows the AI's output. A second reader is a stage of its own."""

    CONCURRENT = "concurrent"  # together with the image
    ON_REQUEST = "on_request"  # when the reader asks; the asking is recorded
    DELAYED = "delayed"  # `delay_s` after the image


class Limit(StrEnum):
    """What the end of a stage's time does."""

    HARD = "hard"  # the stage ends without an answer
    SOFT = "soft"  # the reader is told, and may go on
    NONE = "none"


class Prompt(StrEnum):
    """Which readings come to a stage."""

    ALWAYS = "always"
    ON_DISAGREEMENT = "on_disagreement"  # only where the answer before differs from the AI's


class Balance(StrEnum):
    """How the strata share a batch."""

    PROPORTIONAL = "proportional"
    EQUAL = "equal"


class Drawing(StrEnum):
    """How the batches of different readers relate."""

    RANDOM = "random"
    BALANCED = "balanced"  # incomplete blocks: every case is read about equally often


class Alteration(StrEnum):
    """How a set of AI output departs from the model's own."""

    FALSE = "false"  # wrong on a share of the cases
    BOOSTED = "boosted"  # made right until a share of the cases is right


class FalseRule(StrEnum):
    """Which wrong diagnosis a false output gives."""

    PLAUSIBLE = "plausible"  # the wrong one that the model finds most likely
    RANDOM = "random"
    FLIPPED = "flipped"  # malignant where benign, benign where malignant


@dataclass(frozen=True, slots=True)
class Modality:
    """A reading condition: what of the AI is shown, whose, and when. No formats: nothing is shown."""

    name: str
    shows: tuple[Format, ...] = ()
    source: str = HONEST
    timing: Timing = Timing.CONCURRENT
    delay_s: float = field(default=0.0, metadata={"range": (0, 120), "unit": "seconds"})
    top_k: int = field(default=3, metadata={"range": (1, 10)})
    honest_batches: int = field(default=0, metadata={"range": (0, 50)})  # of a reader, before `source` replaces "ai"

    @property
    def aided(self) -> bool:
        return bool(self.shows)

    def source_in(self, session: int) -> str:
        """Whose output a reader sees in a batch."""
        return HONEST if session <= self.honest_batches else self.source


@dataclass(frozen=True, slots=True)
class AlteredSet:
    """A source other than the model's own output. Which of its cases are altered, only the truth database knows."""

    name: str
    kind: Alteration
    share: float = field(default=0.25, metadata={"range": (0, 1)})
    rule: FalseRule = FalseRule.PLAUSIBLE


@dataclass(frozen=True, slots=True)
class StageDesign:
    """A part of one reading that is answered, locked and timed by itself."""

    name: str = ""
    modality: str = UNAIDED
    questions: tuple[str, ...] = ()  # empty: all of the study's, but ACTION where nothing is shown
    evidence: tuple[str, ...] = ("image",)  # "image", "image:2" (the first two), "images", or clinical data by name
    limit_s: float = field(default=20.0, metadata={"range": (1, LONGEST_LIMIT_S), "unit": "seconds"})
    limit: Limit = Limit.HARD
    clock_visible: bool = True
    prompt: Prompt = Prompt.ALWAYS
    own_answer: bool = False  # shows the reader's answer of the stage before


@dataclass(frozen=True, slots=True)
class RoundDesign:
    """One pass of every reader through the reader's cases."""

    stages: tuple[StageDesign, ...] = field(default=(StageDesign(),), metadata={"singular": "stage"})
    washout_days: float = field(default=0.0, metadata={"range": (0, LONGEST_WASHOUT_DAYS), "unit": "days"})

    @property
    def modality(self) -> str:
        """Of the last stage."""
        return self.stages[-1].modality

    @property
    def limit_s(self) -> float:
        """Of the whole reading."""
        return sum(stage.limit_s for stage in self.stages)


@dataclass(frozen=True, slots=True)
class ArmDesign:
    """A group of readers. `modalities` holds one list a round, one name a stage; empty: as the rounds say."""

    name: str
    weight: int = field(default=1, metadata={"range": (1, 20)})
    modalities: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Allocation:
    """Readers to arms: permuted blocks within every combination of the profile's variables."""

    strata: tuple[str, ...] = ()
    block: int = field(default=0, metadata={"range": (0, 100)})  # 0: twice the sum of the arms' weights


@dataclass(frozen=True, slots=True)
class Split:
    """A modality that changes from case to case within a reader.

    The cases are cut into as many parts as there are modalities; a Latin square over readers and rounds says which
    part is read how, so that over so many readers (or rounds) every case is read once in each modality.
    """

    modalities: tuple[str, ...]
    block: int = field(default=0, metadata={"range": (0, 1000), "unit": "cases"})  # 0: mixed; else blocks in turn
    stage: int = field(default=0, metadata={"range": (0, 10)})  # which stage changes; 0: the last


@dataclass(frozen=True, slots=True)
class CaseDesign:
    """Which cases a reader reads. `draw` is made once for all; `per_reader` cuts it into batches."""

    draw: Mapping[str, int] = field(default_factory=dict)  # data set -> cases; absent: every case
    per_reader: int | None = field(default=None, metadata={"range": (1, 100_000)})
    per_reader_most: int | None = field(default=None, metadata={"range": (1, 100_000)})  # unequal: drawn in between
    stratify: str = ""  # "diagnosis", or an attribute of the cases
    balance: Balance = Balance.PROPORTIONAL
    drawing: Drawing = Drawing.RANDOM
    batches: int = field(default=1, metadata={"range": (1, 50)})  # a reader may read up to so many
    repeats: float = field(default=0.0, metadata={"range": (0, 0.5)})  # share that comes a second time, unannounced
    repeat_gap: int = field(default=10, metadata={"range": (1, 1000), "unit": "cases"})
    attention: int = field(default=0, metadata={"range": (0, 20)})  # practice cases hidden among the others
    first_is_practice: bool = False  # the first case of a reader does not count
    screening: float = field(default=0.0, metadata={"range": (0, 1)})  # share of practice cases that must be right


@dataclass(frozen=True, slots=True)
class ProfileQuestion:
    """A variable of the reader's profile, asked before allocation. Years of experience are always asked."""

    name: str
    text: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Groups:
    """How results group the readers."""

    variable: str = "years"
    cuts: tuple[float, ...] = (0.0, 3.0, 5.0)  # DermINO paper, Supplementary Table 2, as disjoint intervals


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A rule stated beforehand. `sensitivity`: it makes a second estimate and leaves the first alone."""

    rule: str
    value: float = 0.0
    sensitivity: bool = False


@dataclass(frozen=True, slots=True)
class Reminders:
    """When a reader who stopped is written to, and when never."""

    after_days: tuple[float, ...] = ()
    quiet_from: int = field(default=21, metadata={"range": (0, 23)})
    quiet_to: int = field(default=8, metadata={"range": (0, 23)})
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Power:
    """What the planned size rests on. Variances are those of the Obuchowski-Rockette model."""

    difference: float = field(default=0.05, metadata={"range": (0.0, 1.0)})
    var_reader_by_test: float = 0.0
    cov1: float = 0.0
    cov2: float = 0.0
    cov3: float = 0.0
    var_error: float = 0.0


QUESTIONS = (
    Question(name="diagnosis", kind=Kind.DIAGNOSIS, text="Which diagnosis is most likely?"),
    Question(name="confidence", kind=Kind.CONFIDENCE, text="How sure are you?"),
)
MODALITIES = (Modality(UNAIDED), Modality(AIDED, shows=(Format.RANKED,)))


@dataclass(frozen=True, slots=True)
class Design:
    """Everything that decides who reads what, when, how and how long, before the cases are known."""

    rounds: tuple[RoundDesign, ...] = field(metadata={"singular": "round"})
    questions: tuple[Question, ...] = field(default=QUESTIONS, metadata={"singular": "question"})
    modalities: tuple[Modality, ...] = field(default=MODALITIES, metadata={"singular": "modality"})
    altered: tuple[AlteredSet, ...] = field(default=(), metadata={"singular": "altered set"})
    further_models: tuple[str, ...] = ()  # sources of honest output beside "ai": a second model, another version
    arms: tuple[ArmDesign, ...] = field(default=(ArmDesign("all"),), metadata={"singular": "arm"})
    allocation: Allocation = Allocation()
    split: Split | None = None
    cases: CaseDesign = CaseDesign()
    profile: tuple[ProfileQuestion, ...] = field(default=(), metadata={"singular": "profile question"})
    groups: Groups = Groups()
    exclusions: tuple[Exclusion, ...] = field(default=(), metadata={"singular": "exclusion"})
    endpoint: str = "accuracy"
    malignant: tuple[str, ...] = ()  # the classes that count as malignant
    active: tuple[str, ...] = ()  # the managements that act on a malignancy
    rubric: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # diagnosis -> management -> grade
    reference: bool = True  # False: no truth exists, agreement only
    competitor: bool = False  # the AI is scored on the same cases though nobody sees it
    debriefing: str = ""  # read by every reader at the end; needed where AI output was false
    planned_readers: int = field(default=0, metadata={"range": (0, 100_000)})
    power: Power | None = None
    reminders: Reminders = Reminders()
    grace_ms: int = field(default=1500, metadata={"range": (0, 10_000), "unit": "milliseconds"})
    shown_cap_ms: int = field(default=3000, metadata={"range": (100, 30_000), "unit": "milliseconds"})

    def as_dict(self, *, whole: bool = False) -> dict[str, Any]:
        """JSON-able values; `from_dict` reads them back.

        whole: with every default written out, so that a later version of the product reads the same design.
        """
        return plain(self, whole=whole)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Read plain values (a preset file, a form, a stored protocol). Raises BadDesign with every fault.

        A round without stages may hold the values of its one stage itself.
        """
        from readerstudy.protocol.soundness import contradictions  # it needs this class

        if not isinstance(values, Mapping):
            raise BadDesign([f"A design must be a table of values, not {values!r}."])
        faults: list[str] = []
        design = read(cls, {**values, "rounds": _with_stages(values.get("rounds"))}, where="design", faults=faults)
        if design is None or faults:
            raise BadDesign(faults)
        faults = contradictions(design)
        if faults:
            raise BadDesign(faults)
        return design

    def question(self, name: str) -> Question:
        return next(one for one in self.questions if one.name == name)

    def modality(self, name: str) -> Modality:
        return next(one for one in self.modalities if one.name == name)

    def arm(self, name: str) -> ArmDesign:
        return next(one for one in self.arms if one.name == name)

    def stage_questions(self, stage: StageDesign, modality: Modality) -> tuple[Question, ...]:
        """What a stage asks, in order. What is done with a suggestion is asked only where one is shown."""
        asked = [self.question(name) for name in stage.questions] or list(self.questions)
        return tuple(one for one in asked if modality.aided or one.kind != Kind.ACTION)

    def sources(self) -> list[str]:
        """Every set of AI output that some reader sees or that is scored, the model's own first."""
        seen = {modality.source for modality in self.modalities if modality.aided and modality.name in self.used()}
        if seen or self.competitor:
            seen.add(HONEST)
        return sorted(seen, key=lambda name: (name != HONEST, name))

    def used(self) -> set[str]:
        """The names of the modalities that some reader meets."""
        return {
            name
            for number, one in enumerate(self.rounds, start=1)
            for place in range(1, len(one.stages) + 1)
            for name in self.met(number, place)
        }

    def met(self, number: int, place: int) -> set[str]:
        """The names of the modalities that some reader meets at a stage. Round and stage count from 1."""
        stages = self.rounds[number - 1].stages
        if self.split is not None and place == (self.split.stage or len(stages)):
            return set(self.split.modalities)
        own = [one.modalities[number - 1 : number] for one in self.arms]  # none: as the round says
        return {
            names[0][place - 1] if names and place <= len(names[0]) else stages[place - 1].modality for names in own
        }


def _with_stages(rounds: Any) -> Any:
    """Rounds in full form: a round's own stage values become its one stage."""
    if not isinstance(rounds, list | tuple):
        return rounds
    return [_with_stage(one) if isinstance(one, Mapping) and "stages" not in one else one for one in rounds]


def _with_stage(values: Mapping[str, Any]) -> dict[str, Any]:
    own = {key: value for key, value in values.items() if key == "washout_days"}
    stage = {key: value for key, value in values.items() if key not in own}
    return {**own, "stages": [stage]}
