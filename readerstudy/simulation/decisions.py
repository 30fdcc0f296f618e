"""What one simulated reader decides at one stage of one reading. Pure: all follows from the model and the seed."""

import math
from dataclasses import dataclass, field
from random import Random

from readerstudy.protocol.random_stream import stream
from readerstudy.protocol.targets import Measure, SimulationTargets
from readerstudy.simulation.fitting import Fitted
from readerstudy.simulation.latent import CaseFacts, Person
from readerstudy.simulation.model import WRONG_TO_RIGHT, Mode, Model, Step, spontaneous, unaimed

MEDIAN_S = 7.0  # of an answer, where the limit allows it
SPREAD = 0.45  # of the logarithm of the time
WITHIN = 0.95  # of the limit: the slowest answer that is no time-out
PUBLIC_RIGHT = 0.95  # of practice cases, and of attention checks by careful readers
AGREEMENT = 0.4  # kappa between readers, where no target says it
LISTED = 0.0  # log odds, where no target says how often the truth stands further down
LENGTHS = (0.50, 0.42, 0.06, 0.02)  # of lists with one, two, three, four names


@dataclass(frozen=True, slots=True)
class Look:
    """What a reader has before him. `suggested`: the AI's label where one is shown, else ""."""

    trial: str
    case: CaseFacts
    arm: str
    round: int
    session: int
    stage: int
    modality: str
    occurrence: int = 1
    suggested: str = ""
    limit_s: float | None = None  # None: nothing ends the stage

    def name(self, *, occurrence: int | None = None) -> str:
        """The reading within the reader and the case; the trial's own id is another in every run."""
        return f"{self.round}.{self.session}.{occurrence or self.occurrence}"


@dataclass(frozen=True, slots=True)
class Decision:
    """What comes of a look. seconds is None where the time runs out."""

    diagnosis: str
    ranked: tuple[str, ...]
    action: str
    acts: bool  # by management
    sure: float  # 0 to 1
    agrees: bool | None  # with the suggestion; None where there is none
    seconds: float | None


@dataclass(slots=True)
class Mind:
    """A reader at work: remembers, of each reading, what was decided at the stage before."""

    model: Model
    person: Person
    held: dict[str, Decision] = field(default_factory=dict)

    def decide(self, look: Look) -> Decision:
        """The decision at this look; it is what the next stage of the same reading starts from."""
        step = self.model.steps.get((look.arm, look.round, look.stage, look.modality))
        rng = self._stream("look", look.case.id, look.name(), str(look.stage))
        before = self.held.get(look.trial)
        diagnosis = before.diagnosis if before else self._own(look, rng)
        if step is not None:
            diagnosis = self._changed(look, step, diagnosis, rng)
        decision = self._decision(look, step, before, diagnosis, rng)
        self.held[look.trial] = decision
        return decision

    def of_public(
        self, trial: str, truth: str, classes: tuple[str, ...], *, check: bool, limit_s: float | None
    ) -> Decision:
        """A practice case, or the same hidden as an attention check: easy, but careless readers fail the checks."""
        rng = self._stream("public", trial)
        wrong = [one for one in classes if one != truth] or [truth]
        careful = not (check and self.person.careless)
        diagnosis = truth if careful and rng.random() < PUBLIC_RIGHT else rng.choice(wrong)
        seconds = self._seconds(limit_s, rng, may_run_out=False)
        return Decision(diagnosis, (diagnosis,), "keep", False, 0.8, None, seconds)

    def wants_aid(self, look: Look) -> bool:
        """Whether the reader asks for AI output that comes on request: most do, and all who will follow it."""
        step = self.model.steps.get((look.arm, look.round, look.stage, look.modality))
        rng = self._stream("look", look.case.id, look.name(), str(look.stage))
        return step is None or self._draw("adopts", look) < self._taken(step, look) or rng.random() < 0.6

    def feature(self, look: Look, question: str, options: tuple[str, ...]) -> str:
        """One option of a question that no truth decides. Of the answers to a hidden repeat some are remembered."""
        memory = self._stream("remembers", look.case.id, question).random()
        again = look.occurrence > 1 and memory < remembered(self.model.targets)
        rng = self._stream("feature", look.case.id, question, look.name(occurrence=1 if again else look.occurrence))
        return rng.choices(options, propensities(self.model, look.case, question, len(options)))[0]

    def _own(self, look: Look, rng: Random) -> str:
        """The reader's own diagnosis: the same at every look from afresh, but for some hidden repeats."""
        if not look.case.truth or look.arm not in self.model.levels:  # a study of agreement alone
            return ""
        own = self._stream("own", look.case.id)
        if look.occurrence > 1 and rng.random() >= self.model.repeated:
            own = rng
        right = own.random() < self.model.own(self.person, look.case, look.arm)
        return look.case.truth if right else look.case.other(own)

    def _changed(self, look: Look, step: Step, diagnosis: str, rng: Random) -> str:
        """After a spontaneous change, and after the AI's suggestion."""
        lost = spontaneous(step.condition, self.model.targets)
        gained = _probability(self._logit(step, look)) if step.mode is Mode.CHANGE else lost
        change = self._draw("changes", look)
        is_right = diagnosis == look.case.truth
        if not step.condition.is_first_look and change < (lost if is_right else gained):
            diagnosis = look.case.other(rng) if is_right else look.case.truth
        if look.suggested and look.suggested != diagnosis and self._draw("adopts", look) < self._taken(step, look):
            return look.suggested
        return diagnosis

    def _taken(self, step: Step, look: Look) -> float:
        """How often a suggestion that differs is taken."""
        logit = self._logit(step, look)
        right = look.suggested == look.case.truth
        if step.mode is Mode.RESIST:
            return _probability(self._of(step.honest, look, 0.0) if right else -logit)
        return _probability(logit) * (1.0 if right else WRONG_TO_RIGHT)

    def _decision(
        self, look: Look, step: Step | None, before: Decision | None, diagnosis: str, rng: Random
    ) -> Decision:
        agrees = diagnosis == look.suggested if look.suggested else None
        action, ranked = "keep", (diagnosis,) if diagnosis else ()
        if step is not None and step.condition.action and before is not None:
            action, ranked = self._action(look, step, before, diagnosis)
        elif step is not None and step.condition.ranked:
            ranked = self._list(look, step, diagnosis, rng)
        called = diagnosis in self.model.design.malignant
        acts = step.managed.get((look.case.truth in self.model.design.malignant, called)) if step else None
        level = self.person.skill - look.case.difficulty + (0.5 if agrees is None else 1.0 if agrees else -0.3)
        return Decision(
            diagnosis=diagnosis,
            ranked=ranked,
            action=action,
            acts=self._draw("acts", look) < (acts if acts is not None else 0.85 if called else 0.2),
            sure=_probability(level + rng.gauss(0.0, 0.7)),
            agrees=agrees,
            seconds=self._seconds(look.limit_s, rng, may_run_out=True),
        )

    def _action(self, look: Look, step: Step, before: Decision, diagnosis: str) -> tuple[str, tuple[str, ...]]:
        """Keep, add or replace; the list that follows is the site's to make."""
        if diagnosis == look.suggested != before.diagnosis:
            return "replace", (diagnosis, *before.ranked)
        new = look.suggested and look.suggested not in before.ranked
        if new and self._draw("adds", look) < _probability(self._of(step.listed, look, LISTED)):
            return "add", (*before.ranked, look.suggested)
        return "keep", before.ranked

    def _list(self, look: Look, step: Step, diagnosis: str, rng: Random) -> tuple[str, ...]:
        """The diagnosis, perhaps the truth second, and others; the truth stays in where it was and became likelier."""
        length = 1 + rng.choices(range(len(LENGTHS)), LENGTHS)[0]
        names = [diagnosis]
        listed = self._stream("listed", look.case.id).random() < _probability(self._of(step.listed, look, LISTED))
        if diagnosis != look.case.truth and listed:
            names.append(look.case.truth)
        others = [look.case.tempting, look.suggested, *look.case.classes]
        others = [one for one in dict.fromkeys(others) if one and one not in (diagnosis, look.case.truth)]
        head, tail = others[:1], others[1:]
        rng.shuffle(tail)
        return tuple([*names, *(head + tail)[: max(0, length - len(names))]])

    def _logit(self, step: Step, look: Look) -> float:
        lost = spontaneous(step.condition, self.model.targets)
        return self._of(step.moved, look, unaimed(step.mode, lost))

    def _of(self, made: Fitted | None, look: Look, otherwise: float) -> float:
        return otherwise if made is None else made.logit(self.person.group, look.case.dataset)

    def _seconds(self, limit_s: float | None, rng: Random, *, may_run_out: bool) -> float | None:
        seconds = MEDIAN_S * self.person.pace * math.exp(rng.gauss(0.0, SPREAD))
        if limit_s is None:
            return seconds
        if may_run_out and rng.random() < self.model.targets.timeouts:
            return None
        return min(seconds, WITHIN * limit_s)

    def _draw(self, purpose: str, look: Look) -> float:
        return self._stream(purpose, look.case.id, look.name(), str(look.stage)).random()

    def _stream(self, *purpose: str) -> Random:
        return stream(self.model.seed, "reader", str(self.person.number), *purpose)


def remembered(targets: SimulationTargets) -> float:
    """The share of repeated features that are answered from memory, so that a reader agrees with himself as aimed."""
    again, others = _aim(targets, Measure.REPEAT_KAPPA, 1.0), _aim(targets, Measure.KAPPA, AGREEMENT)
    return min(1.0, max(0.0, (again - others) / (1 - others)))


def propensities(model: Model, case: CaseFacts, question: str, options: int) -> list[float]:
    """How likely each option is for this case. Their spread over cases gives the readers the kappa that is aimed at.

    Source: with Dirichlet-distributed propensities, Fleiss' kappa is 1 / (concentration + 1); Fleiss 1981, chapter 13.
    """
    kappa = min(0.99, max(0.01, _aim(model.targets, Measure.KAPPA, AGREEMENT)))
    concentration = 1 / kappa - 1
    rng = stream(model.seed, "propensity", case.id, question)
    drawn = [max(rng.gammavariate(concentration / options, 1.0), 1e-12) for _ in range(options)]
    return [one / sum(drawn) for one in drawn]


def _aim(targets: SimulationTargets, measure: Measure, otherwise: float) -> float:
    return next((one.value for one in targets.targets if one.measure == measure), otherwise)


def _probability(log_odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-50.0, min(50.0, log_odds))))
