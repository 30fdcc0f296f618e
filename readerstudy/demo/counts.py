"""The replica's counts, read from their one file, and answers that meet them exactly. Pure: no database."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

FILE = Path(__file__).with_name("replica.toml")


@dataclass(frozen=True, slots=True)
class Cases:
    """One data set: how many cases of each diagnosis, on how many the AI is right, and how its images are drawn."""

    drawn_as: str
    cases: Mapping[str, int]
    ai_right: int


@dataclass(frozen=True, slots=True)
class ReplicaReader:
    """One reader: years of experience and, for each data set, the right answers of each round."""

    years: float
    right: Mapping[str, Sequence[int]]


@dataclass(frozen=True, slots=True)
class Replica:
    seed: int
    title: str
    notes: Mapping[str, str]
    datasets: Mapping[str, Cases]
    readers: Sequence[ReplicaReader]


def read_counts(file: Path = FILE) -> Replica:
    """Read the file. Raises KeyError for a reader without counts of a data set."""
    values = tomllib.loads(file.read_text(encoding="utf-8"))
    datasets = {name: Cases(**one) for name, one in values["datasets"].items()}
    readers = [ReplicaReader(one["years"], {name: one[name] for name in datasets}) for one in values["readers"]]
    return Replica(values["seed"], values["title"], values["notes"], datasets, readers)


def ai_answers(truth: Mapping[str, str], *, right: int, rng: Random) -> dict[str, str]:
    """AI answers of one data set's cases (case -> diagnosis), right on exactly `right` of them."""
    wrong = set(rng.sample(sorted(truth), len(truth) - right))
    classes = sorted(set(truth.values()))
    return {case: _other(truth[case], classes, rng) if case in wrong else truth[case] for case in sorted(truth)}


def reader_answers(
    truth: Mapping[str, str],
    *,
    right: int,
    difficulty: Mapping[str, float],
    ai: Mapping[str, str] | None,
    rng: Random,
) -> dict[str, str]:
    """One reader's answers in one round, right on exactly `right` cases, more likely on the easier ones.

    With `ai` shown, a case that the AI got right is easier, one that it got wrong harder, and a wrong answer
    is most often the AI's.
    """
    classes = sorted(set(truth.values()))

    def hardness(case: str) -> float:
        pull = 0.0 if ai is None else (-0.6 if ai[case] == truth[case] else 0.9)
        return difficulty[case] + pull + rng.gauss(0, 0.8)

    ranked = sorted(sorted(truth), key=hardness)
    answers = {}
    for place, case in enumerate(ranked):
        if place < right:
            answers[case] = truth[case]
        elif ai is not None and ai[case] != truth[case] and rng.random() < 0.8:
            answers[case] = ai[case]
        else:
            answers[case] = _other(truth[case], classes, rng)
    return answers


def _other(diagnosis: str, classes: Sequence[str], rng: Random) -> str:
    return rng.choice([one for one in classes if one != diagnosis])
