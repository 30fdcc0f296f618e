"""Ways in which a reader could learn what must stay hidden; each with a planted leak that the same check finds."""

import io
import re
from collections import Counter
from random import Random

import pytest
from django.utils import timezone
from PIL import Image as Picture

from readerstudy.models import Case, Dataset, FrozenAid, Reading
from readerstudy.protocol import plan
from readerstudy.readingroom import serializers, views
from readerstudy.selectors import reader as selectors
from readerstudy.services import next_step
from readerstudy.services import reading as reading_service
from readerstudy.truth.models import ReferenceStandard
from tests.blinding.crawl import Crawl, move_back
from tests.readerstudy.sample_study import live_study
from webapp.accounts import roles

pytestmark = pytest.mark.django_db(databases=["default", "truth"])

CASES = 5


@pytest.fixture
def study():
    """A live study whose hidden values are words that occur nowhere else."""
    study, _ = live_study(cases=CASES, practice=1, readers=3, slug="reader-study-one")
    for number, reference in enumerate(ReferenceStandard.objects.filter(study_id=study.id)):
        ReferenceStandard.objects.filter(pk=reference.pk).update(diagnosis=f"canarytruth{number}x")
    for number, dataset in enumerate(Dataset.objects.filter(study=study)):
        Dataset.objects.filter(pk=dataset.pk).update(name=f"canaryset{number}x")
    return study


@pytest.fixture
def crawl(study):
    return Crawl(study.readers.order_by("number")[0])


def hidden(study) -> list[str]:
    """What no reader may hear, in any phase."""
    cases = Case.objects.filter(study=study).select_related("image")
    return [
        *(f"canarytruth{n}x" for n in range(CASES)),
        *(f"canaryset{n}x" for n in range(2)),
        *(str(case.id) for case in cases),
        *(str(case.image_id) for case in cases),
        *(case.image.source_sha256 for case in cases),
        str(study.seed_sha256),
        "model_version", "simulated aid", "is_correct", "reference",
    ]  # fmt: skip


def everything(crawl) -> None:
    """All phases: before, practice, round 1, washout, round 2, end."""
    crawl.pages()
    crawl.read(CASES)
    crawl.pages()
    move_back(crawl.reader, 15)
    crawl.pages()
    crawl.read(CASES)
    crawl.pages()


def test_no_phase_tells_truth_data_set_case_or_source(study, crawl):
    everything(crawl)
    assert len(crawl.heard) > 60
    assert crawl.leaks(hidden(study)) == []


def test_planted_data_set_name_is_found(study, crawl, monkeypatch):
    honest = serializers.case_reply

    def leaking(slug, step):
        reply = honest(slug, step)
        reply["image"]["dataset"] = step.reading.case.dataset.name
        return reply

    monkeypatch.setattr("readerstudy.readingroom.serializers.case_reply", leaking)
    crawl.read(1)
    assert crawl.leaks(hidden(study))


def test_planted_truth_in_a_header_is_found(study, crawl, monkeypatch):
    def leaking(picture):
        response = views.HttpResponse(b"")
        response["X-Class"] = "canarytruth0x"
        return response

    monkeypatch.setattr(views, "deliver", leaking)
    crawl.read(1)
    assert crawl.leaks(hidden(study))


def ai_words(study) -> list[str]:
    return list(FrozenAid.objects.filter(case__study=study).values_list("description", flat=True)) + ["probability"]


def test_the_unaided_round_holds_no_ai_output(study, crawl):
    crawl.pages()
    crawl.read(CASES)
    crawl.pages()
    assert crawl.leaks(ai_words(study)) == []
    assert all(one.status == 404 for one in crawl.heard if "/mask/" in one.url)


def test_planted_ai_output_in_the_unaided_round_is_found(study, crawl, monkeypatch):
    monkeypatch.setattr("readerstudy.models.Round.aided", True)
    crawl.read(1)
    assert crawl.leaks(ai_words(study))


def file_traces(heard) -> list[str]:
    """What an image response says besides its pixels."""
    traces = [name for name in ("ETag", "Last-Modified", "Expires") if f"'{name}'" in heard.headers]
    if "no-store" not in heard.headers:
        traces.append("may be stored")
    picture = Picture.open(io.BytesIO(heard.body))
    kept = set(picture.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}
    return traces + sorted(kept) + [str(tag) for tag in picture.getexif()]


def test_an_image_says_nothing_but_its_pixels(crawl):
    crawl.read(2)
    images = [one for one in crawl.heard if "/image/" in one.url]
    assert [file_traces(one) for one in images] == [[], []]


def test_planted_metadata_is_found(crawl, monkeypatch):
    def leaking(picture):
        file = io.BytesIO()
        exif = Picture.Exif()
        exif[270] = "melanoma"
        Picture.new("RGB", (9, 9)).save(file, "JPEG", exif=exif, comment=b"mel")
        return views.HttpResponse(file.getvalue(), headers={"ETag": '"1"', "Cache-Control": "no-store"})

    monkeypatch.setattr(views, "deliver", leaking)
    crawl.read(1)
    images = [one for one in crawl.heard if "/image/" in one.url]
    assert {"ETag", "comment", "exif", "270"} <= set(file_traces(images[0]))


OTHERS = ["/administration/", "/administration/{slug}/", "/administration/{slug}/cases/", "/results/{slug}/",
          "/results/{slug}/report.json", "/results/{slug}/readings.csv", "/models/", "/second-look/"]  # fmt: skip


def opened(crawl) -> list[str]:
    return [url for url in (o.format(slug=crawl.slug) for o in OTHERS) if crawl.get(url).status == 200]


def test_a_reader_opens_no_page_of_another_role(crawl):
    assert opened(crawl) == []


def test_planted_open_door_is_found(crawl, monkeypatch):
    monkeypatch.setattr(roles, "has_role", lambda person, role: True)
    assert opened(crawl)


def test_a_case_that_was_read_cannot_be_looked_at_again(crawl):
    (case,) = crawl.read(1)
    assert crawl.get(case["image"]["url"]).status == 404


def test_planted_replay_of_an_image_is_found(crawl, monkeypatch):
    monkeypatch.setattr(selectors, "OPEN", ("issued", "running", "answered"))
    (case,) = crawl.read(1)
    assert crawl.get(case["image"]["url"]).status == 200


def test_another_readers_image_is_not_there(study, crawl):
    other = Crawl(study.readers.order_by("number")[1])
    case = other.post("next")
    assert crawl.get(case["image"]["url"]).status == 404
    assert other.get(case["image"]["url"]).status == 200


def test_the_image_is_gone_when_its_time_is_over(crawl, monkeypatch):
    case = crawl.post("next")
    crawl.post(f"trial/{case['trial']}/start", {"lease": case["lease"]})
    Reading.objects.filter(pk=case["trial"]).update(started_at=timezone.now() - timezone.timedelta(seconds=60))
    assert crawl.get(case["image"]["url"]).status == 404


def orders(study) -> list[list]:
    rows = Reading.objects.filter(reader__study=study, is_practice=False).order_by("round__number", "position")
    by: dict = {}
    for row in rows:
        by.setdefault((row.reader_id, row.round_id), []).append(row.case_id)
    return list(by.values())


def test_the_order_differs_by_reader_and_round(study):
    all_orders = orders(study)
    assert len(all_orders) == 6
    assert len({tuple(order) for order in all_orders}) > 4


def test_planted_fixed_order_is_found(monkeypatch):
    monkeypatch.setattr(Random, "shuffle", lambda self, items: items.sort())
    monkeypatch.setattr(plan, "_order", lambda cases, rng, unlike: sorted(cases))
    study, _ = live_study(cases=CASES, readers=3)
    assert len({tuple(order) for order in orders(study)}) == 1


def public_ids(crawl) -> list[str]:
    first = crawl.read(CASES)
    move_back(crawl.reader, 15)
    return [case["trial"] for case in first + crawl.read(CASES)]


def test_ids_tell_neither_order_nor_case(crawl):
    ids = public_ids(crawl)
    assert len(set(ids)) == 2 * CASES  # another id for the same case in round 2
    assert all(one[14] == "4" for one in ids)  # random UUIDs, not of time
    assert ids != sorted(ids)


def test_an_outcome_tells_neither_right_nor_wrong(crawl):
    crawl.read(2)
    replies = [one for one in crawl.heard if one.url.endswith("/submit")]
    assert all(b'"feedback":null' in one.body for one in replies)
    assert len({len(one.body) for one in replies}) == 1


def test_planted_feedback_is_found(crawl, monkeypatch):
    honest = reading_service._closed

    def leaking(reading):
        closed = honest(reading)
        return reading_service.Closed(closed.outcome, closed.left, closed.practice, (True, "melanoma"))

    monkeypatch.setattr(reading_service, "_closed", leaking)
    crawl.read(1)
    assert not all(b'"feedback":null' in one.body for one in crawl.heard if one.url.endswith("/submit"))


def test_options_stand_in_one_order_whatever_the_truth(crawl):
    cases = crawl.read(CASES)
    lists = Counter(tuple(option["value"] for option in case["options"]) for case in cases)
    assert all(list(options) == sorted(options, key=str.lower) for options in lists)
    assert len(lists) == 2


@pytest.mark.parametrize("method", ["get", "options", "put", "delete"])
def test_the_api_answers_to_post_alone(crawl, method):
    response = getattr(crawl.client, method)(f"/read/{crawl.slug}/api/next")
    assert response.status_code == 405
    assert b"choice" not in response.content


def test_nothing_is_issued_by_looking(crawl):
    crawl.pages()
    assert not Reading.objects.filter(state="issued").exists()


def test_planted_issue_on_a_page_view_is_found(crawl, monkeypatch):
    def eager(reader, now):
        next_step.next_step(slug=reader.study.slug, person_id=reader.person_id, now=now)

    monkeypatch.setattr(views, "where_is", eager)
    crawl.pages()
    assert Reading.objects.filter(state="issued").exists()


def test_a_stranger_cannot_tell_a_study_from_none(study, crawl, django_user_model):
    stranger = django_user_model.objects.create(email="stranger@example.org")
    crawl.client.force_login(stranger)
    real, none = (crawl.get(f"/read/{slug}/") for slug in (study.slug, "no-such-study"))
    assert (real.status, none.status) == (404, 404)
    assert _page(real, study.slug) == _page(none, "no-such-study")


def _page(heard, slug: str) -> bytes:
    """The body without what differs by itself: the address asked for and the form token."""
    return re.sub(rb'value="\w{64}"', b"", heard.body.replace(slug.encode(), b""))
