"""The replica of the paper's reader study: simulated readings whose counts are exactly the published ones."""

import csv
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

from django.db import transaction

from readerstudy.demo.counts import Replica, ai_answers, read_counts, reader_answers
from readerstudy.demo.people import REPLICA_SLUG
from readerstudy.exchange.cases import Choice, import_cases
from readerstudy.exchange.layout import Layout
from readerstudy.models import Reader, Study
from readerstudy.protocol.random_stream import stream
from readerstudy.services.aid import SimulatedAid, freeze_simulated
from readerstudy.services.enrolment import enrol
from readerstudy.services.finished_readings import FinishedReader, FinishedReading, finish_readings
from readerstudy.services.launch import launch_study
from readerstudy.services.lock import lock_simulated_study
from readerstudy.services.study import close_study, create_study, lock_study_row
from readerstudy.truth.services import diagnoses, truth_sha256
from webapp.accounts.services import person_for
from webapp.inference.synthetic import draw_cases

BEGAN = datetime(2025, 3, 3, 8, tzinfo=UTC)  # a made-up Monday
ROUND_GAP = timedelta(days=14, hours=6)  # two weeks, and a little

Truth = Mapping[str, Mapping[UUID, str]]  # data set -> case -> diagnosis


def seed_replica(folder: Path, *, say: Callable[[str], None]) -> Study:
    """The finished replica, made once; `folder` holds its synthetic images."""
    done = Study.objects.filter(slug=REPLICA_SLUG).first()  # one transaction made it: it is there whole or not at all
    if done is not None:
        return done
    say("Seeding the replica of the reader study (simulated readings)")
    replica = read_counts()
    with transaction.atomic():  # a kill half way leaves nothing; truth rows of it would be orphans, and are replaced
        study = _draft(replica)
        import_cases(study, _draw(folder, replica), Layout(), Choice(), by=None, at=BEGAN)
        truth = _truth(study)
        ai = {
            name: ai_answers(of_set, right=replica.datasets[name].ai_right, rng=stream(replica.seed, "ai", name))
            for name, of_set in truth.items()
        }
        freeze_simulated(study_id=study.id, aids=_aids(truth, ai, stream(replica.seed, "probabilities")), at=BEGAN)
        launch_study(study_id=study.id, by=None, at=BEGAN, truth_sha256=truth_sha256(study.id))
        readers = _enrol(study, replica)
        finish_readings(
            study_id=study.id,
            readers=[
                FinishedReader(reader.id, one.years, reader.enrolled_at)
                for reader, one in zip(readers, replica.readers, strict=True)
            ],
            readings=_readings(replica, readers, truth, ai),
            at=BEGAN + timedelta(days=40),
        )
        close_study(study_id=study.id, by=None, at=BEGAN + timedelta(days=40))
        lock_simulated_study(study_id=study.id, at=BEGAN + timedelta(days=41))
        study.refresh_from_db()
        return study


def _draft(replica: Replica) -> Study:
    return create_study(
        title=replica.title,
        preset="dermino-two-round",
        seed=replica.seed,
        by=None,
        at=BEGAN - timedelta(days=7),
        slug=REPLICA_SLUG,
        simulated=True,
        results_notes=dict(replica.notes),
    )


def _draw(folder: Path, replica: Replica) -> Path:
    """Synthetic images under the replica's own data set names."""
    drawn = draw_cases(folder, {one.drawn_as: one.cases for one in replica.datasets.values()}, seed=replica.seed)
    names = {one.drawn_as: name for name, one in replica.datasets.items()}
    with drawn.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    renamed = folder / "replica.csv"
    with renamed.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, ["image", "dataset", "diagnosis"], extrasaction="ignore")
        table.writeheader()
        table.writerows({**row, "dataset": names[row["dataset"]]} for row in rows)
    return renamed


def _truth(study: Study) -> Truth:
    by_case = diagnoses(study.id)
    truth: dict[str, dict[UUID, str]] = {}
    for case_id, dataset in study.cases.order_by("image__source_sha256").values_list("id", "dataset__name"):
        truth.setdefault(dataset, {})[case_id] = by_case[case_id]
    return truth


def _aids(truth: Truth, ai: Truth, rng: Random) -> Iterator[SimulatedAid]:
    for dataset, answers in ai.items():
        classes = sorted(set(truth[dataset].values()))
        for case_id, answer in answers.items():
            top = rng.uniform(0.62, 0.98)
            others = [one for one in classes if one != answer]
            shares = [rng.expovariate(1) for _ in others]
            rest = [(1 - top) * share / sum(shares) for share in shares]
            ranked = sorted(zip(others, rest, strict=True), key=lambda pair: -pair[1])
            yield SimulatedAid(case_id, [(answer, top), *ranked])


def _enrol(study: Study, replica: Replica) -> list[Reader]:
    study = lock_study_row(study.pk)
    return [
        enrol(study, person_for(f"reader-{number:02d}@replica.invalid"), at=BEGAN + timedelta(hours=number))
        for number in range(1, len(replica.readers) + 1)
    ]


def _readings(replica: Replica, readers: list[Reader], truth: Truth, ai: Truth) -> Iterator[FinishedReading]:
    hard = stream(replica.seed, "difficulty")
    difficulty = {case: hard.gauss(0, 1) for of_set in truth.values() for case in of_set}
    for reader, counts in zip(readers, replica.readers, strict=True):
        rng = stream(replica.seed, "reader", str(reader.number))
        pace = rng.lognormvariate(0, 0.2)
        for number in (1, 2):
            answers: dict[UUID, str] = {}
            for dataset, of_set in truth.items():
                answers |= reader_answers(
                    of_set,
                    right=counts.right[dataset][number - 1],
                    difficulty=difficulty,
                    ai=ai[dataset] if number == 2 else None,
                    rng=rng,
                )
            yield from _in_order(reader, number, answers, pace, rng)


def _in_order(
    reader: Reader, number: int, answers: Mapping[UUID, str], pace: float, rng: Random
) -> Iterator[FinishedReading]:
    """One reader's round as it was planned, one case after another, each within the limit."""
    clock = reader.enrolled_at + (number - 1) * ROUND_GAP
    planned = reader.readings.filter(round__number=number).order_by("position").values_list("case_id", flat=True)
    for case_id in planned:
        rt_ms = min(19_500, round(1000 * pace * rng.lognormvariate(1.9 - 0.2 * (number - 1), 0.45)))
        yield FinishedReading(
            reader_id=reader.id,
            round=number,
            case_id=case_id,
            diagnosis=answers[case_id],
            confidence=rng.choices((0.25, 0.5, 0.75, 1.0), (1, 3, 4, 2))[0],
            rt_ms=rt_ms,
            shown_at=clock,
        )
        clock += timedelta(milliseconds=rt_ms + rng.randrange(900, 4000))
