"""What changes on an administrator's screen by itself, and that the pages fit their screens."""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from readerstudy.models import Study
from tests.browser.signed_in import sign_in
from tests.readerstudy.administration.test_monitor import read
from tests.readerstudy.sample_study import NOON, draft_study, live_study
from tests.services import Site
from webapp.accounts.services import grant, person_for

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "truth"])]


@pytest.fixture
def administrators_page(site: Site, context: BrowserContext, page: Page) -> Page:
    person = person_for("administrator@example.org")
    grant(person, "administrator")
    sign_in(context, person, site.url)
    return page


def address(site: Site, study: Study, place: str) -> str:
    return f"{site.url}/administration/{study.slug}/{place}"


def test_an_answer_appears_on_the_open_monitor(site: Site, administrators_page: Page) -> None:
    study, [reader] = live_study(cases=4)
    administrators_page.goto(address(site, study, "monitor/"))
    first_round = administrators_page.get_by_role("img", name="Round 1")
    expect(first_round).to_have_accessible_name("Round 1: 4 not read yet")
    read(study, reader, "aat", after=datetime.now(UTC) - NOON)
    expect(first_round).to_have_accessible_name("Round 1: 2 answered, 1 not read yet, 1 timed out", timeout=15_000)


def test_the_plan_follows_what_is_typed(site: Site, administrators_page: Page) -> None:
    administrators_page.goto(address(site, draft_study(cases=4), "design/"))
    administrators_page.get_by_role("group", name="round 1").get_by_label("Seconds").fill("45")
    plan = administrators_page.get_by_role("region", name="The plan of one reader")
    expect(plan).to_contain_text("45 s")
    expect(administrators_page.locator("[data-text]")).to_have_value(re.compile("limit_s = 45"))


def test_a_changed_text_changes_the_form_and_a_faulty_one_says_why(site: Site, administrators_page: Page) -> None:
    page = administrators_page
    page.goto(address(site, draft_study(cases=4), "design/"))
    page.get_by_text("The whole design as text").first.click()
    page.locator("[data-text]").fill('[[rounds]]\nmodality = "unaided"\nlimit_s = 33\n')
    expect(page.get_by_role("group", name="round 2")).to_have_count(0)
    page.locator("[data-text]").fill("[[rounds]]\nlimit_s = -1\n")
    expect(page.get_by_role("region", name="The plan of one reader")).to_contain_text("limit_s = -1")


def test_a_question_is_added_and_removed_with_buttons(site: Site, administrators_page: Page) -> None:
    page = administrators_page
    study = draft_study(cases=4)
    page.goto(address(site, study, "design/"))
    page.get_by_role("button", name="Add: question", exact=True).click()
    added = page.get_by_role("group", name="question 3")
    added.get_by_label("Name").fill("veil")
    added.get_by_label("Kind").select_option("yes_no")
    page.get_by_role("group", name="question 3").get_by_label("What the reader is asked").fill("A veil?")
    page.get_by_role("button", name="Remove: question 2").click()
    page.get_by_role("button", name="Save the design").click()
    expect(page.get_by_text("Design saved")).to_be_visible()
    study.refresh_from_db()
    assert [(one.name, str(one.kind)) for one in study.design.questions] == [
        ("diagnosis", "diagnosis"), ("veil", "yes_no"),
    ]  # fmt: skip


@pytest.mark.parametrize("width", [1440, 820, 390])
def test_no_page_is_wider_than_its_screen(site: Site, administrators_page: Page, width: int) -> None:
    study, [reader] = live_study(cases=4, practice=1)
    administrators_page.set_viewport_size({"width": width, "height": 900})
    for place in ("", "design/", "cases/", "ai/", "readers/", "launch/", "monitor/", "close/"):
        administrators_page.goto(address(site, study, place))
        assert administrators_page.evaluate("document.documentElement.scrollWidth <= innerWidth"), place


def test_the_pages_load_nothing_that_the_content_policy_forbids(site: Site, administrators_page: Page) -> None:
    study, _ = live_study(cases=4, practice=1)
    said: list[str] = []
    administrators_page.on("console", lambda message: said.append(message.text))
    administrators_page.on("pageerror", lambda error: said.append(str(error)))
    for place in ("", "design/", "cases/", "ai/", "readers/", "launch/", "monitor/", "close/"):
        administrators_page.goto(address(site, study, place))
    assert said == []
