"""The decision model, without a site: targets are met, and all follows from the seed."""

from collections.abc import Mapping
from dataclasses import replace
from statistics import mean

import numpy as np
import pytest

from readerstudy.protocol.design import Design
from readerstudy.protocol.targets import Mark, Measure, SimulatedGroup, SimulationTargets, SourceTarget, Target
from readerstudy.simulation.ai_output import simulated_outputs
from readerstudy.simulation.decisions import Decision, Look, Mind, propensities, remembered
from readerstudy.simulation.fitting import ImpossibleTarget
from readerstudy.simulation.latent import CaseFacts, Person, case_facts, people
from readerstudy.simulation.model import Model, Reads, solve

CLASSES = ("melanoma", "nevus", "basal cell carcinoma", "keratosis")
TWO_STAGES = {"rounds": [{"stages": [{"modality": "unaided"}, {"modality": "aided"}]}]}
UNAIDED = Target(value=0.60, mark=Mark.ASSUMED, modality="unaided")
AIDED = Target(value=0.72, mark=Mark.ASSUMED, modality="aided")
AI = SourceTarget(value=0.85, mark=Mark.ASSUMED)
ERROR = 0.015  # four standard errors of 10,000 readings, and the spread that readers and cases share is solved away


class Rehearsal:
    """Readers who all read all cases, with simulated AI output."""

    def __init__(self, targets: SimulationTargets, values: Mapping[str, object], *, cases: int = 12, seed: int = 1):
        self.design = Design.from_dict(values)
        self.targets, self.seed = targets, seed
        self.people = people(targets, self.design, count=targets.readers, seed=seed)
        self.cases = [self._case(number) for number in range(cases)]
        outputs = simulated_outputs(self.cases, targets, malignant=("melanoma",), seed=seed)
        self.ai = {one.case: one.ranked[0][0] for one in outputs}
        readers, places = np.meshgrid(np.arange(len(self.people)), np.arange(cases), indexing="ij")
        reads = Reads(
            people=self.people,
            cases=self.cases,
            arms={one.number: "all" for one in self.people},
            suggested={(case, "aided", "ai"): label for case, label in self.ai.items()},
            reader_N=readers.ravel(),
            case_N=places.ravel(),
            session_N=np.ones(readers.size, dtype=int),
        )
        self.model = solve(self.design, targets, reads, seed=seed)

    def _case(self, number: int) -> CaseFacts:
        truth = CLASSES[number % len(CLASSES)]
        return case_facts(case=f"case {number}", dataset="all", truth=truth, classes=CLASSES, seed=self.seed)

    def decisions(
        self, stages: tuple[str, ...] = ("unaided", "aided")
    ) -> list[tuple[Person, CaseFacts, list[Decision]]]:
        return [
            (one, case, self._read(Mind(self.model, one), case, stages)) for one in self.people for case in self.cases
        ]

    def _read(self, mind: Mind, case: CaseFacts, stages: tuple[str, ...]) -> list[Decision]:
        return [
            mind.decide(
                Look(
                    f"{case.id}", case, "all", 1, 1, number, name, suggested=self.ai[case.id] if name == "aided" else ""
                )
            )
            for number, name in enumerate(stages, start=1)
        ]


def sequential(**changes: object) -> SimulationTargets:
    plain = SimulationTargets(readers=1000, cases={"all": {}}, targets=(UNAIDED, AIDED), ai=(AI,))
    return replace(plain, **changes)


def right(read: list[tuple[Person, CaseFacts, list[Decision]]], stage: int, group: str = "") -> float:
    return mean(said[stage - 1].diagnosis == case.truth for person, case, said in read if group in ("", person.group))


def test_a_thousand_readers_meet_their_targets_alone_and_with_the_ai() -> None:
    read = Rehearsal(sequential(), TWO_STAGES).decisions()
    assert right(read, 1) == pytest.approx(UNAIDED.value, abs=ERROR)
    assert right(read, 2) == pytest.approx(AIDED.value, abs=ERROR)


def test_every_group_meets_its_own_target_and_all_meet_theirs() -> None:
    groups = (SimulatedGroup("young", 0.5), SimulatedGroup("old", 0.5))
    aims = (UNAIDED, replace(UNAIDED, group="young", value=0.5), replace(UNAIDED, group="old", value=0.7), AIDED)
    read = Rehearsal(sequential(groups=groups, targets=aims), TWO_STAGES).decisions()
    for group, wanted in (("young", 0.5), ("old", 0.7), ("", 0.6)):
        assert right(read, 1, group) == pytest.approx(wanted, abs=1.5 * ERROR), group


def test_a_wrong_suggestion_is_taken_less_often_than_a_right_one() -> None:
    rehearsal = Rehearsal(sequential(), TWO_STAGES, cases=24)
    taken: dict[bool, list[bool]] = {True: [], False: []}
    for _person, case, (first, last) in rehearsal.decisions():
        suggested = rehearsal.ai[case.id]
        if first.diagnosis != suggested:
            taken[suggested == case.truth].append(last.diagnosis == suggested)
    assert mean(taken[True]) > 1.5 * mean(taken[False]) > 0


def test_the_same_seed_says_the_same_and_another_seed_does_not() -> None:
    few = sequential(readers=20)
    first, second, other = (Rehearsal(few, TWO_STAGES, seed=seed).decisions() for seed in (1, 1, 2))
    assert repr(first) == repr(second) != repr(other)


def test_a_target_beyond_what_the_ai_can_give_is_a_named_fault() -> None:
    with pytest.raises(ImpossibleTarget, match="0.99.*aided.*cannot be reached"):
        Rehearsal(sequential(readers=20, targets=(UNAIDED, replace(AIDED, value=0.99))), TWO_STAGES)


def test_a_second_look_without_ai_meets_its_own_target() -> None:
    again = {"rounds": [{"stages": [{"modality": "unaided"}, {"modality": "unaided"}]}]}
    aims = (replace(UNAIDED, stage=1, value=0.46), replace(UNAIDED, stage=2, value=0.52))
    read = Rehearsal(sequential(targets=aims), again).decisions(("unaided", "unaided"))
    assert right(read, 2) == pytest.approx(0.52, abs=ERROR)


def test_lists_hold_the_truth_as_often_as_aimed() -> None:
    ranked = {
        **TWO_STAGES,
        "questions": [{"name": "diagnosis", "kind": "ranked", "text": "Which?", "most": 3}],
    }
    aims = (UNAIDED, AIDED, replace(UNAIDED, measure=Measure.TOP_3, value=0.75),
            replace(AIDED, measure=Measure.TOP_3, value=0.86))  # fmt: skip
    read = Rehearsal(sequential(targets=aims), ranked).decisions()
    for stage, wanted in ((1, 0.75), (2, 0.86)):
        hits = mean(case.truth in said[stage - 1].ranked[:3] for _person, case, said in read)
        assert hits == pytest.approx(wanted, abs=ERROR)


def test_managements_meet_sensitivity_and_specificity() -> None:
    managed = {
        **TWO_STAGES,
        "questions": [
            {"name": "diagnosis", "kind": "diagnosis", "text": "Which?"},
            {"name": "management", "kind": "management", "text": "What?", "options": ["excise", "leave"]},
        ],
        "malignant": ["melanoma"],
        "active": ["excise"],
    }
    aims = (UNAIDED, AIDED, replace(UNAIDED, measure=Measure.MANAGEMENT_SENSITIVITY, value=0.85),
            replace(UNAIDED, measure=Measure.MANAGEMENT_SPECIFICITY, value=0.70))  # fmt: skip
    read = Rehearsal(sequential(targets=aims), managed).decisions()
    acts = {kind: mean(s[0].acts for _p, c, s in read if (c.truth == "melanoma") == kind) for kind in (True, False)}
    assert acts[True] == pytest.approx(0.85, abs=2.5 * ERROR)
    assert 1 - acts[False] == pytest.approx(0.70, abs=2.5 * ERROR)


def test_the_ai_is_right_on_exactly_its_share_and_rather_on_easy_cases() -> None:
    rehearsal = Rehearsal(sequential(readers=2), TWO_STAGES, cases=200)
    wrong = [one.difficulty for one in rehearsal.cases if rehearsal.ai[one.id] != one.truth]
    hit = [one.difficulty for one in rehearsal.cases if rehearsal.ai[one.id] == one.truth]
    assert len(hit) == round(AI.value * 200)
    assert mean(wrong) > mean(hit) and min(wrong) < max(hit)


def test_features_agree_between_readers_and_with_themselves_as_aimed() -> None:
    aims = (Target(0.45, Mark.ASSUMED, Measure.KAPPA), Target(0.70, Mark.ASSUMED, Measure.REPEAT_KAPPA))
    targets = SimulationTargets(readers=2, cases={"all": {}}, targets=aims)
    model = Model(1, Design.from_dict({"rounds": [{"modality": "unaided"}]}), targets, {}, {}, 0.0)
    yes = np.array(
        [
            propensities(model, case_facts(case=str(n), dataset="all", truth="", classes=(), seed=1), "q", 2)[0]
            for n in range(4000)
        ]
    )
    kappa = yes.var() / (yes.mean() * (1 - yes.mean()))  # of many readers who answer with these propensities
    assert kappa == pytest.approx(0.45, abs=0.02)
    assert remembered(targets) + (1 - remembered(targets)) * 0.45 == pytest.approx(0.70)


def test_time_runs_out_as_often_as_aimed_and_never_by_chance() -> None:
    rehearsal = Rehearsal(sequential(readers=100, timeouts=0.1), TWO_STAGES)
    mind = Mind(rehearsal.model, rehearsal.people[0])
    spent = [
        mind.decide(Look(f"{n}", rehearsal.cases[0], "all", 1, n, 1, "unaided", limit_s=8.0)).seconds
        for n in range(1500)
    ]
    assert mean(one is None for one in spent) == pytest.approx(0.1, abs=0.03)
    assert max(one for one in spent if one is not None) < 8.0
