"""A live study of any design for one reader, with AI output in every format, and the reader's browser in its room."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from playwright.sync_api import BrowserContext, Page

from readerstudy.models import Case, CaseImage, Dataset, Reader, Study
from readerstudy.services.aid import SimulatedAid, freeze_simulated
from readerstudy.services.enrolment import enrol
from readerstudy.services.launch import launch_study
from readerstudy.services.study import create_study, edit_design
from readerstudy.truth.services import Reference, record_references
from tests.browser.signed_in import sign_in
from tests.readerstudy.sample_study import CLASSES, NOON, noise_image
from webapp.accounts.services import person_for

CLINICAL = {"age": "54", "sex": "female", "site": "back", "history": "grew over six months"}
DIAGNOSES = CLASSES["tumours"]


def designed_study(
    values: Mapping[str, Any], *, cases: int = 2, classes: list[str] = DIAGNOSES, picture: Any = noise_image
) -> Study:
    """Live at once, with two images and clinical data a case; the AI is right about every one."""
    study = create_study(title="Sample", preset="dermino-assisted", seed=7, by=None, at=NOON)
    edit_design(study_id=study.id, values=values, by=None, at=NOON)
    study.refresh_from_db()
    dataset = Dataset.objects.create(study=study, name="tumours", classes=classes)
    made = [_case(study, dataset, number, picture) for number in range(cases)]
    truth = {case.id: classes[number % len(classes)] for number, case in enumerate(made)}
    if study.design.reference:
        record_references(study.id, [Reference(case, diagnosis) for case, diagnosis in truth.items()], at=NOON)
    for source in study.design.sources():
        aids = [
            _aid(case, diagnosis, classes, number, picture) for number, (case, diagnosis) in enumerate(truth.items())
        ]
        freeze_simulated(study_id=study.id, aids=aids, at=NOON, source=source)
    launch_study(study_id=study.id, by=None, at=NOON)
    study.refresh_from_db()
    return study


def ready_reader(study: Study) -> Reader:
    """A reader whose next step is the first case."""
    reader = enrol(study, person_for("reader@example.org"), at=NOON)
    reader.consented_at = reader.profiled_at = reader.practised_at = timezone.now()
    reader.experience_years = 4
    reader.save()
    return reader


def in_room(reader: Reader, context: BrowserContext, url: str) -> Page:
    sign_in(context, reader.person, url)
    page = context.new_page()
    page.goto(f"{url}/read/{reader.study.slug}/")
    return page


def _case(study: Study, dataset: Dataset, number: int, picture: Any) -> Case:
    case = Case.objects.create(study=study, dataset=dataset, image=picture(7000 + number), attributes=CLINICAL)
    further = picture(7100 + number)
    CaseImage.objects.create(case=case, image=further, position=2, kind="clinical")
    return case


def _aid(case: Any, diagnosis: str, classes: list[str], number: int, picture: Any) -> SimulatedAid:
    others = [one for one in classes if one != diagnosis][:2]
    similar = [{"image": str(picture(7300 + 10 * number + n).id), "label": classes[n % len(classes)]} for n in range(3)]
    content = {
        "malignancy": 0.83,
        "similar": similar,
        "crowd": {diagnosis: 21, others[0]: 9, **({others[1]: 3} if others[1:] else {})},
    }
    ranked = [(diagnosis, 0.72), *((other, 0.14) for other in others)]
    mask = noise_image(7700 + number, size=(32, 24))
    return SimulatedAid(case, ranked, "An asymmetric network with blue-grey veil.", content=content, mask_id=mask.id)
