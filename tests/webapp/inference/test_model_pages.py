"""The pages of engineers and administrators: what was measured, however modest."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from webapp.accounts.models import Role
from webapp.accounts.services import grant, person_for
from webapp.inference.models import ModelVersion

CARD = {
    "synthetic": True,
    "warnings": ["Trained and measured on synthetic images."],
    "datasets": {"tumours": ["melanoma", "nevus"]},
    "data": {"fit": 714, "held_out": 210},
    "parameters": {"encoder": 1_850_000},
    "losses": {"koleo": {"start": 0.3456, "end": 0.1234}},
    "figures": {
        "diagnosis": {
            "tumours": {
                "trained": {"images": 150, "linear": {"accuracy": 0.617, "macro_auroc": 0.8412},
                            "retrieval": {"accuracy": 0.58}},
                "untrained": {"images": 150, "linear": {"accuracy": 0.412, "macro_auroc": 0.7}},
                "colour_histogram": {"images": 150, "linear": {"accuracy": 0.391, "macro_auroc": 0.69}},
            }
        },
        "mask": {"dice": 0.88, "images": 150},
    },
    "files": {"model.safetensors": "c" * 64},
}  # fmt: skip


@pytest.fixture
def engineer(client: Client, db: None) -> Client:
    person = person_for("erik@example.org")
    grant(person, Role.Name.ENGINEER)
    client.force_login(person)
    return client


def model(card: dict[str, object], sha256: str = "c" * 64) -> ModelVersion:
    return ModelVersion.objects.create(name="DermINO demo", sha256=sha256, card=card, registered_at=timezone.now())


def test_a_site_without_models_says_how_to_get_one(engineer: Client) -> None:
    assert "train_dermino" in engineer.get(reverse("inference:home")).content.decode()


def test_the_page_states_the_model_beside_both_baselines(engineer: Client) -> None:
    page = engineer.get(reverse("inference:model", args=[model(CARD).pk])).content.decode()
    for words in ("61.7", "41.2", "39.1", "0.841", "Colour histogram", "The same encoder, untrained", "0.880",
                  "0.346", "0.123", "714", "synthetic images", "c" * 64):  # fmt: skip
        assert words in page
    assert "style=" not in page


def test_a_card_without_figures_still_has_a_page(engineer: Client) -> None:
    page = engineer.get(reverse("inference:model", args=[model({}).pk])).content.decode()
    assert "no measured figures" in page
    assert engineer.get(reverse("inference:home")).status_code == 200


def test_promoting_by_the_page_retires_the_one_before(engineer: Client) -> None:
    first, second = model(CARD), model(CARD, sha256="d" * 64)
    for one in (first, second):
        engineer.post(reverse("inference:promote", args=[one.pk]))
    states = dict(ModelVersion.objects.values_list("pk", "state"))
    assert states == {first.pk: "retired", second.pk: "promoted"}


def test_a_clinician_may_not_see_them(client: Client, db: None) -> None:
    person = person_for("anna@example.org")
    grant(person, Role.Name.CLINICIAN)
    client.force_login(person)
    assert client.get(reverse("inference:home")).status_code == 403
