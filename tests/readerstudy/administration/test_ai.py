"""AI output through the page: choose, run, wait, freeze."""

import pytest
from django.test import Client
from django.urls import reverse

from readerstudy.models import FrozenAid, Study
from readerstudy.services.study import create_study
from tests.readerstudy.sample_study import CLASSES, NOON, noise_image
from webapp.inference import services as inference
from webapp.inference.models import ModelVersion, Prediction
from webapp.work.models import Work

pytestmark = pytest.mark.django_db(databases=["default", "truth"])


@pytest.fixture
def study() -> Study:
    """A draft with three cases and no AI output."""
    study = create_study(title="Aided", preset="dermino-two-round", seed=1, by=None, at=NOON)
    dataset = study.datasets.create(name="tumours", classes=CLASSES["tumours"])
    for seed in range(3):
        study.cases.create(dataset=dataset, image=noise_image(seed))
    return study


def registered(*, datasets: list[str]) -> ModelVersion:
    card = {"datasets": {name: CLASSES.get(name, ["a", "b"]) for name in datasets}}
    return ModelVersion.objects.create(name="tiny", sha256="a" * 64, folder="nowhere", card=card, registered_at=NOON)


def address(study: Study, name: str = "ai") -> str:
    return reverse(f"administration:{name}", args=[study.slug])


def run(client: Client, study: Study, model: ModelVersion) -> tuple[int, str]:
    reply = client.post(address(study), {"act": "run", "model": str(model.pk)}, follow=True)
    return reply.status_code, reply.content.decode()


def predict_all(study: Study, model: ModelVersion) -> None:
    for case in study.cases.all():
        Prediction.objects.create(
            model_version=model, image_id=case.image_id, dataset="tumours", made_at=NOON,
            ranked=[{"label": "melanoma", "probability": 0.9}, {"label": "nevus", "probability": 0.1}],
        )  # fmt: skip


def test_without_a_model_the_page_says_how_to_get_one(administrator: Client, study: Study) -> None:
    assert "train_dermino" in administrator.get(address(study)).content.decode()


def test_running_a_model_queues_work_for_the_worker(
    administrator: Client, study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inference, "broker_answers", lambda: True)
    status, text = run(administrator, study, registered(datasets=["tumours"]))
    assert status == 200 and "3 images wait for the worker" in text
    assert Work.objects.filter(state=Work.State.QUEUED).exists()


def test_a_broker_that_is_down_is_said_and_the_work_waits(
    administrator: Client, study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inference, "broker_answers", lambda: False)
    _status, text = run(administrator, study, registered(datasets=["tumours"]))
    assert "The worker cannot be reached. 3 images wait" in text
    assert "The worker cannot be reached" in administrator.get(address(study, "ai-live")).content.decode()


def test_a_model_that_does_not_know_the_data_set_is_refused(administrator: Client, study: Study) -> None:
    status, text = run(administrator, study, registered(datasets=["scalp"]))
    assert status == 422 and "does not know the data set tumours" in text
    assert not Work.objects.exists()


def test_a_model_that_nobody_registered_is_refused(administrator: Client, study: Study) -> None:
    registered(datasets=["tumours"])
    reply = administrator.post(address(study), {"act": "run", "model": "no-such-model"})
    assert reply.status_code == 422


def test_failed_work_names_its_reason(administrator: Client, study: Study) -> None:
    run(administrator, study, registered(datasets=["tumours"]))
    Work.objects.update(state=Work.State.FAILED, error="The file of image 7 is gone.")
    text = administrator.get(address(study, "ai-live")).content.decode()
    assert "The file of image 7 is gone." in text and "Failed" in text


def test_output_is_frozen_once_every_case_has_its_own(administrator: Client, study: Study) -> None:
    model = registered(datasets=["tumours"])
    run(administrator, study, model)
    early = administrator.post(address(study), {"act": "freeze"})
    assert early.status_code == 409 and not FrozenAid.objects.exists()
    predict_all(study, model)
    assert "Freeze the output of 3 cases" in administrator.get(address(study, "ai-live")).content.decode()
    administrator.post(address(study), {"act": "freeze"})
    assert {aid.model_version_id for aid in FrozenAid.objects.all()} == {model.pk}
    assert FrozenAid.objects.count() == 3


def test_frozen_output_cannot_be_run_again(administrator: Client, study: Study) -> None:
    model = registered(datasets=["tumours"])
    run(administrator, study, model)
    predict_all(study, model)
    administrator.post(address(study), {"act": "freeze"})
    assert run(administrator, study, model)[0] == 409


def test_the_live_part_goes_on_only_while_something_waits(administrator: Client, study: Study) -> None:
    model = registered(datasets=["tumours"])
    run(administrator, study, model)
    assert "data-live-on" in administrator.get(address(study, "ai-live")).content.decode()
    predict_all(study, model)
    assert "data-live-on" not in administrator.get(address(study, "ai-live")).content.decode()
