"""The main job: a reader does round 1 by keyboard, waits, and does round 2 with AI output that a worker made."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from playwright.sync_api import Page, expect

from readerstudy.exchange.cases import Choice, import_cases
from readerstudy.exchange.layout import Layout
from readerstudy.models import Answer, FrozenAid, Reader, Reading, Study
from readerstudy.results.joined import report_for
from readerstudy.services.aid import freeze_aid, request_aid
from readerstudy.services.enrolment import enrol
from readerstudy.services.launch import launch_study
from readerstudy.services.study import create_study, lock_study_row
from tests.browser.signed_in import sign_in
from tests.readerstudy.signers import lock
from tests.services import wait_for
from tests.webapp.tiny_model import write_tiny_model
from webapp.accounts.models import Role
from webapp.accounts.services import grant, person_for
from webapp.inference.models import ModelVersion
from webapp.inference.services import progress, register
from webapp.inference.synthetic import draw_cases, drawable

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "truth"]), pytest.mark.slow]

CASES = 20


@pytest.fixture
def tiny_model(transactional_db, tmp_path: Path) -> ModelVersion:
    """Weights of the real architecture, untrained: the way from worker to screen is what this is about."""
    return register(write_tiny_model(tmp_path / "model", classes=drawable()), at=timezone.now())


@pytest.fixture
def study(worker, tiny_model, tmp_path: Path) -> Study:
    """Twenty synthetic cases, AI output frozen from what a real worker process predicted, one reader."""
    now = timezone.now()
    study = create_study(title="Two rounds", preset="dermino-two-round", seed=5, by=None, at=now)
    counts = {name: dict.fromkeys(diagnoses, 4 if len(diagnoses) > 2 else 1) for name, diagnoses in drawable().items()}
    table = draw_cases(tmp_path / "cases", counts, seed=5)
    import_cases(study, table, Layout(), Choice(limit=CASES), by=None, at=now)
    request_aid(study_id=study.id, model=tiny_model, by=None, at=now)
    pairs = list(study.cases.values_list("image_id", "dataset__name"))
    wait_for(lambda: progress(tiny_model, pairs).done == CASES, "the worker has predicted every case", seconds=120)
    freeze_aid(study_id=study.id, by=None, at=now)
    with transaction.atomic():
        enrol(lock_study_row(study.id), person_for("reader@example.org"), at=now)
    launch_study(study_id=study.id, by=None, at=now)
    study.refresh_from_db()
    return study


def test_two_rounds_by_keyboard_with_ai_output_of_a_real_worker(site, page, context, browser, study):
    reader = study.readers.get()
    assert set(FrozenAid.objects.filter(case__study=study).values_list("origin", flat=True)) == {"model"}
    sign_in(context, reader.person, site.url)
    room = f"{site.url}/read/{study.slug}/"

    page.goto(room)
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Take part").click()
    page.get_by_role("spinbutton").fill("4")
    page.get_by_role("button", name="Save and go on").click()

    _read_round(page, aided=False)
    assert Answer.objects.filter(reading__reader=reader).count() == CASES

    page.goto(room)
    expect(page).to_have_url(re.compile("/washout/$"))
    assert context.request.get(room + "washout/").status == 403

    _move_back(reader, days=13, hours=23)
    page.goto(room)
    expect(page).to_have_url(re.compile("/washout/$"))
    _move_back(reader, hours=2)
    before = _correct(study)
    page.goto(room)
    _read_round(page, aided=True)

    expect(page).to_have_url(re.compile("/end/$"))
    lock(study)
    after = _correct(study)
    assert after[2] != before[2]
    assert after[1] == before[1]
    _administrator_sees(site, browser, study, after)


def _read_round(page: Page, *, aided: bool) -> None:
    for number in range(1, CASES + 1):
        button = page.get_by_role("button", name=re.compile("Show case"))
        expect(button).to_contain_text(str(number))
        page.keyboard.press("Space")
        expect(page.get_by_role("img", name="Image of the skin").locator("img").first).to_be_visible()
        panel = page.get_by_role("region", name="AI")
        if aided:
            expect(panel).to_contain_text("%")
            page.keyboard.press("m")
        else:
            expect(panel).to_be_hidden()
        page.keyboard.press(str(1 + number % 2))
        page.keyboard.press("r")
        page.keyboard.press("Enter")
        if number < CASES:
            left = CASES - number
            expect(page.get_by_role("status")).to_contain_text(f"{left} case{'s' if left > 1 else ''} left")
    page.wait_for_url(re.compile("/(washout|end)/$"))


def _move_back(reader: Reader, **how_far: int) -> None:
    """As if this reader had read everything so far earlier."""
    moved = timedelta(**how_far)
    Reading.objects.filter(reader=reader, closed_at__isnull=False).update(closed_at=F("closed_at") - moved)


def _correct(study: Study) -> dict[int, int]:
    rows = report_for(study)["accuracy"]
    pooled = [row for row in rows if (row["reader"], row["group"], row["dataset"]) == ("all", "all", "all")]
    return {row["round"]: row["correct"] for row in pooled} | ({2: None} if len(pooled) == 1 else {})


def _administrator_sees(site, browser, study: Study, correct: dict[int, int]) -> None:
    administrator = person_for("administrator@example.org")
    grant(administrator, Role.Name.ADMINISTRATOR)
    context = browser.new_context()
    sign_in(context, administrator, site.url)
    page = context.new_page()
    page.goto(f"{site.url}/results/{study.slug}/")
    for number in correct.values():
        expect(page.get_by_role("main")).to_contain_text(f"{100 * number / CASES:.1f}")
