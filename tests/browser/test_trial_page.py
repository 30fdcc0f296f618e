"""One case on screen: what a reader sees, presses and is told. The server's own rules are tested in their rooms."""

import json
import re
from collections.abc import Callable

import pytest
from django.test import Client
from playwright.sync_api import BrowserContext, Page, Route, expect

from readerstudy.models import Answer, Reader, Reading
from tests.readerstudy.sample_study import live_study
from tests.services import Site

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "truth"])

SIZES = [(1440, 900), (1024, 768), (820, 1180), (390, 844)]
BIG_ENOUGH = 44  # px, the smallest side of a target


@pytest.fixture
def reader(site: Site) -> Reader:
    _, (reader,) = live_study(cases=4)
    return reader


@pytest.fixture
def open_room(site: Site, context: BrowserContext) -> Callable[[Reader], Page]:
    """The room of a signed-in reader, in one more tab."""

    def open_page(reader: Reader) -> Page:
        client = Client()
        client.force_login(reader.person)
        context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site.url}])
        page = context.new_page()
        page.goto(f"{site.url}/read/{reader.study.slug}/")
        return page

    return open_page


@pytest.fixture
def room(reader: Reader, open_room: Callable[[Reader], Page]) -> Page:
    return open_room(reader)


def show_case(page: Page) -> None:
    expect(page.get_by_role("button", name=re.compile("Show case"))).to_be_visible()
    page.keyboard.press("Space")
    expect(page.get_by_role("img", name="Image of the skin").locator("img").first).to_be_visible()


def aided(reader: Reader) -> Reader:
    """The same reader in an aided round, without the washout."""
    reader.readings.update(modalities=["aided"])
    return reader


def test_an_answer_by_keyboard_is_saved(room: Page, reader: Reader) -> None:
    show_case(room)
    for key in ("1", "R", "Enter"):
        room.keyboard.press(key)
    expect(room.get_by_role("status")).to_have_text(re.compile(r"3 cases left"))
    answer = Answer.objects.get(reading__reader=reader)
    assert (answer.diagnosis, answer.confidence) == (answer.reading.classes[0], 0.75)


def test_four_cases_by_keyboard_end_in_the_break_between_rounds(room: Page) -> None:
    for _ in range(4):
        show_case(room)
        for key in ("2", "T", "Enter"):
            room.keyboard.press(key)
    expect(room.get_by_role("heading", name="Round 2 is not open yet")).to_be_visible()


def test_nothing_is_chosen_beforehand(room: Page) -> None:
    show_case(room)
    expect(room.get_by_role("radio", checked=True)).to_have_count(0)


def test_enter_without_a_choice_says_what_is_missing(room: Page) -> None:
    show_case(room)
    room.keyboard.press("Enter")
    expect(room.get_by_role("alert")).to_have_text("Answer first: Which diagnosis is most likely?")
    room.keyboard.press("1")
    room.keyboard.press("Enter")
    expect(room.get_by_role("alert")).to_have_text("Answer first: How sure are you?")


def test_the_clock_is_not_asked_to_start_before_the_image_is_here(
    reader: Reader, context: BrowserContext, open_room: Callable[[Reader], Page]
) -> None:
    held: list[Route] = []
    context.route("**/picture/**", lambda route: held.append(route))
    page = open_room(reader)
    expect(page.get_by_role("heading", name="One moment")).to_be_visible()
    page.keyboard.press("Space")
    assert not Reading.objects.filter(reader=reader, started_at__isnull=False).exists()
    held[0].continue_()
    expect(page.get_by_role("button", name=re.compile("Show case"))).to_be_visible()


def test_an_image_that_cannot_be_shown_three_times_is_told_as_a_technical_failure(
    reader: Reader, context: BrowserContext, open_room: Callable[[Reader], Page]
) -> None:
    asked: list[str] = []

    def broken(route: Route) -> None:
        asked.append(route.request.url)
        if asked.count(route.request.url) <= 3 and route.request.url == asked[0]:
            route.fulfill(body=b"not the image that was promised", content_type="image/png")
        else:
            route.continue_()

    context.route("**/picture/**", broken)
    page = open_room(reader)
    expect(page.get_by_role("button", name=re.compile("Show case"))).to_be_visible()
    assert asked.count(asked[0]) == 3
    assert Reading.objects.filter(reader=reader, technical_failures=1).count() == 1


def test_the_image_goes_and_the_draft_is_sent_when_the_time_is_over(
    reader: Reader, open_room: Callable[[Reader], Page]
) -> None:
    Reading.objects.filter(reader=reader).update(limit_ms=1200)
    page = open_room(reader)
    show_case(page)
    with page.expect_request("**/submit") as sent:
        page.keyboard.press("2")
    expect(page.get_by_role("img", name="Image of the skin")).to_be_hidden()
    body = json.loads(sent.value.post_data)
    assert (body["outcome"], body["rt_ms"]) == ("timed_out", None)
    assert body["values"]["diagnosis"]
    expect(page.get_by_role("status")).to_contain_text("Time was over")


def test_the_reaction_time_is_that_of_the_key_press(room: Page) -> None:
    show_case(room)
    room.keyboard.press("1")
    room.keyboard.press("Q")
    with room.expect_request("**/submit") as sent:
        before = room.evaluate("performance.now()")
        room.keyboard.press("Enter")
    body = json.loads(sent.value.post_data)
    assert body["measures"]["first_choice_rt_ms"] <= body["rt_ms"] <= before + 1000
    assert body["measures"]["input_type"] == "keyboard"


def test_an_answer_is_sent_again_with_the_same_key_until_it_is_settled(
    room: Page, reader: Reader, context: BrowserContext
) -> None:
    keys: list[str] = []

    def lost_twice(route: Route) -> None:
        keys.append(json.loads(route.request.post_data)["key"])
        route.abort() if len(keys) < 3 else route.continue_()

    context.route("**/submit", lost_twice)
    show_case(room)
    for key in ("1", "Q", "Enter"):
        room.keyboard.press(key)
    expect(room.get_by_role("status")).to_contain_text("3 cases left")
    assert len(keys) == 3 and len(set(keys)) == 1
    assert Answer.objects.filter(reading__reader=reader).count() == 1


def test_an_answer_that_could_not_be_sent_waits_on_the_device(
    room: Page, reader: Reader, context: BrowserContext, open_room: Callable[[Reader], Page]
) -> None:
    context.route("**/submit", lambda route: route.abort())
    show_case(room)
    for key in ("1", "Q", "Enter"):
        room.keyboard.press(key)
    expect(room.get_by_role("heading", name="Not saved yet")).to_be_visible()
    room.close()
    context.unroute_all()
    later = open_room(reader)
    expect(later.get_by_role("status")).to_contain_text("3 cases left")
    assert Answer.objects.filter(reading__reader=reader).count() == 1


def test_the_newest_window_wins_and_the_older_one_can_take_over(
    room: Page, reader: Reader, open_room: Callable[[Reader], Page]
) -> None:
    expect(room.get_by_role("button", name=re.compile("Show case"))).to_be_visible()
    newer = open_room(reader)
    expect(newer.get_by_role("button", name=re.compile("Show case"))).to_be_visible()
    room.bring_to_front()
    room.keyboard.press("Space")
    expect(room.get_by_role("heading", name="Continued in another window")).to_be_visible()
    room.get_by_role("button", name="Continue here").click()
    show_case(room)


def test_a_refresh_shows_the_same_case_at_once_with_the_time_that_is_left(room: Page, reader: Reader) -> None:
    show_case(room)
    room.reload()
    expect(room.get_by_role("img", name="Image of the skin").locator("img").first).to_be_visible()
    for key in ("1", "Q", "Enter"):
        room.keyboard.press(key)
    expect(room.get_by_role("status")).to_contain_text("3 cases left")
    assert Reading.objects.get(reader=reader, answers__isnull=False).reload_count == 1


def test_a_pause_asked_for_comes_after_the_answer(room: Page) -> None:
    show_case(room)
    room.get_by_role("button", name="Pause after this").click()
    for key in ("1", "Q", "Enter"):
        room.keyboard.press(key)
    expect(room.get_by_role("heading", name="Pause")).to_be_visible()
    room.keyboard.press("Space")
    expect(room.get_by_role("button", name=re.compile("Show case 2"))).to_be_visible()


def test_an_unaided_case_shows_nothing_of_an_ai(room: Page) -> None:
    show_case(room)
    expect(room.get_by_role("main")).not_to_contain_text(re.compile(r"\bAI\b"), use_inner_text=True)


def test_the_ai_comes_in_the_same_frame_as_the_image(reader: Reader, open_room: Callable[[Reader], Page]) -> None:
    page = open_room(aided(reader))
    expect(page.get_by_role("button", name=re.compile("Show case"))).to_be_visible()
    page.evaluate(
        """() => {
          window.seen = []
          const look = () => {
            const shown = (selector) => document.querySelector(selector)?.getClientRects().length > 0
            window.seen.push([shown(".stage__image"), shown(".ai")].join())
            requestAnimationFrame(look)
          }
          look()
        }"""
    )
    show_case(page)
    expect(page.get_by_label("AI", exact=True)).to_contain_text("80 %")
    assert set(page.evaluate("window.seen")) == {"false,false", "true,true"}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
def test_everything_is_on_one_screen_and_big_enough(
    reader: Reader, open_room: Callable[[Reader], Page], size: tuple[int, int]
) -> None:
    page = open_room(aided(reader))
    page.set_viewport_size({"width": size[0], "height": size[1]})
    show_case(page)
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    boxes = {button.inner_text().strip(): button.bounding_box() for button in page.get_by_role("button").all()} | {
        radio.inner_text().strip(): radio.bounding_box() for radio in page.get_by_role("radio").all()
    }
    for name, box in boxes.items():
        assert min(box["width"], box["height"]) >= BIG_ENOUGH, name
        assert box["y"] + box["height"] <= size[1] and box["x"] + box["width"] <= size[0], name


def test_zoom_stays_under_the_pointer_and_z_takes_it_back(room: Page) -> None:
    show_case(room)
    frame = room.get_by_role("img", name="Image of the skin").bounding_box()
    room.mouse.move(frame["x"] + 100, frame["y"] + 100)
    room.mouse.wheel(0, -400)
    expect(room.locator(".stage__scale")).not_to_have_text("1.0×")
    room.keyboard.press("z")
    expect(room.locator(".stage__scale")).to_have_text("1.0×")


def test_fingers_three_times_as_far_apart_make_the_image_three_times_as_large(room: Page) -> None:
    show_case(room)
    frame = room.get_by_role("img", name="Image of the skin").bounding_box()
    x, y = frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2
    fingers = room.context.new_cdp_session(room)

    def touch(kind: str, *distances: int) -> None:
        points = [{"x": x + side * distance, "y": y, "id": side + 1} for distance in distances for side in (-1, 1)]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 40)
    touch("touchMove", 80)
    touch("touchMove", 120)
    touch("touchEnd")
    expect(room.locator(".stage__scale")).to_have_text("3.0×")
    assert room.evaluate("[scrollX, scrollY, visualViewport.scale]") == [0, 0, 1]


def test_the_time_is_spoken_twice_at_most(reader: Reader, open_room: Callable[[Reader], Page]) -> None:
    Reading.objects.filter(reader=reader).update(limit_ms=6000)
    page = open_room(reader)
    show_case(page)
    voice = page.locator("[aria-live=polite]")
    page.evaluate(
        """() => {
          window.spoken = []
          const voice = document.querySelector("[aria-live=polite]")
          new MutationObserver(() => { if (voice.textContent) spoken.push(voice.textContent) })
            .observe(voice, { childList: true })
        }"""
    )
    expect(voice).to_have_text("5 seconds left")
    expect(page.get_by_role("status")).to_contain_text("Time was over", timeout=8000)
    assert page.evaluate("spoken") == ["5 seconds left"]


def test_a_lost_sign_in_keeps_the_answer_and_sends_it_afterwards(
    room: Page, reader: Reader, context: BrowserContext, open_room: Callable[[Reader], Page]
) -> None:
    show_case(room)
    context.clear_cookies()
    for key in ("1", "Q", "Enter"):
        room.keyboard.press(key)
    expect(room.get_by_role("heading", name="You are signed out")).to_be_visible()
    room.get_by_role("button", name="Sign in").click()
    expect(room).to_have_url(re.compile(r"/sign-in/\?next="))
    later = open_room(reader)
    expect(later.get_by_role("status")).to_contain_text("3 cases left")
    assert Answer.objects.filter(reading__reader=reader).count() == 1
