"""The results page in a real browser: drawn under the site's own content policy, in both themes, on paper."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from readerstudy.analytics.numbers import percent
from readerstudy.models import Study
from readerstudy.results.joined import report_for
from tests.browser.signed_in import sign_in
from tests.readerstudy.analytics.finished import finished_study
from webapp.accounts.models import Person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "truth"])]


@pytest.fixture
def study(administrator: Person) -> Study:
    return finished_study()


@pytest.fixture
def opened(live_server, browser: Browser, administrator: Person, study: Study):
    """Open the study's results; what the console complains about is collected in `page.complaints`."""

    def open_page(**options: object) -> Page:
        context = browser.new_context(**options)
        sign_in(context, administrator, live_server.url)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(f"{live_server.url}/results/{study.slug}/")
        expect(page.locator("[data-figure] .main-svg").first).to_be_visible()
        return page

    return open_page


def test_four_figures_are_drawn_and_the_content_policy_has_nothing_to_say(opened):
    page = opened()
    expect(page.locator("[data-figure].js-plotly-plot")).to_have_count(4)
    for figure in page.locator("[data-figure]").all():
        expect(figure).to_contain_text("Simulated readings")
    assert page.complaints == []


def test_the_ai_line_is_violet_in_both_themes_and_says_its_number(opened, study: Study):
    alone = percent(report_for(study)["ai_alone"][0]["accuracy"])
    for scheme in ("light", "dark"):
        page = opened(color_scheme=scheme)
        slopes = page.locator('[data-figure="slopes"]')
        expect(slopes).to_contain_text(f"AI alone {alone}")
        drawn = slopes.locator(".shapelayer path").evaluate_all(
            "lines => lines.map(one => getComputedStyle(one).stroke)"
        )
        red, green, blue = max(
            (tuple(map(int, re.findall(r"\d+", one)[:3])) for one in drawn), key=lambda c: c[2] - c[1]
        )
        assert blue > red > green, f"violet, not {red, green, blue}, in {scheme}"


def test_a_phone_scrolls_the_figure_and_not_the_page(opened):
    page = opened(viewport={"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_paper_shows_what_is_folded_away_on_the_screen(opened):
    page = opened()
    rate = page.get_by_text("Took the AI's answer after a different first answer")
    expect(rate).to_be_hidden()
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    expect(rate).to_be_visible()
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    expect(rate).to_be_hidden()


def test_a_table_under_a_figure_opens_by_keyboard(opened):
    page = opened()
    fold = page.locator("summary", has_text="Table: Each reader")
    fold.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("row", name=re.compile("^r01"))).to_be_visible()
