"""The pages around the plan: team, truth, exclusions, a reader's exceptions, amendments, lock."""

import pytest
from django.test import Client
from django.urls import reverse

from readerstudy.models import Exclusion, FrozenAid, StudyRole, Unblinding
from readerstudy.services.study import close_study, edit_design
from readerstudy.services.study_role import grant_study_role
from readerstudy.truth.altered_sets import altered_cases
from readerstudy.truth.services import diagnoses, reference_of, versions
from tests.readerstudy.sample_study import CLASSES, NOON, draft_study, live_study
from tests.readerstudy.signers import PASSWORD, signer
from webapp.accounts.services import person_for
from webapp.audit.models import Event

pytestmark = pytest.mark.django_db(databases=["default", "truth"])


@pytest.fixture
def chief() -> Client:
    """The browser of an administrator who can sign."""
    client = Client()
    client.force_login(signer())
    return client


def page(name: str, study, *args: object) -> str:
    return reverse(f"administration:{name}", args=[study.slug, *args])


def member(study, role: str) -> Client:
    grant_study_role(study_id=study.id, email="m@example.org", role=role, by=signer(), password=PASSWORD, at=NOON)
    client = Client()
    client.force_login(person_for("m@example.org"))
    return client


def test_a_closed_study_is_locked_with_the_password_and_shows_hash_and_seed(chief: Client):
    study, _readers = live_study(cases=2, seed=93_571_284)  # long: no token of the page holds it by chance
    assert "Not closed yet" in chief.get(page("lock", study)).content.decode()
    close_study(study_id=study.id, by=None, at=NOON)
    assert str(study.seed) not in chief.get(page("lock", study)).content.decode()
    wrong = chief.post(page("lock", study), {"password": "wrong"})
    assert (wrong.status_code, "The signing password is wrong" in wrong.content.decode()) == (409, True)
    assert chief.post(page("lock", study), {"password": PASSWORD}).status_code == 302
    shown = chief.get(page("lock", study)).content.decode()
    assert study.seed_sha256 in shown and f"<code>{study.seed}</code>" in shown
    assert "give the hash that was signed" in shown


def test_an_unblinding_is_signed_and_listed(chief: Client):
    study, _readers = live_study(cases=2)
    sent = {"kind": "accidental", "reason": "A mail with a table", "password": PASSWORD}
    assert chief.post(page("unblind", study), sent).status_code == 302
    assert "A mail with a table" in chief.get(page("lock", study)).content.decode()
    assert chief.post(page("unblind", study), {**sent, "password": "wrong"}).status_code == 409
    assert Unblinding.objects.count() == 1


def test_a_role_is_given_and_ended_on_the_team_page(chief: Client):
    study = draft_study(cases=1)
    sent = {"email": "m@example.org", "role": "monitor", "password": PASSWORD}
    assert chief.post(page("team", study), sent).status_code == 302
    role = StudyRole.objects.get()
    assert "m@example.org" in chief.get(page("team", study)).content.decode()
    assert chief.post(page("end-role", study, role.pk), {"password": "wrong"}).status_code == 409
    assert chief.post(page("end-role", study, role.pk), {"password": PASSWORD}).status_code == 302
    role.refresh_from_db()
    assert role.ended_at is not None


@pytest.mark.parametrize("place", ["study", "monitor", "exclusions", "lock", "team"])
def test_a_monitor_looks_and_does_not_act(place: str):
    study, [reader] = live_study(cases=2)
    monitor = member(study, "monitor")
    assert monitor.get(page(place, study)).status_code == 200
    assert monitor.get(page("truth", study)).status_code == 403
    for act, args in (("close", ()), ("lock", ()), ("withdraw", (reader.pk,)), ("exclusions", ()), ("team", ())):
        assert monitor.post(page(act, study, *args)).status_code == 403, act


def test_a_member_of_one_study_learns_nothing_of_another(chief: Client):
    study, other = draft_study(cases=1), draft_study(cases=1, seed=8)
    monitor = member(study, "monitor")
    hidden, absent = monitor.get(page("study", other)), monitor.get("/administration/nowhere/")
    assert (hidden.status_code, absent.status_code) == (403, 403)
    assert hidden.content == absent.content or other.title not in hidden.content.decode()
    home = monitor.get(reverse("administration:home")).content.decode()
    assert page("study", study) in home and page("study", other) not in home


def test_truth_is_for_its_manager_and_who_opens_it_is_on_record():
    study = draft_study(cases=3)
    manager = member(study, "truth_manager")
    shown = manager.get(page("truth", study)).content.decode()
    assert all(name in shown for name in set(diagnoses(study.id).values()))
    assert Event.objects.filter(kind="truth.seen", by=str(person_for("m@example.org").pk)).count() == 1
    statistician = draft_study(cases=1, seed=8)
    assert member(statistician, "statistician_blinded").get(page("truth", statistician)).status_code == 403


def test_a_correction_is_a_new_version_and_its_event_does_not_tell_the_truth():
    study = draft_study(cases=1)
    manager, case = member(study, "truth_manager"), study.cases.get()
    sent = {"act": "edit", "diagnosis": "melanoma", "source": "panel", "panel_agreed": 2, "panel_of": 3}
    address = page("truth-case", study, case.pk)
    assert manager.post(address, sent).status_code == 422, "a reason is needed"
    assert manager.post(address, {**sent, "reason": "Report", "panel_agreed": 4}).status_code == 409
    assert manager.post(address, {**sent, "reason": "Report"}).status_code == 302
    assert (reference_of(case.pk).diagnosis, len(versions(study.id)[case.pk])) == ("melanoma", 2)
    event = Event.objects.get(kind="truth.changed")
    assert "melanoma" not in event.content and str(case.pk) in event.content


def test_opinions_settle_a_case_on_the_truth_page():
    study = draft_study(cases=1)
    manager, case = member(study, "truth_manager"), study.cases.get()
    assert manager.post(page("truth-case", study, case.pk), {"act": "opinion", "opinion": "nevus"}).status_code == 302
    assert manager.post(page("truth-panel", study), {"k": 1}).status_code == 302
    assert (reference_of(case.pk).diagnosis, reference_of(case.pk).source) == ("nevus", "panel")


def test_an_exclusion_is_recorded_by_pseudonym_or_id(chief: Client):
    study, [reader] = live_study(cases=2)
    sent = {"kind": "reader", "target": "r01", "decision": "excluded", "reason": "Not a dermatologist"}
    assert chief.post(page("exclusions", study), sent).status_code == 302
    assert chief.post(page("exclusions", study), {**sent, "target": "r09"}).status_code == 422
    assert chief.post(page("exclusions", study), {**sent, "kind": "case", "target": "x"}).status_code == 422
    assert Exclusion.objects.get().reader == reader
    assert "Not a dermatologist" in chief.get(page("exclusions", study)).content.decode()


def test_a_reader_is_withdrawn_and_another_waits_less(chief: Client):
    study, [gone, early] = live_study(cases=2, readers=2)
    assert chief.post(page("withdraw", study, gone.pk), {"reason": "Left"}).status_code == 302
    shown = chief.get(page("readers", study)).content.decode()
    assert gone.person.email not in shown and early.person.email in shown
    sent = {"round_number": 2, "washout_days": 5, "reason": "Conference"}
    assert chief.post(page("washout", study, early.pk), {**sent, "washout_days": -1}).status_code == 409
    assert chief.post(page("washout", study, early.pk), sent).status_code == 302
    assert "Conference" in chief.get(page("reader", study, early.pk)).content.decode()


def test_a_live_protocol_is_amended_by_what_was_touched(chief: Client):
    study, _readers = live_study(cases=2)
    form = chief.get(page("amend", study)).context["form"]
    sent = {name: form.get_initial_for_field(field, name) or "" for name, field in form.fields.items()}
    sent["reason"] = "Committee"
    assert chief.post(page("amend", study), sent).status_code == 409, "nothing was touched"
    assert chief.post(page("amend", study), {**sent, "after_days": "3, 7", "title": "New"}).status_code == 302
    study.refresh_from_db()
    assert (study.title, study.design.reminders.after_days) == ("New", (3.0, 7.0))
    assert Event.objects.get(kind="study.amended").data["changed"] == ["reminders", "title"]
    assert chief.post(page("amend", study), {**sent, "after_days": "three"}).status_code == 422


def test_a_reader_leaves_by_one_button():
    study, [reader] = live_study(cases=2)
    browser = Client()
    browser.force_login(reader.person)
    address = reverse("readingroom:withdraw", args=[study.slug])
    assert address in browser.get(reverse("readingroom:home")).content.decode()
    assert browser.get(address).status_code == 200
    assert browser.post(address, {"reason": ""}).status_code == 302
    reader.refresh_from_db()
    assert reader.withdrawn_at is not None


@pytest.mark.parametrize("place", ["monitor", "exclusions", "lock", "team", "readers", "amend", "close"])
def test_no_page_before_the_lock_knows_truth_or_a_result(place: str, chief: Client):
    study, [reader] = live_study(cases=3)
    shown = chief.get(page(place, study)).content.decode().lower()
    assert not [name for names in CLASSES.values() for name in names if name in shown]
    assert "accuracy of" not in shown and "correct" not in shown


def test_a_false_set_is_made_once_and_only_the_truth_knows_what_is_false_in_it():
    study = draft_study(cases=12)
    values = study.design.as_dict() | {
        "altered": [{"name": "set-b", "kind": "false", "share": 0.25}],
        "modalities": [{"name": "unaided"}, {"name": "aided", "shows": ["ranked"], "source": "set-b"}],
        "debriefing": "A quarter of the AI output was wrong on purpose.",
    }
    edit_design(study_id=study.id, values=values, by=None, at=NOON)
    manager = member(study, "truth_manager")
    assert "set-b" in manager.get(page("truth", study)).content.decode()
    assert manager.post(page("altered", study)).status_code == 302
    made = FrozenAid.objects.filter(case__study=study, source="set-b")
    flags = {case for source, case in altered_cases(study.id) if source == "set-b"}
    truth = diagnoses(study.id)
    assert (made.count(), len(flags)) == (12, 3)
    assert {aid.case_id for aid in made if aid.answer != truth[aid.case_id]} == flags
    own = {aid.case_id: aid for aid in FrozenAid.objects.filter(case__study=study, source="ai")}
    assert all(set(aid.content) == set(own[aid.case_id].content) for aid in made)
    assert "set-b" not in str(Event.objects.filter(kind="truth.changed").values_list("content"))
    assert manager.post(page("altered", study)).status_code == 302
    assert made.count() == 12
