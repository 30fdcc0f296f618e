"""The cases of a simulated study: pictures and a CSV on disk, taken in by the ordinary import."""

import csv
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from uuid import UUID

from readerstudy.demo.preset_site.pictures import picture
from readerstudy.exchange.cases import Choice, import_cases
from readerstudy.exchange.layout import CLINICAL, Layout
from readerstudy.models import Study
from readerstudy.protocol.random_stream import stream
from readerstudy.protocol.targets import SimulationTargets

KINDS = ("close-up photograph", "later image", "later image", "later image")
SITES = ("head or neck", "trunk", "arm", "leg")
HISTORIES = (
    "Simulated history: noticed some months ago, no complaints.",
    "Simulated history: known for years, asked about at a check-up.",
    "Simulated history: itches at times, no bleeding.",
    "Simulated history: found by a relative, unclear since when.",
)


def import_simulated_cases(
    study: Study, targets: SimulationTargets, folder: Path, *, masks: bool, seed: int, at: datetime
) -> int:
    """Draw and import every case and practice case that the targets name. Returns how many cases there are."""
    classes = {dataset: sorted(counts) for dataset, counts in targets.cases.items()}
    truth = study.design.reference
    live = _written(folder / "cases", targets.cases, targets, masks=masks, truth=truth, seed=seed)
    rng = stream(seed, "case ids", study.slug)
    ids = Choice(classes=classes, new_id=lambda: UUID(int=rng.getrandbits(128), version=4))
    done = import_cases(study, live, Layout(), ids, by=None, at=at)
    practice = {
        dataset: {label: sum(at % len(labels) == k for at in range(targets.practice)) for k, label in enumerate(labels)}
        for dataset, labels in classes.items()
    }
    if targets.practice:
        table = _written(folder / "practice", practice, targets, masks=False, truth=True, seed=seed + 1)
        import_cases(study, table, Layout(), Choice(practice=True, classes=classes), by=None, at=at)
    return done.added


def _written(
    folder: Path, counts: Mapping[str, Mapping[str, int]], targets: SimulationTargets, *, masks: bool, truth: bool,
    seed: int,
) -> Path:  # fmt: skip
    """Pictures and their table. File names tell nothing: readers never see them, but nor shall anybody's browser."""
    (folder / "images").mkdir(parents=True)
    further = range(2, targets.images + 1)
    names = ["image", "dataset", "diagnosis", "mask", *CLINICAL, *(f"image_{n}" for n in further)]
    table = folder / "cases.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, [*names, *(f"image_{n}_kind" for n in further)], restval="")
        rows.writeheader()
        for number, (dataset, label) in enumerate(_in_turn(counts, seed)):
            row = {"dataset": dataset, "diagnosis": label if truth else "", **_clinical(number, targets, seed)}
            row |= _pictures(folder, f"{number:05d}", label, targets.images, masks=masks, seed=seed)
            rows.writerow(row)
    return table


def _in_turn(counts: Mapping[str, Mapping[str, int]], seed: int) -> list[tuple[str, str]]:
    """Every case's data set and class, shuffled, so that a number in a name tells no class."""
    every = [(name, label) for name, of_set in counts.items() for label, times in of_set.items() for _ in range(times)]
    stream(seed, "pictures").shuffle(every)
    return every


def _pictures(folder: Path, name: str, label: str, images: int, *, masks: bool, seed: int) -> Iterator[tuple[str, str]]:
    photo, mask = picture(name, label, seed=seed)
    (folder / "images" / f"{name}.jpg").write_bytes(photo)
    yield "image", f"{name}.jpg"
    if masks:
        (folder / "images" / f"{name}.png").write_bytes(mask)
        yield "mask", f"images/{name}.png"
    for number in range(2, images + 1):
        more, _mask = picture(f"{name}-{number}", label, seed=seed)
        (folder / "images" / f"{name}-{number}.jpg").write_bytes(more)
        yield f"image_{number}", f"{name}-{number}.jpg"
        yield f"image_{number}_kind", KINDS[min(number - 2, len(KINDS) - 1)]


def _clinical(number: int, targets: SimulationTargets, seed: int) -> dict[str, str]:
    rng = stream(seed, "clinical", str(number))
    made = {
        "age": str(rng.randint(18, 90)),
        "sex": rng.choice(("female", "male")),
        "site": rng.choice(SITES),
        "history": rng.choice(HISTORIES),
    }
    return made | {name: values[number % len(values)] for name, values in targets.attributes.items()}
