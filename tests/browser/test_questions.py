"""Every kind of question answered by keyboard, mouse or finger, as the server stores it."""

import re
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from readerstudy.models import Answer
from tests.browser.rooms import DIAGNOSES, designed_study, in_room, ready_reader
from tests.services import Site

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "truth"])

DIAGNOSIS = {"name": "diagnosis", "kind": "diagnosis", "text": "Which diagnosis?"}
MANAGEMENT = {"name": "management", "kind": "management", "text": "What next?", "options": ["dismiss", "excise"]}
SEVERAL = [
    DIAGNOSIS,
    {"name": "sure", "kind": "scale", "text": "How sure?", "low": 1, "high": 5},
    MANAGEMENT,
    {"name": "network", "kind": "yes_no", "text": "Network?"},
    {"name": "veil", "kind": "yes_no", "text": "Veil?"},
    {"name": "features", "kind": "checklist", "text": "Which features?", "options": ["dots", "globules", "streaks"]},
    {"name": "risk", "kind": "scale", "text": "How likely malignant?", "low": 0, "high": 100},
    {"name": "why", "kind": "text", "text": "Why?", "required": False},
]


def design(*questions: dict[str, Any]) -> dict[str, Any]:
    values = {"rounds": [{"modality": "unaided", "limit_s": 60}], "questions": list(questions)}
    asks = {one["kind"] for one in questions} & {"diagnosis", "ranked"}
    return values if asks else values | {"reference": False, "endpoint": "agreement"}


def room_with(site: Site, context: BrowserContext, *questions: dict[str, Any], **more: Any) -> Page:
    page = in_room(ready_reader(designed_study(design(*questions), **more)), context, site.url)
    show_case(page)
    return page


def show_case(page: Page) -> None:
    expect(page.get_by_role("button", name=re.compile("Show case"))).to_be_visible()
    page.keyboard.press("Space")
    expect(page.get_by_role("img", name="Image of the skin").locator("img").first).to_be_visible()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def stored(page: Page) -> dict[str, Any]:
    """What the server keeps of the answer that was just committed."""
    expect(page.get_by_role("status")).to_contain_text("left")
    return Answer.objects.get().values


def test_eight_questions_by_keyboard(site: Site, context: BrowserContext) -> None:
    page = room_with(site, context, *SEVERAL)
    press(page, "2", "4", "1", "y", "n", "1", "3", "ArrowDown", "7", "ArrowRight", "Enter", "Enter", "Enter")
    assert stored(page) == {
        "diagnosis": DIAGNOSES[1], "sure": 4, "management": "dismiss", "network": True, "veil": False,
        "features": ["dots", "streaks"], "risk": 71,
    }  # fmt: skip


def test_a_digit_goes_to_the_question_that_is_marked(site: Site, context: BrowserContext) -> None:
    page = room_with(site, context, DIAGNOSIS, MANAGEMENT, SEVERAL[1])
    press(page, "1", "2", "5", "ArrowUp", "ArrowUp", "3", "Enter")
    assert stored(page) == {"diagnosis": DIAGNOSES[2], "management": "excise", "sure": 5}


def test_commit_names_the_first_question_that_must_be_answered(site: Site, context: BrowserContext) -> None:
    page = room_with(site, context, DIAGNOSIS, MANAGEMENT)
    press(page, "1", "Enter")
    expect(page.get_by_role("alert")).to_have_text("Answer first: What next?")


@pytest.mark.parametrize("size", [(1440, 900), (820, 1180)], ids=["desk", "tablet"])
def test_many_questions_never_push_commit_off_the_screen(
    site: Site, context: BrowserContext, size: tuple[int, int]
) -> None:
    page = in_room(ready_reader(designed_study(design(*SEVERAL))), context, site.url)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    show_case(page)
    commit = page.locator("[data-part=commit]")
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    for _page in range(8):
        box = commit.bounding_box()
        assert box["y"] + box["height"] <= size[1]
        assert page.locator("[data-part=questions]").evaluate("it => it.scrollHeight <= it.clientHeight + 1")
        if page.locator("[data-part=next]:visible:enabled").count() == 0:
            break
        page.get_by_role("button", name="Next questions").click()


RANKED = {"name": "differential", "kind": "ranked", "text": "Which diagnoses?", "most": 3}


def test_a_differential_is_picked_in_order_and_corrected_by_mouse(site: Site, context: BrowserContext) -> None:
    page = room_with(site, context, RANKED)
    for name in (DIAGNOSES[2], DIAGNOSES[0], DIAGNOSES[1]):
        page.get_by_role("checkbox", name=re.compile(name)).click()
    page.get_by_role("button", name=f"Remove {DIAGNOSES[0]}").click()
    expect(page.get_by_role("checkbox", name=re.compile(DIAGNOSES[1]))).to_contain_text("2")
    page.get_by_role("button", name="Commit").click()
    assert stored(page) == {"differential": [DIAGNOSES[2], DIAGNOSES[1]]}


def test_a_free_differential_is_typed_with_completion_and_coded(site: Site, context: BrowserContext) -> None:
    free = RANKED | {"free": True, "synonyms": {"mm": "melanoma"}}
    page = room_with(site, context, free)
    page.keyboard.press("/")
    page.keyboard.type("nev")
    expect(page.get_by_role("option")).to_have_text(["nevus"])
    press(page, "Enter")
    page.keyboard.type("mm")
    press(page, "Enter", "Escape", "Enter")
    assert stored(page) == {"differential": ["nevus", "melanoma"]}


def test_a_long_list_is_searched(site: Site, context: BrowserContext) -> None:
    classes = [f"disease {letter}" for letter in "abcdefghijklmnopqrstuvwxyz"]
    page = room_with(site, context, DIAGNOSIS, classes=classes)
    page.keyboard.press("/")
    page.keyboard.type("ase q")
    press(page, "Enter", "Enter")
    assert stored(page) == {"diagnosis": "disease q"}


REGION = {"name": "where", "kind": "region", "text": "Where is it suspicious?"}


def test_a_region_is_drawn_with_a_pointer(site: Site, context: BrowserContext) -> None:
    page = room_with(site, context, REGION)
    page.get_by_role("switch", name=re.compile("Draw a rectangle")).click()
    picture = page.get_by_role("img", name="Image of the skin").locator("img").first.bounding_box()
    drawn = page.evaluate(
        """() => {
          const box = document.querySelector(".stage__drawing").getScreenCTM()
          const [, , width, height] = document.querySelector(".stage__drawing").getAttribute("viewBox").split(" ")
          return { x: box.e, y: box.f, width: box.a * width, height: box.d * height }
        }"""
    )
    assert drawn["width"] <= picture["width"] + 1
    page.mouse.move(drawn["x"] + drawn["width"] * 0.25, drawn["y"] + drawn["height"] * 0.5)
    page.mouse.down()
    page.mouse.move(drawn["x"] + drawn["width"] * 0.75, drawn["y"] + drawn["height"] * 0.9, steps=3)
    page.mouse.up()
    page.get_by_role("button", name="Commit").click()
    where = stored(page)["where"]
    assert where == pytest.approx({"left": 0.25, "top": 0.5, "right": 0.75, "bottom": 0.9}, abs=0.01)


def test_a_region_is_placed_with_the_keyboard_alone(site: Site, context: BrowserContext) -> None:
    page = room_with(site, context, REGION)
    press(page, "b", "ArrowLeft", "Shift+ArrowDown", "Enter")
    where = stored(page)["where"]
    assert where == pytest.approx({"left": 0.33, "top": 0.35, "right": 0.63, "bottom": 0.67})


def test_an_answer_by_finger(site: Site, browser: Any) -> None:
    context = browser.new_context(has_touch=True, viewport={"width": 820, "height": 1180})
    page = in_room(ready_reader(designed_study(design(DIAGNOSIS, SEVERAL[3], SEVERAL[6]))), context, site.url)
    page.get_by_role("button", name=re.compile("Show case")).tap()
    page.get_by_role("radio", name=re.compile(DIAGNOSES[0])).tap()
    page.get_by_role("radio", name=re.compile("Yes")).tap()
    page.get_by_role("slider", name="How likely malignant?").tap()
    page.get_by_role("button", name="Commit").tap()
    assert stored(page) == {"diagnosis": DIAGNOSES[0], "network": True, "risk": 50}
    context.close()
