"""Stages, arms and altered AI output: what they are called, and which of them is meant, must reach no reader."""

from typing import Any

import pytest

from readerstudy.models import FrozenAid, Reading
from readerstudy.readingroom import serializers
from readerstudy.services.enrolment import enrol
from tests.blinding.crawl import Crawl
from tests.browser.rooms import designed_study
from tests.readerstudy.sample_study import NOON
from webapp.accounts.services import person_for

pytestmark = pytest.mark.django_db(databases=["default", "truth"])

CASES = 6
SHOWS = ["ranked", "malignancy", "caption", "mask", "similar", "crowd"]
DESIGN = {
    "rounds": [{"stages": [
        {"name": "canarypartone", "modality": "canarymodealone"},
        {"name": "canaryparttwo", "modality": "canarymodehonest", "own_answer": True},
    ]}],
    "modalities": [
        {"name": "canarymodealone"},
        {"name": "canarymodehonest", "shows": SHOWS},
        {"name": "canarymodefalse", "shows": SHOWS, "source": "canarysource"},
    ],
    "altered": [{"name": "canarysource", "kind": "false", "share": 1.0}],
    "arms": [{"name": "canaryarmone"}, {"name": "canaryarmtwo"}],
    "split": {"modalities": ["canarymodehonest", "canarymodefalse"]},
    "cases": {"repeats": 0.34, "repeat_gap": 1},
    "debriefing": "Some of the output was changed.",
}  # fmt: skip
NAMES = ["canary"]
SECRETS = ["occurrence", "counted", "is_attention", "session", "modalit", "source", "altered", "truth"]


@pytest.fixture
def study(db):
    return designed_study(DESIGN, cases=CASES)


@pytest.fixture
def crawl(study):
    reader = enrol(study, person_for("reader@example.org"), at=NOON)
    reader.consented_at = reader.profiled_at = reader.practised_at = NOON
    reader.save()
    return Crawl(reader)


def read_part(crawl: Crawl) -> dict[str, Any]:
    """One part of a case: what `next` said."""
    (case,) = crawl.read(1)
    return case


def read_all(crawl: Crawl) -> list[dict[str, Any]]:
    parts = Reading.objects.filter(reader=crawl.reader).count() * 2
    return [read_part(crawl) for _ in range(parts)]


def told(crawl: Crawl, words: list[str]) -> list[str]:
    """Where a word was heard in a reply of the API or in a header; pages may use them in sentences."""
    return [
        f"{word} in {one.url}" for one in crawl.heard for word in words
        if word in one.headers.lower() or ("/api/" in one.url and word.encode() in one.body.lower())
    ]  # fmt: skip


def test_no_name_of_arm_part_condition_or_source_is_heard(study, crawl):
    crawl.pages()
    read_all(crawl)
    crawl.pages()
    assert crawl.leaks(NAMES) == []
    assert told(crawl, SECRETS) == []


@pytest.mark.parametrize(
    "planted",
    [
        lambda reading: {"arm": reading.reader.arm.name},
        lambda reading: {"condition": reading.modality},
        lambda reading: {"made_by": reading.shown_modality.source if reading.shown_modality else ""},
        lambda reading: {"part": reading.stage_design.name},
        lambda reading: {"occurrence": reading.occurrence},
        lambda reading: {"counted": reading.counted},
    ],
)
def test_a_planted_name_or_flag_is_found(study, crawl, monkeypatch, planted):
    honest = serializers.case_reply

    def leaking(slug, step):
        reply = honest(slug, step)
        reply["clock"] |= planted(step.reading)
        return reply

    monkeypatch.setattr(serializers, "case_reply", leaking)
    for _ in range(4):
        read_part(crawl)
    assert crawl.leaks(NAMES) or told(crawl, SECRETS)


def shape(value: Any) -> Any:
    """A reply without its words and numbers: names in their order, and kinds. A list is as long as it is."""
    if isinstance(value, dict):
        return [(name, shape(one)) for name, one in value.items()]
    if isinstance(value, list):
        return [shape(one) for one in value]
    return type(value).__name__


def aided_shapes(parts: list[dict[str, Any]]) -> set[str]:
    """The shapes of all AI outputs that were shown. The crowd's names are words: only how many there are counts."""
    aids = [part["aid"] for part in parts if part["aid"]]
    return {repr(shape({**aid, "crowd": list(aid["crowd"])})) for aid in aids}


def header_names(crawl: Crawl) -> set[tuple[str, ...]]:
    """The sets of header names that pictures of AI output came with."""
    return {
        tuple(sorted(name for name in one.headers.split("'")[1::4]))
        for one in crawl.heard if one.status == 200 and ("/mask/" in one.url or "/similar/" in one.url)
    }  # fmt: skip


def test_false_output_has_the_shape_of_the_models_own(study, crawl):
    parts = read_all(crawl)
    met = {tuple(names) for names in Reading.objects.filter(reader=crawl.reader).values_list("modalities", flat=True)}
    assert len(met) == 2  # both kinds were read
    assert len(aided_shapes(parts)) == 1
    assert len(header_names(crawl)) == 1


def test_a_planted_difference_of_false_output_is_found(study, crawl, monkeypatch):
    honest = serializers.aid_reply

    def leaking(slug, reading, aid):
        reply = honest(slug, reading, aid)
        return reply if aid.source == "ai" else dict(reversed(reply.items()))

    monkeypatch.setattr(serializers, "aid_reply", leaking)
    assert len(aided_shapes(read_all(crawl))) == 2


def ai_bytes() -> list[str]:
    """Words that stand in AI output alone."""
    texts = FrozenAid.objects.values_list("description", flat=True)
    return [*(text.lower() for text in texts), "probability", "malignancy", "0.83", "crowd"]


def test_before_the_first_answer_is_committed_nothing_of_the_ai_is_sent(study, crawl):
    case = crawl.post("next")
    crawl.post(f"trial/{case['trial']}/start", {"lease": case["lease"]})
    address = case["images"][0]["url"]
    refused = [crawl.get(address.replace("/image/", f"/{part}/")).status for part in ("mask", "similar")]
    crawl.post(f"trial/{case['trial']}/aid", {"lease": case["lease"]})
    crawl.pages()
    assert told(crawl, ai_bytes()) == []
    assert refused == [404, 404]
    assert case["aid"] is None and case["aid_when"] is None


def test_planted_ai_output_before_the_first_answer_is_found(study, crawl, monkeypatch):
    monkeypatch.setattr(Reading, "modality", property(lambda reading: reading.modalities[-1]))
    crawl.post("next")
    assert told(crawl, ai_bytes())
