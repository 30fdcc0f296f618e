"""The clinician's pages, without a worker: what is taken, what is refused, who sees it."""

import errno
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image as Picture

from tests.webapp.assistance.conftest import clinician, photograph
from webapp.accounts.models import Person
from webapp.assistance.models import SecondLook
from webapp.audit.models import Event
from webapp.imagery import guards
from webapp.imagery.models import Image
from webapp.imagery.services import ingest
from webapp.inference.models import ModelVersion, Prediction
from webapp.work.models import Work

HOME = reverse("assistance:home")


@pytest.fixture(autouse=True)
def _own_images(settings: object, tmp_path: Path) -> None:
    settings.IMAGERY_ROOT = tmp_path / "images"


def send(client: Client, data: bytes, **fields: str) -> object:
    return client.post(HOME, {"image": SimpleUploadedFile("Anna Mueller 1970.jpg", data), **fields})


@pytest.fixture
def look(as_anna: Client, model: ModelVersion) -> SecondLook:
    send(as_anna, photograph())
    return SecondLook.objects.get()


@pytest.fixture
def answered(look: SecondLook) -> SecondLook:
    file = BytesIO()
    Picture.new("L", (64, 64), 255).save(file, "PNG")
    said = Prediction.objects.create(
        model_version=look.model_version,
        image=look.image,
        dataset="tumours",
        ranked=[{"label": "melanoma", "probability": 0.9996}, {"label": "nevus", "probability": 0.0004}],
        caption="A dark patch with a veil.",
        mask=ingest(file.getvalue(), kind=Image.Kind.MASK),
        made_at=timezone.now(),
    )
    SecondLook.objects.filter(pk=look.pk).update(prediction=said, answered_at=timezone.now(), scope_probability=0.8)
    look.refresh_from_db()
    return look


def files() -> list[Path]:
    return [path for path in Path(settings.IMAGERY_ROOT).rglob("*") if path.is_file()]


def test_an_image_becomes_a_look_and_one_row_of_work(as_anna: Client, anna: Person, model: ModelVersion) -> None:
    reply = send(as_anna, photograph(), scope="scalp")
    look = SecondLook.objects.get()
    assert reply.url == reverse("assistance:look", args=[look.pk])
    assert (look.clinician, look.dataset, look.model_version) == (anna, "scalp", model)
    assert Work.objects.get().payload == {"look": str(look.pk)}
    assert Event.objects.get(kind="second_look.asked").about == look.pk


def test_the_waiting_page_says_each_step(as_anna: Client, look: SecondLook) -> None:
    page = as_anna.get(reverse("assistance:look", args=[look.pk])).content.decode()
    assert page.count('data-state="done"') == 3
    assert "waiting for the worker" in page
    steps = as_anna.get(reverse("assistance:status", args=[look.pk])).json()["steps"]
    assert [step["state"] for step in steps] == ["done", "done", "done", "now"]


def test_a_claimed_look_says_that_the_model_looks(as_anna: Client, look: SecondLook) -> None:
    Work.objects.update(state=Work.State.CLAIMED, claimed_at=timezone.now())
    status = as_anna.get(reverse("assistance:status", args=[look.pk])).json()
    assert status["steps"][-1]["label"] == "Model: looking at the image"


def test_a_broker_that_is_gone_is_said_and_nothing_is_lost(as_anna: Client, look: SecondLook) -> None:
    SecondLook.objects.update(kept_at=timezone.now() - timedelta(seconds=10))
    page = as_anna.get(reverse("assistance:look", args=[look.pk])).content.decode()
    assert "nothing is lost" in page
    assert Work.objects.get().state == Work.State.QUEUED


def test_failed_work_says_why_and_can_be_asked_again(as_anna: Client, look: SecondLook) -> None:
    Work.objects.update(state=Work.State.FAILED, error="ModelRefused: the weights were exchanged")
    page = as_anna.get(reverse("assistance:look", args=[look.pk])).content.decode()
    assert "the weights were exchanged" in page
    as_anna.post(reverse("assistance:again", args=[look.pk]))
    assert Work.objects.get().state == Work.State.QUEUED


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (photograph()[:500], "damaged or cut short"),
        (b"%PDF-1.4 not an image", "no JPEG, PNG"),
        (b"", "empty"),
    ],
)
def test_a_file_that_is_no_image_is_refused_in_words(
    as_anna: Client, model: ModelVersion, data: bytes, words: str
) -> None:
    reply = send(as_anna, data)
    assert reply.status_code == 422
    assert words in reply.content.decode()
    assert not SecondLook.objects.exists() and not Image.objects.exists() and not files()


def test_a_file_above_the_limit_is_refused_in_words(as_anna: Client, model: ModelVersion, settings: object) -> None:
    settings.IMAGERY_MAX_BYTES = 1000
    reply = send(as_anna, photograph())
    assert reply.status_code == 422
    assert "larger than" in reply.content.decode()


def test_a_body_far_above_the_limit_is_not_even_read(as_anna: Client, model: ModelVersion, settings: object) -> None:
    reply = as_anna.post(HOME, CONTENT_LENGTH=str(settings.IMAGERY_MAX_BYTES * 10))
    assert reply.status_code == 413
    assert "40 MB" in reply.content.decode()


def test_no_file_at_all_is_asked_for(as_anna: Client, model: ModelVersion) -> None:
    reply = as_anna.post(HOME, {})
    assert reply.status_code == 422
    assert "Choose an image first." in reply.content.decode()


def test_a_form_without_token_is_refused(model: ModelVersion, anna: Person) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(anna)
    assert send(strict, photograph()).status_code == 403


def test_a_full_disk_is_said_and_nothing_is_kept(
    as_anna: Client, model: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    reply = send(as_anna, photograph())
    assert reply.status_code == 507
    assert "disk is full" in reply.content.decode()
    assert not Image.objects.exists() and not files()


@pytest.fixture
def _guarded() -> Iterator[None]:
    def guard(fingerprint: bytes, by: Person) -> str:
        return "This image belongs to a running study."

    guards.register_guard(guard)
    yield
    guards._guards.remove(guard)


@pytest.mark.usefixtures("_guarded")
def test_an_image_that_a_guard_forbids_is_refused_calmly(as_anna: Client, model: ModelVersion) -> None:
    reply = send(as_anna, photograph())
    assert reply.status_code == 409
    assert "belongs to a running study" in reply.content.decode()
    assert not SecondLook.objects.exists() and not files()


def test_a_scope_that_the_model_does_not_know_is_refused(as_anna: Client, model: ModelVersion) -> None:
    assert send(as_anna, photograph(), scope="warts").status_code == 422
    assert not SecondLook.objects.exists()


def test_without_a_promoted_model_the_page_says_so(as_anna: Client) -> None:
    assert "No model is in use" in as_anna.get(HOME).content.decode()
    assert send(as_anna, photograph()).status_code == 409


@pytest.mark.parametrize("name", ["look", "status", "image", "mask", "delete"])
def test_to_another_clinician_a_look_does_not_exist(answered: SecondLook, client: Client, name: str) -> None:
    client.force_login(clinician("boris@example.org"))
    assert client.get(reverse(f"assistance:{name}", args=[answered.pk])).status_code == 404


@pytest.mark.parametrize("name", ["again", "delete"])
def test_another_clinician_cannot_change_a_look(answered: SecondLook, client: Client, name: str) -> None:
    client.force_login(clinician("boris@example.org"))
    assert client.post(reverse(f"assistance:{name}", args=[answered.pk])).status_code == 404
    assert SecondLook.objects.filter(pk=answered.pk).exists()


def test_who_is_no_clinician_is_refused(client: Client, db: None) -> None:
    from webapp.accounts.services import person_for

    client.force_login(person_for("carla@example.org"))
    assert client.get(HOME).status_code == 403


def test_the_answer_page_names_scope_model_and_use(as_anna: Client, answered: SecondLook) -> None:
    page = as_anna.get(reverse("assistance:look", args=[answered.pk])).content.decode()
    for words in ("tumours, chosen by the model (80 %)", "melanoma", "not to be missed", "99 %", "A dark patch",
                  "Research use only, not a diagnosis", "tiny, aaaaaaaa"):  # fmt: skip
        assert words in page
    assert "100 %" not in page
    assert "style=" not in page


def test_an_unlikely_best_answer_is_not_sure(as_anna: Client, answered: SecondLook) -> None:
    Prediction.objects.update(
        ranked=[{"label": "nevus", "probability": 0.4}, {"label": "melanoma", "probability": 0.3}]
    )
    page = as_anna.get(reverse("assistance:look", args=[answered.pk])).content.decode()
    assert "None of these / not sure" in page


def test_image_and_mask_are_delivered_under_no_telling_name(as_anna: Client, answered: SecondLook) -> None:
    for name in ("image", "mask"):
        reply = as_anna.get(reverse(f"assistance:{name}", args=[answered.pk]))
        assert reply.status_code == 200
        assert "Mueller" not in reply["Content-Disposition"]
        assert reply["Cache-Control"] == "private, no-store"


def test_delete_removes_row_image_mask_and_prediction(
    as_anna: Client, answered: SecondLook, django_capture_on_commit_callbacks: object
) -> None:
    assert len(files()) == 2
    with django_capture_on_commit_callbacks(execute=True):
        as_anna.post(reverse("assistance:delete", args=[answered.pk]))
    assert not SecondLook.objects.exists() and not Image.objects.exists() and not Prediction.objects.exists()
    assert files() == []


def test_delete_twice_is_a_404_not_an_error(as_anna: Client, answered: SecondLook) -> None:
    as_anna.post(reverse("assistance:delete", args=[answered.pk]))
    assert as_anna.post(reverse("assistance:delete", args=[answered.pk])).status_code == 404


def test_delete_keeps_an_image_that_a_colleague_sent_too(
    as_anna: Client, answered: SecondLook, django_capture_on_commit_callbacks: object
) -> None:
    boris = Client()
    boris.force_login(clinician("boris@example.org"))
    send(boris, photograph())
    with django_capture_on_commit_callbacks(execute=True):
        as_anna.post(reverse("assistance:delete", args=[answered.pk]))
    his = SecondLook.objects.get()
    assert boris.get(reverse("assistance:image", args=[his.pk])).status_code == 200


def test_an_unknown_look_is_a_404(as_anna: Client) -> None:
    assert as_anna.get(reverse("assistance:look", args=[uuid4()])).status_code == 404
