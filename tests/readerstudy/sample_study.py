"""A small study in the database, for tests: real images, truth in its own database, simulated aids."""

import io
from datetime import UTC, datetime
from random import Random

from PIL import Image as Picture

from readerstudy.models import Case, Dataset, PracticeCase, Reader, Study
from readerstudy.services.aid import SimulatedAid, freeze_simulated
from readerstudy.services.enrolment import enrol
from readerstudy.services.launch import launch_study
from readerstudy.services.study import create_study
from readerstudy.truth.services import Reference, record_references
from webapp.accounts.services import person_for
from webapp.imagery.models import Image
from webapp.imagery.services import ingest

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CLASSES = {"tumours": ["basal cell carcinoma", "melanoma", "nevus"], "scalp": ["psoriasis", "seborrheic dermatitis"]}


def noise_image(seed: int, size: tuple[int, int] = (64, 48)) -> Image:
    """An image that no other seed gives."""
    rng = Random(seed)
    small = Picture.frombytes("RGB", (8, 6), bytes(rng.randrange(256) for _ in range(8 * 6 * 3)))
    file = io.BytesIO()
    small.resize(size, Picture.Resampling.BICUBIC).save(file, "PNG")
    return ingest(file.getvalue())


def draft_study(
    *, cases: int = 6, practice: int = 0, seed: int = 7, preset: str = "dermino-assisted", **fields: object
) -> Study:
    """A draft with `cases` cases over two data sets; the truth of each is its data set's classes in turn."""
    study = create_study(title="Sample", preset=preset, seed=seed, by=None, at=NOON, **fields)
    references, aids = [], []
    for number in range(cases):
        name = "scalp" if number % 3 == 2 else "tumours"
        dataset, _ = Dataset.objects.get_or_create(study=study, name=name, defaults={"classes": CLASSES[name]})
        case = Case.objects.create(study=study, dataset=dataset, image=noise_image(seed * 1000 + number))
        diagnosis = CLASSES[name][number % len(CLASSES[name])]
        references.append(Reference(case.id, diagnosis))
        others = [one for one in CLASSES[name] if one != diagnosis]
        ranked = [(diagnosis, 0.8), (others[0], 0.2)]
        mask = noise_image(seed * 1000 + 700 + number, size=(32, 24))
        aids.append(SimulatedAid(case.id, ranked, f"Description {number}", mask_id=mask.id))
    record_references(study.id, references, at=NOON)
    freeze_simulated(study_id=study.id, aids=aids, at=NOON)
    for number in range(practice):
        PracticeCase.objects.create(
            study=study, image=noise_image(seed * 1000 + 500 + number), classes=CLASSES["tumours"], answer="melanoma"
        )
    return study


def live_study(*, readers: int = 1, ready: bool = True, **options: object) -> tuple[Study, list[Reader]]:
    """A launched study; `ready` readers have consented, told their years and finished practice."""
    study = draft_study(**options)
    launch_study(study_id=study.id, by=None, at=NOON)
    study.refresh_from_db()
    enrolled = [enrol(study, person_for(f"reader{n}@example.org"), at=NOON) for n in range(1, readers + 1)]
    if ready:
        for years, reader in enumerate(enrolled):
            reader.consented_at = reader.profiled_at = reader.practised_at = NOON
            reader.experience_years = years % 10
            reader.save()
    return study, enrolled
