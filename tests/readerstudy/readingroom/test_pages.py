"""The reader's pages between the cases: profile, screening, batches, debriefing."""

import json
from uuid import uuid4

import pytest
from django.test import Client

from readerstudy.models import Reader, Study
from readerstudy.services.study import edit_design
from tests.readerstudy.sample_study import NOON, draft_study, live_study

pytestmark = pytest.mark.django_db(databases=["default", "truth"])

ROUND = {"rounds": [{"modality": "unaided", "limit": "none"}]}


def designed(monkeypatch: pytest.MonkeyPatch, values: dict, **options: object) -> tuple[Study, Reader, Client]:
    """A live study of a design, its one reader, and the reader's browser."""
    made = draft_study

    def with_design(**more: object) -> Study:
        study = made(**more)
        edit_design(study_id=study.id, values=ROUND | values, by=None, at=NOON)
        study.refresh_from_db()
        return study

    monkeypatch.setattr("tests.readerstudy.sample_study.draft_study", with_design)
    study, [reader] = live_study(**options)
    client = Client()
    client.force_login(reader.person)
    return study, reader, client


def read(client: Client, study: Study, *, answer: str = "") -> str:
    """One case, answered; what comes after it."""

    def post(path: str, body: dict) -> dict:
        address = f"/read/{study.slug}/api/{path}"
        reply = client.post(address, json.dumps(body, default=str), content_type="application/json")
        return reply.json() if reply.content else {}

    case = post("next", {})
    lease = {"lease": case["lease"]}
    post(f"trial/{case['trial']}/start", lease)
    options = [one["value"] for one in case["questions"][0]["options"]]
    values = {"diagnosis": answer or options[0], "confidence": 0.5}
    sent = {**lease, "key": uuid4(), "outcome": "answered", "rt_ms": 900, "values": values}
    return post(f"trial/{case['trial']}/submit", sent)["next"]


def test_the_studys_own_questions_are_asked_and_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    profile = [{"name": "role", "text": "What is your role?", "options": ["resident", "other"]}]
    study, reader, client = designed(monkeypatch, {"profile": profile}, ready=False)
    client.post(f"/read/{study.slug}/consent/", {"agree": "yes"})
    assert client.post(f"/read/{study.slug}/profile/", {"experience_years": "3"}).status_code == 422
    client.post(f"/read/{study.slug}/profile/", {"experience_years": "3", "role": "resident"})
    reader.refresh_from_db()
    assert reader.profile["role"] == "resident"


def test_who_fails_the_screening_is_told_and_practises_again(monkeypatch: pytest.MonkeyPatch) -> None:
    study, reader, client = designed(monkeypatch, {"cases": {"screening": 1.0}}, practice=1)
    Reader.objects.filter(pk=reader.pk).update(practised_at=None)
    address = f"/read/{study.slug}/practice/"
    for answer, status in (("nevus", 422), ("melanoma", 302)):
        client.post(address, {"act": "start"})
        assert read(client, study, answer=answer) == "practice_done"
        reply = client.post(address, {"act": "finish"})
        assert reply.status_code == status
    shown = client.get(f"/read/{study.slug}/").content.decode()
    assert 'data-part="trial"' in shown


def test_a_second_batch_begins_when_the_reader_wants_it(monkeypatch: pytest.MonkeyPatch) -> None:
    study, reader, client = designed(monkeypatch, {"cases": {"per_reader": 1, "batches": 2}})
    assert read(client, study) == "round_done"
    assert "Begin the next batch" in client.get(f"/read/{study.slug}/", follow=True).content.decode()
    client.post(f"/read/{study.slug}/batch/")
    assert read(client, study) == "round_done"
    assert client.get(f"/read/{study.slug}/").url.endswith("/end/")


def test_the_debriefing_cannot_be_passed_by(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Some of the output was changed on purpose."
    study, reader, client = designed(monkeypatch, {"debriefing": text}, cases=2)
    for _ in range(2):
        read(client, study)
    for page in ("", "end/", "practice/", "debriefing/"):
        assert text in client.get(f"/read/{study.slug}/{page}", follow=True).content.decode() or page == "practice/"
    client.post(f"/read/{study.slug}/debriefing/")
    assert client.get(f"/read/{study.slug}/", follow=True).request["PATH_INFO"].endswith("/end/")
