"""What the clinician's pages do in a browser. The worker's part is played by rows; see test_second_look_worker.py."""

from io import BytesIO
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image as Picture
from playwright.sync_api import Page, expect

from tests.webapp.assistance.conftest import clinician, photograph
from webapp.assistance.models import SecondLook
from webapp.imagery.models import Image
from webapp.imagery.services import ingest
from webapp.inference.models import ModelVersion, Prediction
from webapp.work.models import Work

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ask_page(page: Page, live_server: object, model: ModelVersion) -> Page:
    client = Client()
    client.force_login(clinician("anna@example.org"))
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    page.faults = []
    page.on("console", lambda message: page.faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.goto(f"{live_server.url}/second-look/")
    return page


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "photograph.jpg"
    path.write_bytes(photograph(size=200))
    return path


def play_worker() -> None:
    look = SecondLook.objects.get()
    drawn = Picture.new("L", (200, 200), 0)
    drawn.paste(255, (50, 50, 150, 150))
    mask = BytesIO()
    drawn.save(mask, "PNG")
    said = Prediction.objects.create(
        model_version=look.model_version,
        image=look.image,
        dataset="tumours",
        ranked=[{"label": "melanoma", "probability": 0.7}, {"label": "nevus", "probability": 0.3}],
        mask=ingest(mask.getvalue(), kind=Image.Kind.MASK),
        made_at=timezone.now(),
    )
    SecondLook.objects.update(prediction=said, answered_at=timezone.now())


def test_from_upload_to_answer_to_deletion(ask_page: Page, file: Path) -> None:
    ask_page.get_by_label("Image").set_input_files(file)
    expect(ask_page.get_by_alt_text("The chosen image")).to_be_visible()
    ask_page.get_by_role("button", name="Ask the model").click()
    expect(ask_page.get_by_role("heading", name="The model is asked")).to_be_visible()
    Work.objects.update(state=Work.State.CLAIMED, claimed_at=timezone.now())
    expect(ask_page.get_by_text("Model: looking at the image")).to_be_visible()
    play_worker()
    expect(ask_page.get_by_role("heading", name="What the model says")).to_be_visible()
    expect(ask_page.get_by_text("No description: this model writes none.")).to_be_visible()
    button = ask_page.get_by_role("button", name="AI mask")
    expect(button).to_have_attribute("aria-pressed", "false")
    ask_page.keyboard.press("m")
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(ask_page.locator("canvas")).to_be_visible()
    button.click()
    expect(ask_page.locator("canvas")).to_be_hidden()
    ask_page.get_by_role("link", name="Delete").click()
    ask_page.get_by_role("button", name="Delete for good").click()
    expect(ask_page.get_by_role("status")).to_contain_text("Deleted.")
    assert not SecondLook.objects.exists() and not Image.objects.exists()
    assert ask_page.faults == []


def test_a_dropped_image_is_chosen(ask_page: Page, file: Path) -> None:
    handle = ask_page.evaluate_handle(
        """(bytes) => {
            const data = new DataTransfer()
            data.items.add(new File([new Uint8Array(bytes)], "dropped.jpg", {type: "image/jpeg"}))
            return data
        }""",
        list(file.read_bytes()),
    )
    ask_page.dispatch_event("[data-part=drop]", "drop", {"dataTransfer": handle})
    expect(ask_page.get_by_alt_text("The chosen image")).to_be_visible()


def test_a_pasted_image_is_chosen(ask_page: Page, file: Path) -> None:
    ask_page.evaluate(
        """(bytes) => {
            const data = new DataTransfer()
            data.items.add(new File([new Uint8Array(bytes)], "pasted.jpg", {type: "image/jpeg"}))
            document.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true}))
        }""",
        list(file.read_bytes()),
    )
    expect(ask_page.get_by_alt_text("The chosen image")).to_be_visible()


def test_a_file_that_is_too_large_is_said_before_it_is_sent(ask_page: Page, tmp_path: Path, settings: object) -> None:
    settings.IMAGERY_MAX_BYTES = 1024**2
    ask_page.reload()
    large = tmp_path / "large.jpg"
    large.write_bytes(bytes(2 * 1024**2))
    ask_page.get_by_label("Image").set_input_files(large)
    expect(ask_page.get_by_role("alert")).to_contain_text("larger than 1 MB")
    expect(ask_page.get_by_role("button", name="Ask the model")).to_be_disabled()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_stage_is_hueless_in_both_themes(ask_page: Page, file: Path, scheme: str) -> None:
    ask_page.emulate_media(color_scheme=scheme)
    ask_page.get_by_label("Image").set_input_files(file)
    ask_page.get_by_role("button", name="Ask the model").click()
    expect(ask_page.get_by_role("heading", name="The model is asked")).to_be_visible()
    colour = ask_page.evaluate("getComputedStyle(document.querySelector('[data-part=stage]')).backgroundColor")
    assert colour == "oklch(0.27 0 0)"
