"""The broker only rings: while it is gone readers go on, predictions wait as rows, and the page says so."""

import pytest
from django.test import Client

from readerstudy.models import Answer
from readerstudy.services.aid import request_aid
from readerstudy.services.study import create_study
from tests.blinding.crawl import Crawl
from tests.readerstudy.sample_study import CLASSES, NOON, live_study, noise_image
from webapp.accounts.models import Role
from webapp.accounts.services import grant, person_for
from webapp.inference.models import ModelVersion
from webapp.work.models import Work

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "truth"])


def draft_with_one_case():
    study = create_study(title="Waiting", preset="dermino-two-round", seed=1, by=None, at=NOON)
    dataset = study.datasets.create(name="tumours", classes=CLASSES["tumours"])
    study.cases.create(dataset=dataset, image=noise_image(77))
    return study


def test_answers_go_on_predictions_wait_and_the_page_says_so(broker):
    broker.stop()
    _, (reader,) = live_study(cases=2)
    Crawl(reader).read(2)
    assert Answer.objects.count() == 2

    study = draft_with_one_case()
    card = {"datasets": CLASSES}
    model = ModelVersion.objects.create(name="m", sha256="a" * 64, folder="none", card=card, registered_at=NOON)
    assert request_aid(study_id=study.id, model=model, by=None, at=NOON) == 1
    assert list(Work.objects.values_list("state", flat=True)) == [Work.State.QUEUED]

    person = person_for("administrator@example.org")
    grant(person, Role.Name.ADMINISTRATOR)
    browser = Client()
    browser.force_login(person)
    page = browser.get(f"/administration/{study.slug}/ai/").content.decode()
    assert "The worker cannot be reached. 1 image waits; nothing is lost" in page
