"""Ways in which a reader could learn what must stay hidden; each with a planted leak that the same check finds."""

import io
import re
from random import Random
from uuid import uuid1

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from PIL import Image as Picture

from readerstudy.models import Case, Dataset, FrozenAid, Reading
from readerstudy.protocol import plan
from readerstudy.readingroom import access, api, serializers, views
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
        reply["images"][0]["dataset"] = step.reading.case.dataset.name
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
    monkeypatch.setattr(Reading, "shown_modality", property(lambda reading: reading.design.modality("aided")))
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
          "/administration/{slug}/truth/", "/administration/{slug}/lock/", "/administration/{slug}/exclusions/",
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
    assert crawl.get(case["images"][0]["url"]).status == 404


def test_planted_replay_of_an_image_is_found(crawl, monkeypatch):
    monkeypatch.setattr(selectors, "OPEN", ("issued", "running", "answered"))
    (case,) = crawl.read(1)
    assert crawl.get(case["images"][0]["url"]).status == 200


def other_readers_image(study, crawl) -> int:
    """The status under which a reader gets an image that is open to another."""
    other = Crawl(study.readers.order_by("number")[1])
    case = other.post("next")
    assert other.get(case["images"][0]["url"]).status == 200
    return crawl.get(case["images"][0]["url"]).status


def test_another_readers_image_is_not_there(study, crawl):
    assert other_readers_image(study, crawl) == 404


def test_planted_image_for_everybody_is_found(study, crawl, monkeypatch):
    def careless(reader, reading_id, what, number, *, now):
        return Reading.objects.get(pk=reading_id).case.image

    monkeypatch.setattr(views, "open_picture", careless)
    assert other_readers_image(study, crawl) == 200


def image_after_the_time(crawl) -> int:
    """The status of an image whose clock ran out a while ago."""
    case = crawl.post("next")
    crawl.post(f"trial/{case['trial']}/start", {"lease": case["lease"]})
    Reading.objects.filter(pk=case["trial"]).update(started_at=timezone.now() - timezone.timedelta(seconds=60))
    return crawl.get(case["images"][0]["url"]).status


def test_the_image_is_gone_when_its_time_is_over(crawl):
    assert image_after_the_time(crawl) == 404


def test_planted_image_without_a_deadline_is_found(crawl, monkeypatch):
    monkeypatch.setattr(Reading, "deadline", timezone.now() + timezone.timedelta(days=1))
    assert image_after_the_time(crawl) == 200


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
    monkeypatch.setattr(plan, "_order", lambda cases, part_of, split, rng, unlike: sorted(cases))
    study, _ = live_study(cases=CASES, readers=3)
    assert len({tuple(order) for order in orders(study)}) == 1


def public_ids(crawl) -> list[str]:
    first = crawl.read(CASES)
    move_back(crawl.reader, 15)
    return [case["trial"] for case in first + crawl.read(CASES)]


def told_by(ids: list[str]) -> list[str]:
    """What a list of ids, in the order in which they were met, gives away."""
    told = [] if len(set(ids)) == len(ids) else ["the same case in another round"]
    if any(one[14] != "4" for one in ids):  # a UUID's version: 4 is random, 1 and 7 hold the time
        told.append("when it was made")
    return told + (["the order"] if ids == sorted(ids) else [])


def test_ids_tell_neither_order_nor_case(crawl):
    assert told_by(public_ids(crawl)) == []


def test_planted_ids_of_time_are_found(monkeypatch):
    monkeypatch.setattr("readerstudy.services.plan_rows.uuid4", uuid1)
    _, (reader,) = live_study(cases=CASES)
    assert "when it was made" in told_by(public_ids(Crawl(reader)))


def test_an_outcome_tells_neither_right_nor_wrong(crawl):
    crawl.read(2)
    replies = [one for one in crawl.heard if one.url.endswith("/submit")]
    assert all(b'"feedback":null' in one.body for one in replies)
    assert len({len(one.body) for one in replies}) == 1


def test_planted_feedback_is_found(crawl, monkeypatch):
    honest = reading_service._closed

    def leaking(reading):
        closed = honest(reading)
        return reading_service.Closed(closed.outcome, closed.left, closed.practice, feedback=(True, "melanoma"))

    monkeypatch.setattr(reading_service, "_closed", leaking)
    crawl.read(1)
    assert not all(b'"feedback":null' in one.body for one in crawl.heard if one.url.endswith("/submit"))


def in_one_order(crawl) -> bool:
    """Whether every case of a data set offers the same list, by the alphabet."""
    lists = {tuple(option["value"] for option in case["questions"][0]["options"]) for case in crawl.read(CASES)}
    return len(lists) == 2 and all(list(options) == sorted(options, key=str.lower) for options in lists)


def test_options_stand_in_one_order_whatever_the_truth(crawl):
    assert in_one_order(crawl)


def test_planted_order_by_prevalence_is_found(study, crawl):
    for dataset in Dataset.objects.filter(study=study):
        Dataset.objects.filter(pk=dataset.pk).update(classes=dataset.classes[::-1])
    assert not in_one_order(crawl)


METHODS = ("get", "options", "put", "delete")


def answered_methods(crawl) -> list[str]:
    """The methods beside POST that the API takes."""
    statuses = {name: getattr(crawl.client, name)(f"/read/{crawl.slug}/api/next").status_code for name in METHODS}
    return [name for name, status in statuses.items() if status != 405]


def test_the_api_answers_to_post_alone(crawl):
    assert answered_methods(crawl) == []


def test_planted_get_is_found(crawl, monkeypatch):
    monkeypatch.setattr(api.NextView, "get", api.NextView.post, raising=False)
    assert answered_methods(crawl) == ["get"]


def test_nothing_is_issued_by_looking(crawl):
    crawl.pages()
    assert not Reading.objects.filter(state="issued").exists()


def test_planted_issue_on_a_page_view_is_found(crawl, monkeypatch):
    def eager(reader, now):
        next_step.next_step(slug=reader.study.slug, person_id=reader.person_id, now=now)

    monkeypatch.setattr(views, "where_is", eager)
    crawl.pages()
    assert Reading.objects.filter(state="issued").exists()


def a_stranger_hears(study, crawl, people) -> tuple:
    """What somebody who takes no part gets for a study that exists, and for one that does not."""
    crawl.client.force_login(people.objects.create(email="stranger@example.org"))
    real, none = (crawl.get(f"/read/{slug}/") for slug in (study.slug, "no-such-study"))
    return (real.status, _page(real, study.slug)), (none.status, _page(none, "no-such-study"))


def test_a_stranger_cannot_tell_a_study_from_none(study, crawl, django_user_model):
    real, none = a_stranger_hears(study, crawl, django_user_model)
    assert real == none
    assert real[0] == 404


def test_planted_refusal_of_an_existing_study_is_found(study, crawl, django_user_model, monkeypatch):
    honest = access.reader_of

    def telling(slug, person_id):
        if slug == study.slug:
            raise PermissionDenied
        return honest(slug, person_id)

    monkeypatch.setattr(access, "reader_of", telling)
    real, none = a_stranger_hears(study, crawl, django_user_model)
    assert real != none


def _page(heard, slug: str) -> bytes:
    """The body without what differs by itself: the address asked for and the form token."""
    return re.sub(rb'value="\w{64}"', b"", heard.body.replace(slug.encode(), b""))
