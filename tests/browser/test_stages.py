"""A reading of several parts, and AI output in every format and at every time, as a reader meets them."""

import re
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from readerstudy.models import AidShown, Answer, Reading
from tests.browser.rooms import DIAGNOSES, designed_study, in_room, ready_reader
from tests.browser.test_questions import DIAGNOSIS, MANAGEMENT, RANKED, press, show_case
from tests.services import Site

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "truth"])

CONFIDENCE = {"name": "confidence", "kind": "confidence", "text": "How sure are you?"}
ACTION = {"name": "act", "kind": "action", "text": "What do you do with the suggestion?"}


def design(*stages: dict[str, Any], shows: list[str], questions: Any = (DIAGNOSIS, CONFIDENCE), **modality: Any) -> Any:
    modalities = [{"name": "unaided"}, {"name": "aided", "shows": shows, **modality}]
    return {"rounds": [{"stages": list(stages)}], "modalities": modalities, "questions": list(questions)}


def shown(site: Site, context: BrowserContext, values: dict[str, Any]) -> Page:
    page = in_room(ready_reader(designed_study(values)), context, site.url)
    show_case(page)
    return page


def the_image(page: Page) -> Any:
    return page.get_by_role("img", name="Image of the skin").locator("img").first


def test_the_second_part_follows_at_once_with_the_ai_and_the_readers_own_answer(
    site: Site, context: BrowserContext
) -> None:
    second = {"modality": "aided", "own_answer": True}
    page = shown(site, context, design({"modality": "unaided"}, second, shows=["label"]))
    expect(page.get_by_role("region", name="AI")).to_be_hidden()
    press(page, "3", "t", "Enter")
    expect(page.get_by_role("region", name="AI")).to_be_visible()
    expect(page.locator(".panel__told")).to_have_text(
        f"The same case, now with the AI's suggestion. You answered: {DIAGNOSES[2]} · 100 per cent sure."
    )
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    press(page, "1", "q", "Enter")
    expect(page.get_by_role("status")).to_contain_text("1 case left")
    assert list(Answer.objects.order_by("stage").values_list("stage", "diagnosis", "confidence")) == [
        (1, DIAGNOSES[2], 1.0), (2, DIAGNOSES[0], 0.0),
    ]  # fmt: skip


def test_a_second_part_without_ai_says_nothing_of_one(site: Site, context: BrowserContext) -> None:
    stages = [{"modality": "unaided"}, {"modality": "unaided", "own_answer": True}]
    page = shown(site, context, design(*stages, shows=["label"]))
    press(page, "2", "e", "Enter")
    expect(page.locator(".panel__told")).to_have_text(
        f"The same case, once more. You answered: {DIAGNOSES[1]} · 50 per cent sure."
    )
    expect(page.get_by_role("main")).not_to_contain_text(re.compile(r"\bAI\b"), use_inner_text=True)


def test_the_clock_of_each_part_is_its_own(site: Site, context: BrowserContext) -> None:
    stages = [{"modality": "unaided", "limit_s": 1.2}, {"modality": "aided", "limit_s": 30}]
    page = shown(site, context, design(*stages, shows=["label"]))
    expect(page.get_by_role("region", name="AI")).to_be_visible()
    reading = Reading.objects.get(state="running")
    assert (reading.stage, reading.limit_ms) == (2, 30_000)
    assert reading.passed_stages.get().state == "timeout"


def test_a_suggestion_is_kept_added_or_put_first(site: Site, context: BrowserContext) -> None:
    second = {"modality": "aided", "questions": ["act"], "own_answer": True}
    values = design({"modality": "unaided"}, second, shows=["ranked"], questions=(RANKED, ACTION))
    page = shown(site, context, values)
    press(page, "3", "2", "Enter")
    page.get_by_role("radio", name=re.compile("Put the suggestion first")).click()
    page.get_by_role("button", name="Commit").click()
    expect(page.get_by_role("status")).to_contain_text("1 case left")
    last = Answer.objects.get(stage=2)
    suggested = last.reading.case.aids.get().answer
    own = [one for one in (DIAGNOSES[2], DIAGNOSES[1]) if one != suggested]
    assert last.values == {"act": "replace", "differential": [suggested, *own]}


FORMATS = {
    "ranked": "72 %",
    "label": re.compile("|".join(DIAGNOSES), re.IGNORECASE),
    "malignancy": "Malignant83 %",
    "caption": "An asymmetric network with blue-grey veil.",
    "similar": "Similar cases and their diagnoses",
    "crowd": "What 33 other readers chose",
}
OTHERWISE = {name: text for name, text in FORMATS.items() if name not in ("ranked", "label")}


def test_each_format_stands_alone(site: Site, context: BrowserContext) -> None:
    modalities = [{"name": name, "shows": [name]} for name in FORMATS]
    stages = [{"modality": name, "questions": ["diagnosis"]} for name in FORMATS]
    values = {"rounds": [{"stages": stages}], "modalities": modalities, "questions": [DIAGNOSIS]}
    page = shown(site, context, values)
    panel = page.get_by_role("region", name="AI")
    for name, text in FORMATS.items():
        expect(panel).to_contain_text(text)
        for other in OTHERWISE.keys() - {name}:
            expect(panel).not_to_contain_text(OTHERWISE[other])
        if name == "similar":
            assert panel.locator("img").evaluate_all("all => all.map(one => one.naturalWidth > 0)") == [True] * 3
        press(page, "1", "Enter")


def test_a_mask_is_switched_on_and_off(site: Site, context: BrowserContext) -> None:
    page = shown(site, context, design({"modality": "aided"}, shows=["mask"]))
    mask = page.locator(".stage__mask")
    expect(mask).to_be_hidden()
    page.get_by_role("button", name="Mask").click()
    expect(mask).to_be_visible()
    page.keyboard.press("m")
    expect(mask).to_be_hidden()


def test_ai_on_request_comes_when_asked_for_and_the_asking_is_kept(site: Site, context: BrowserContext) -> None:
    page = shown(site, context, design({"modality": "aided"}, shows=["ranked", "similar"], timing="on_request"))
    panel = page.get_by_role("region", name="AI")
    expect(panel).not_to_contain_text("72 %")
    assert not AidShown.objects.exists()
    box = page.locator("[data-part=questions]").bounding_box()
    page.keyboard.press("i")
    expect(panel).to_contain_text("72 %")
    assert AidShown.objects.get().requested
    assert page.locator("[data-part=questions]").bounding_box() == box  # nothing moves while somebody reads


def test_delayed_ai_comes_by_itself(site: Site, context: BrowserContext) -> None:
    page = shown(site, context, design({"modality": "aided"}, shows=["label", "mask"], timing="delayed", delay_s=1))
    panel = page.get_by_role("region", name="AI")
    expect(panel).to_contain_text("in a moment")
    expect(panel).to_contain_text(FORMATS["label"])
    expect(page.get_by_role("button", name="Mask")).to_be_visible()


def test_images_and_clinical_data_of_a_case(site: Site, context: BrowserContext) -> None:
    stage = {"modality": "unaided", "evidence": ["images", "age", "history"]}
    page = shown(site, context, design(stage, shows=["label"]))
    expect(page.locator(".stage__clinical")).to_have_text("Age: 54 · History: grew over six months")
    first = the_image(page).get_attribute("src")
    page.keyboard.press("s")
    expect(the_image(page)).not_to_have_attribute("src", first)
    page.get_by_role("button", name=re.compile("Image 1")).click()
    expect(the_image(page)).to_have_attribute("src", first)


def test_an_image_that_a_later_part_shows_is_not_there_before(site: Site, context: BrowserContext) -> None:
    stages = [{"modality": "unaided"}, {"modality": "unaided", "evidence": ["images", "sex"]}]
    page = shown(site, context, design(*stages, shows=["label"]))
    expect(page.get_by_role("group", name="Images of this case")).to_be_hidden()
    press(page, "1", "q", "Enter")
    expect(page.get_by_role("button", name=re.compile("Close-up"))).to_be_visible()
    expect(page.locator(".stage__clinical")).to_have_text("Sex: female")


def test_a_soft_limit_is_told_and_reading_goes_on(site: Site, context: BrowserContext) -> None:
    page = shown(site, context, design({"modality": "unaided", "limit": "soft", "limit_s": 1}, shows=["label"]))
    expect(page.locator(".room__bar[data-over=true]")).to_be_attached()
    press(page, "1", "q", "Enter")
    expect(page.get_by_role("status")).to_contain_text("1 case left")
    assert Answer.objects.get().rt_ms > 1000


def test_a_hidden_clock_ends_the_time_unseen(site: Site, context: BrowserContext) -> None:
    page = shown(
        site, context, design({"modality": "unaided", "clock_visible": False, "limit_s": 1.5}, shows=["label"])
    )
    assert page.locator(".room__bar").evaluate("bar => bar.style.transform") in ("", "scaleX(0)")
    expect(page.get_by_role("status")).to_contain_text("Time was over")


def test_without_a_limit_no_time_is_shown_and_none_runs_out(site: Site, context: BrowserContext) -> None:
    values = design(
        {"modality": "unaided", "limit": "none", "limit_s": 1}, shows=["label"], questions=(DIAGNOSIS, MANAGEMENT)
    )
    page = shown(site, context, values)
    expect(page.locator(".room__bar")).to_have_css("transform", "matrix(0, 0, 0, 1, 0, 0)")
    page.wait_for_function("start => performance.now() - start > 1200", arg=page.evaluate("performance.now()"))
    press(page, "1", "2", "Enter")
    expect(page.get_by_role("status")).to_contain_text("1 case left")
