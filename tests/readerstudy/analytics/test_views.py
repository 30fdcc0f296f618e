"""Who sees results, when, and what the page and its files hold."""

import html
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from readerstudy.demo.replica import seed_replica
from readerstudy.models import Study
from readerstudy.results.joined import report_for, rows_for
from readerstudy.services.study import close_study
from readerstudy.services.unblinding import unblind
from readerstudy.table import parse_table
from tests.readerstudy.analytics.finished import finished_study
from tests.readerstudy.sample_study import NOON, draft_study, live_study
from tests.readerstudy.signers import PASSWORD, lock, signer
from webapp.accounts.services import grant, person_for

pytestmark = pytest.mark.django_db(databases=["default", "truth"])

PAGES = ("results", "report", "readings", "codebook")

# DermINO paper, Supplementary Table 2, and its text: what the replica's page must print
PUBLISHED = (
    *("67.82", "60.75", "82.31", "75.26", "72.64", "80.63", "84.66", "86.56", "80.77"),
    *("73.66", "69.89", "81.38", "90.87", "90.54", "91.53", "+17.21", "+20.65", "+10.14"),
    *("95.80", "96.25", "94.87"),
)


def address(name: str, study: Study) -> str:
    return reverse(f"analytics:{name}", args=[study.slug])


def locked_study(**options: object) -> Study:
    study, _readers = live_study(**options)
    return lock(study)


def words(response) -> str:
    """What the page says, without its markup."""
    text = re.sub(r"<script.*?</script>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", text)))


def test_the_replicas_page_prints_the_published_table_and_says_what_is_invented(tmp_path: Path, get: Callable):
    replica = seed_replica(tmp_path, say=print)
    said = words(get(address("results", replica)))
    assert [number for number in PUBLISHED if number not in said] == []
    assert "With AI, 23 readers were right in 90.9 % of readings, 17.2 points more than without" in said
    for key in ("readers", "round_2_by_group", "ai", "timing"):
        assert replica.results_notes[key] in said, key


def test_simulated_data_are_said_on_the_page_at_every_figure_and_in_every_file(get: Callable):
    study = finished_study()
    page = get(address("results", study)).content.decode()
    figures = re.findall(r"<figure.*?</figure>", page, flags=re.DOTALL)
    assert len(figures) == 4 and all('class="band"' in figure for figure in figures)
    assert page.index('class="band"') < page.index("<h1>"), "and above everything"
    for name in PAGES[1:]:
        assert "simulated" in get(address(name, study))["Content-Disposition"], name
    assert json.loads(get(address("report", study)).content)["simulated"] is True
    readings = b"".join(get(address("readings", study))).decode()
    assert all(line.endswith(",simulated") for line in readings.splitlines()[1:])
    table = get(reverse("analytics:table", args=[study.slug, "change"])).content.decode()
    assert all(line.endswith(",simulated") for line in table.splitlines()[1:])


def test_the_files_hold_the_report_and_the_rows(get: Callable):
    study = finished_study()
    content = json.loads(get(address("report", study)).content)
    del content["simulated"], content["results_notes"]
    assert content == json.loads(json.dumps(report_for(study)))
    read = parse_table(b"".join(get(address("readings", study))).decode())
    assert [row.key for row in read.rows] == [row.key for row in rows_for(study)]
    assert read.unknown_columns == ("readings_origin",)
    assert "| `ai_answer` |" in get(address("codebook", study)).content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_only_a_study_administrator_sees_results(page: str):
    study = locked_study(readers=1, cases=2)
    anonymous, reader, clinician = Client(), Client(), Client()
    reader.force_login(person_for("reader1@example.org"))
    doctor = person_for("clinician@example.org")
    grant(doctor, "clinician")
    clinician.force_login(doctor)
    assert anonymous.get(address(page, study)).status_code == 302
    assert reader.get(address(page, study)).status_code == 403
    assert clinician.get(address(page, study)).status_code == 403


@pytest.mark.parametrize("page", PAGES)
def test_results_of_a_study_that_runs_are_shut_and_say_when_they_open(page: str, get: Callable):
    study, _readers = live_study(readers=1, cases=2)
    response = get(address(page, study))
    assert response.status_code == 403
    assert "Results open when the readings are locked" in words(response)
    assert get(address(page, draft_study(cases=1, seed=9))).status_code == 403
    close_study(study_id=study.id, by=None, at=NOON)
    assert get(address(page, study)).status_code == 403, "a closed study is not locked yet"
    assert address("results", study) not in get(reverse("analytics:home")).content.decode()


def test_a_planned_unblinding_opens_the_results_to_its_signer_alone(get: Callable):
    study, _readers = live_study(readers=1, cases=2)
    browser, chief = Client(), signer("chief@example.org")
    unblind(study_id=study.id, by=chief, password=PASSWORD, reason="Safety board", kind="planned", at=NOON)
    browser.force_login(chief)
    assert browser.get(address("results", study)).status_code == 200
    assert get(address("results", study)).status_code == 403


def test_a_locked_study_without_an_answer_still_has_its_page(get: Callable):
    response = get(address("results", locked_study(readers=2, cases=2)))
    assert response.status_code == 200
    assert "No reading can be scored yet" in words(response)
    assert response["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("page", ["results", "report", "readings"])
def test_a_locked_study_without_readers_says_that_there_is_nothing_to_report(page: str, get: Callable):
    response = get(address(page, locked_study(readers=0, cases=2)))
    assert response.status_code == 404 and "No reading was made in this study" in words(response)


def test_the_list_names_open_studies_only(get: Callable):
    finished = locked_study(readers=1, cases=2)
    running, _readers = live_study(readers=1, cases=2, seed=8)
    listed = get(reverse("analytics:home")).content.decode()
    assert address("results", finished) in listed and address("results", running) not in listed


def test_a_table_that_does_not_exist_is_not_found(get: Callable):
    study = locked_study(readers=1, cases=2)
    assert get(reverse("analytics:table", args=[study.slug, "secrets"])).status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_pages_only_answer_to_reading(page: str, administrator):
    client = Client()
    client.force_login(administrator)
    assert client.post(address(page, locked_study(readers=1, cases=2))).status_code == 405
