"""What a demo site holds: a trained model, the replica, a study to take part in, three people."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from celery import current_app
from django.conf import settings
from django.core.management import call_command
from django.db import transaction

from readerstudy.demo.people import LIVE_SLUG, PARTS, enrol_demo_reader, person_of
from readerstudy.demo.replica import seed_replica
from readerstudy.exchange.cases import Choice, import_cases
from readerstudy.exchange.layout import Layout
from readerstudy.models import Study
from readerstudy.services.aid import freeze_aid, request_aid
from readerstudy.services.launch import launch_study
from readerstudy.services.study import create_study
from readerstudy.truth.services import truth_sha256
from webapp.accounts.services import sign_in_link
from webapp.inference.models import ModelVersion
from webapp.inference.services import promoted
from webapp.inference.synthetic import draw_cases, drawable
from webapp.work.models import Work
from webapp.work.services import perform

LIVE_CASES = 3  # of each diagnosis: 21 in all, about seven minutes a round at most
LIVE_SEED, PRACTICE_SEED = 12, 13  # training draws from 1,000,000 on: no image is both learnt from and read
CONFIG = Path("ml/configs/demo.toml")

Say = Callable[[str], None]


def seed_site(*, say: Say, at: datetime) -> None:
    """Make whatever is missing; what is there stays. Every step may be killed and run again."""
    for part in PARTS.values():
        person_of(part)
    model = promoted() or _train(say)
    seed_replica(_folder("replica"), say=say)
    _live_study(model, say=say, at=at)


def sign_in_links() -> dict[str, str]:
    """A fresh one-time link for each of the three people, by role."""
    return {
        role: sign_in_link(person_of(part), next=part.begins_at, valid_for=timedelta(days=7))
        for role, part in PARTS.items()
    }


def _train(say: Say) -> ModelVersion:
    say("Training a small DermINO on synthetic images (about two minutes on two recent cores)")
    config = settings.BASE_DIR / CONFIG
    call_command("train_dermino", config=config, output=_folder("model"), resume=True, promote=True)
    model = promoted()
    if model is None:
        raise RuntimeError("Training ended without a registered model. Its messages are above.")
    return model


def _live_study(model: ModelVersion, *, say: Say, at: datetime) -> Study:
    study = Study.objects.filter(slug=LIVE_SLUG).first()
    if study is None:
        study = _draft(at)
    if study.state != Study.State.DRAFT:
        return study
    say("Preparing the study that you can read (synthetic images, AI output of the trained model)")
    request_aid(study_id=study.id, model=model, by=None, at=at)
    current_app.loader.import_default_modules()  # this process is the worker now: it learns which work the rooms do
    for work_id in Work.objects.exclude(state=Work.State.DONE).values_list("pk", flat=True):
        perform(work_id, worker="seed")
    freeze_aid(study_id=study.id, by=None, at=at)
    with transaction.atomic():
        enrol_demo_reader(study, at=at)
        launch_study(study_id=study.id, by=None, at=at, truth_sha256=truth_sha256(study.id))
    return study


def _draft(at: datetime) -> Study:
    cases = {name: dict.fromkeys(diagnoses, LIVE_CASES) for name, diagnoses in drawable().items()}
    practice = {name: dict.fromkeys(diagnoses[:2], 1) for name, diagnoses in drawable().items()}
    with transaction.atomic():
        study = create_study(
            title="Try it: a small study of synthetic images",
            preset="dermino-assisted",
            seed=LIVE_SEED,
            by=person_of(PARTS["administrator"]),
            at=at,
            slug=LIVE_SLUG,
        )
        for counts, seed, choice in (
            (cases, LIVE_SEED, Choice()),
            (practice, PRACTICE_SEED, Choice(practice=True, classes=drawable())),
        ):
            table = draw_cases(_folder(f"cases-{seed}"), counts, seed=seed)
            import_cases(study, table, Layout(), choice, by=None, at=at)
    return study


def _folder(name: str) -> Path:
    return settings.VAR_DIR / "demo" / name
