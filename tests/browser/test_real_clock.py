"""No time is moved here: a reader does not answer, and the server's own clock ends the case. About 45 seconds."""

import json
import time
import urllib.request
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from playwright.sync_api import expect

from readerstudy.models import Answer, LateAnswer, Reading
from tests.browser.signed_in import sign_in
from tests.readerstudy.sample_study import live_study

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "truth"]), pytest.mark.slow]


def test_twenty_seconds_without_an_answer_end_as_time_out(site, page, context):
    _, (reader,) = live_study(cases=2)
    sign_in(context, reader.person, site.url)
    page.goto(f"{site.url}/read/{reader.study.slug}/")
    expect(page.get_by_role("button", name="Show case")).to_be_visible()
    page.keyboard.press("Space")
    expect(page.get_by_role("img", name="Image of the skin").locator("img").first).to_be_visible()
    page.keyboard.press("1")  # chosen, never committed
    expect(page.get_by_role("status")).to_contain_text("Time was over", timeout=24_000)
    reading = Reading.objects.get(reader=reader, state="timeout")
    shown_for = (reading.closed_at - reading.shown_at).total_seconds()
    assert 19.5 < shown_for < 21.5
    assert LateAnswer.objects.get(reading=reading).diagnosis == reading.classes[0]  # the draft, kept apart
    assert not Answer.objects.exists()


def test_a_post_after_the_grace_is_a_late_answer(site):
    if connection.vendor != "postgresql":
        pytest.skip("shown on the database that studies use: PostgreSQL")
    _, (reader,) = live_study(cases=2)
    browser = Client()
    browser.force_login(reader.person)
    http = _http(site.url, browser.cookies["sessionid"].value, f"/read/{reader.study.slug}/api/")
    case = http("next", {})
    lease = {"lease": case["lease"]}
    http(f"trial/{case['trial']}/start", lease)
    http(f"trial/{case['trial']}/shown", lease)
    time.sleep(20 + 1.5 + 0.3)  # the limit, the grace, and a little: this test is about the real clock
    answer = {
        **lease,
        "key": str(uuid4()),
        "outcome": "answered",
        "rt_ms": 100,
        "values": {"diagnosis": case["questions"][0]["options"][0]["value"], "confidence": 0.5},
    }
    assert http(f"trial/{case['trial']}/submit", answer)["outcome"] == "timeout"
    late = LateAnswer.objects.get(reading_id=case["trial"])
    assert 0 < late.late_by_ms < 2_000
    assert not Answer.objects.exists()


def _http(url: str, session: str, path: str):
    """POST to the running server with a session and a token, as the page's own script does."""
    token = "t" * 32

    def post(name: str, body: dict) -> dict:
        cookie = f"sessionid={session}; csrftoken={token}"
        headers = {"Content-Type": "application/json", "X-CSRFToken": token, "Cookie": cookie}
        request = urllib.request.Request(url + path + name, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=10) as response:
            text = response.read()
        return json.loads(text) if text else {}

    return post
