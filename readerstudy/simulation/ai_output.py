"""AI output that no model gave: right exactly as often as a preset says, and on easier cases sooner. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from readerstudy.protocol.design import HONEST
from readerstudy.protocol.random_stream import stream
from readerstudy.protocol.targets import Measure, SimulationTargets, SourceTarget
from readerstudy.simulation.latent import DIFFICULTY_SD, CaseFacts

MIXED = DIFFICULTY_SD  # of the chance that lets some hard cases be right and some easy ones wrong
VOTES = 20  # of other readers on each case
ALIKE = 4  # pictures in a gallery of like cases
SURE_RIGHT, SURE_WRONG = (0.55, 0.97), (0.40, 0.80)  # the first probability, by whether it is right


@dataclass(frozen=True, slots=True)
class SimulatedOutput:
    """One case's output. ranked: every class with its probability, the likeliest first."""

    case: str
    ranked: tuple[tuple[str, float], ...]
    malignancy: float
    crowd: Mapping[str, int]
    alike: tuple[str, ...]  # verified diagnoses of like cases, the likest first


def simulated_outputs(
    cases: Sequence[CaseFacts], targets: SimulationTargets, *, source: str = HONEST, malignant: Sequence[str] = (),
    seed: int,
) -> list[SimulatedOutput]:  # fmt: skip
    """The output of one source for every case."""
    first, listed, crowd, alike = (
        _hits(cases, targets, source, measure, seed, purpose)
        for measure, purpose in (
            (Measure.ACCURACY, "AI"), (Measure.TOP_3, "AI"), (Measure.ACCURACY, "crowd"), (Measure.ACCURACY, "similar"),
        )
    )  # fmt: skip
    return [
        SimulatedOutput(
            case=one.id,
            ranked=(ranked := _ranked(one, one.id in first, one.id in listed, source, seed)),
            malignancy=round(sum(share for label, share in ranked if label in malignant), 4),
            crowd=_votes(one, one.id in crowd, source, seed),
            alike=_alike(one, one.id in alike, source, seed),
        )
        for one in cases
    ]


def _hits(
    cases: Sequence[CaseFacts], targets: SimulationTargets, source: str, measure: Measure, seed: int, purpose: str
) -> set[str]:
    """The cases that a source is right on: of each data set exactly the rounded share, the hard ones rather not."""
    found: set[str] = set()
    for dataset in sorted({one.dataset for one in cases}):
        members = [one for one in cases if one.dataset == dataset]
        target = _target(targets.ai, source, measure, dataset)
        if target is None:
            continue
        ease = {one.id: -one.difficulty + stream(seed, purpose, source, one.id).gauss(0.0, MIXED) for one in members}
        best = sorted(ease, key=lambda case: -ease[case])
        found |= set(best[: round(target.value * len(members))])
    return found


def _target(targets: Sequence[SourceTarget], source: str, measure: Measure, dataset: str) -> SourceTarget | None:
    fit = [one for one in targets if one.source == source and one.measure == measure and one.dataset in ("", dataset)]
    return max(fit, key=lambda one: bool(one.dataset), default=None)


def _ranked(case: CaseFacts, right: bool, among_three: bool, source: str, seed: int) -> tuple[tuple[str, float], ...]:
    rng = stream(seed, "probabilities", source, case.id)
    others = [one for one in case.classes if one != case.truth]
    rng.shuffle(others)
    order = [case.truth, *others]
    if not right and others:
        leading = case.other(rng)
        others = [leading, *(one for one in others if one != leading)]
        place = rng.randint(1, min(2, len(others))) if among_three else min(3, len(others))
        order = [*others[:place], case.truth, *others[place:]]
    first = rng.uniform(*(SURE_RIGHT if right else SURE_WRONG))
    shares = sorted((rng.expovariate(1.0) for _ in order[1:]), reverse=True)
    rest = min(1 - first, first * 0.9 * sum(shares) / max(shares)) if shares else 0.0  # nobody passes the first
    scale = rest / sum(shares) if shares else 0.0
    first = 1 - rest
    return tuple(zip(order, [round(one, 4) for one in (first, *(share * scale for share in shares))], strict=True))


def _votes(case: CaseFacts, right: bool, source: str, seed: int) -> dict[str, int]:
    """How many of VOTES other readers chose what; the most chose the truth exactly where `right`."""
    rng = stream(seed, "votes", source, case.id)
    leading = case.truth if right else case.other(rng)
    most = rng.randint(VOTES // 2 + 1, VOTES - 2)
    counts = {leading: most}
    for _ in range(VOTES - most):
        label = rng.choice([one for one in case.classes if one != leading] or [leading])
        counts[label] = counts.get(label, 0) + 1
    return counts


def _alike(case: CaseFacts, right: bool, source: str, seed: int) -> tuple[str, ...]:
    """Diagnoses of like cases; most are the truth exactly where `right`."""
    rng = stream(seed, "alike", source, case.id)
    leading = case.truth if right else case.other(rng)
    return tuple([leading] * (ALIKE // 2 + 1) + [rng.choice(case.classes) for _ in range(ALIKE - ALIKE // 2 - 1)])
