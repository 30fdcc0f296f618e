"""From a preset to the close, through the pages."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from readerstudy.models import Round, Study
from readerstudy.services.study import create_study
from tests.readerstudy.sample_study import NOON, draft_study, live_study
from webapp.accounts.models import SignInLink

pytestmark = pytest.mark.django_db(databases=["default", "truth"])


def page(name: str, study: Study) -> str:
    return reverse(f"administration:{name}", args=[study.slug])


def as_form(study: Study, *, rounds: list[tuple[str, str, str]], **changes: str) -> dict[str, str]:
    """The design form as a browser sends it."""
    values = {"question": "What is it?", "act": "save", "rounds-TOTAL_FORMS": str(len(rounds))}
    values |= {"rounds-INITIAL_FORMS": "0"}
    for index, (modality, limit_s, washout_days) in enumerate(rounds):
        values[f"rounds-{index}-modality"] = modality
        values[f"rounds-{index}-limit_s"] = limit_s
        values[f"rounds-{index}-washout_days"] = washout_days
    return values | changes


def test_a_study_is_made_from_the_published_preset(administrator: Client) -> None:
    reply = administrator.post(
        reverse("administration:create"), {"title": "Skin study", "preset": "dermino-two-round"}, follow=True
    )
    study = Study.objects.get()
    assert reply.redirect_chain[-1][0] == page("study", study)
    assert list(study.rounds.values_list("modality", "limit_ms", "washout_days")) == [
        ("unaided", 20_000, 0.0),
        ("aided", 20_000, 14.0),
    ]


def test_a_study_without_a_title_is_asked_for_one(administrator: Client) -> None:
    reply = administrator.post(reverse("administration:create"), {"preset": "dermino-two-round"})
    assert reply.status_code == 422
    assert not Study.objects.exists()


def test_the_design_of_a_draft_can_be_changed(administrator: Client) -> None:
    study = draft_study()
    rounds = [("unaided", "15", "0"), ("aided", "12.5", "7"), ("unaided", "30", "1")]
    reply = administrator.post(page("design", study), as_form(study, rounds=rounds, **{"draw-1": "2"}))
    assert reply.status_code == 302
    study.refresh_from_db()
    assert list(Round.objects.filter(study=study).values_list("modality", "limit_ms", "washout_days")) == [
        ("unaided", 15_000, 0.0),
        ("aided", 12_500, 7.0),
        ("unaided", 30_000, 1.0),
    ]
    assert (study.question, study.confidence, study.draw) == ("What is it?", False, {"tumours": 2})


def test_every_fault_of_a_design_is_named_and_nothing_is_saved(administrator: Client) -> None:
    study = draft_study()
    rounds = [("unaided", "0", "3"), ("aided", "9999", "-1")]
    reply = administrator.post(page("design", study), as_form(study, rounds=rounds))
    assert reply.status_code == 422
    text = reply.content.decode()
    for fault in ("Round 1: the limit", "Round 1 has a washout", "Round 2: the limit", "Round 2: the washout"):
        assert fault in text
    assert study.rounds.get(number=1).limit_ms == 20_000


def test_what_is_no_number_is_said_beside_its_field(administrator: Client) -> None:
    study = draft_study()
    reply = administrator.post(page("design", study), as_form(study, rounds=[("unaided", "soon", "0")]))
    assert reply.status_code == 422
    assert "Enter a number." in reply.content.decode()


@pytest.mark.parametrize(("act", "expected"), [("add", 3), ("remove", 1)])
def test_a_round_more_or_less_is_shown_and_not_yet_saved(administrator: Client, act: str, expected: int) -> None:
    study = draft_study()
    rounds = [("unaided", "11", "0"), ("aided", "12", "7")]
    reply = administrator.post(page("design", study), as_form(study, rounds=rounds, act=act))
    assert reply.content.decode().count("<legend>Round") == expected
    assert 'value="11"' in reply.content.decode()
    assert study.rounds.count() == 2


def test_a_typed_design_is_shown_as_a_plan_and_not_saved(administrator: Client) -> None:
    study = draft_study()
    rounds = [("unaided", "30", "0"), ("aided", "30", "0")]
    shown = administrator.post(page("design-preview", study), as_form(study, rounds=rounds)).content.decode()
    assert "6 cases, 30 s each" in shown
    assert "No washout before round 2" in shown
    assert study.rounds.get(number=1).limit_ms == 20_000


@pytest.mark.parametrize("limit_s", ["", "soon", "0"])
def test_the_plan_of_a_design_that_cannot_be_run_says_why(administrator: Client, limit_s: str) -> None:
    study = draft_study()
    shown = administrator.post(page("design-preview", study), as_form(study, rounds=[("unaided", limit_s, "0")]))
    assert shown.status_code == 200
    assert "message" in shown.content.decode() and "min at most" not in shown.content.decode()


def test_a_launched_design_is_read_only(administrator: Client) -> None:
    study, _ = live_study()
    shown = administrator.get(page("design", study)).content.decode()
    assert "disabled" in shown and "Save the design" not in shown
    reply = administrator.post(page("design", study), as_form(study, rounds=[("unaided", "5", "0")]))
    assert reply.status_code == 409
    assert study.rounds.count() == 2


def test_the_launch_names_what_is_missing_and_does_not_happen(administrator: Client) -> None:
    study = create_study(title="Empty", preset="dermino-two-round", seed=1, by=None, at=NOON)
    reply = administrator.post(page("launch", study))
    assert reply.status_code == 422
    assert "No case is imported yet" in reply.content.decode()
    study.refresh_from_db()
    assert study.state == Study.State.DRAFT


def test_a_ready_study_goes_live_and_can_be_closed(administrator: Client) -> None:
    study = draft_study()
    administrator.post(page("readers", study), {"addresses": "one@example.org"})
    assert administrator.post(page("launch", study)).status_code == 302
    study.refresh_from_db()
    assert study.state == Study.State.LIVE
    assert study.readers.get().readings.count() == 12
    administrator.post(page("close", study))
    study.refresh_from_db()
    assert study.state == Study.State.CLOSED


def test_a_draft_cannot_be_closed(administrator: Client) -> None:
    study = draft_study()
    assert administrator.post(page("close", study)).status_code == 409


def test_pasted_addresses_become_invitations_with_links_that_are_shown_once(administrator: Client) -> None:
    study = draft_study()
    pasted = "Dr One <one@example.org>, TWO@example.org\nnonsense; one@example.org"
    shown = administrator.post(page("readers", study), {"addresses": pasted}).content.decode()
    links = re.findall(r'value="(http://testserver/accounts/link/[^"]+)"', shown)
    assert len(links) == 2 == SignInLink.objects.count()
    assert "nonsense" in shown
    assert [message.to for message in mail.outbox] == [["one@example.org"], ["two@example.org"]]
    assert all(link in message.body for link, message in zip(links, mail.outbox, strict=True))
    assert "accounts/link" not in administrator.get(page("readers", study)).content.decode()


def test_an_invitations_link_leads_its_reader_into_the_study(administrator: Client, client: Client) -> None:
    study = draft_study()
    shown = administrator.post(page("readers", study), {"addresses": "one@example.org"}).content.decode()
    link = re.search(r'value="http://testserver(/accounts/link/[^"]+)"', shown).group(1)
    assert client.post(link)["Location"] == reverse("readingroom:room", args=[study.slug])


def test_a_mail_server_that_is_down_leaves_the_link_to_be_copied(administrator: Client, settings: object) -> None:
    study = draft_study()
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = (
        "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1", 9,
    )  # fmt: skip
    reply = administrator.post(page("readers", study), {"addresses": "one@example.org"})
    assert reply.status_code == 200
    assert "not mailed: copy the link" in reply.content.decode()
    assert study.readers.count() == 1


@pytest.mark.parametrize("pasted", ["", "   ", "a..b@example.org", "x" * 300 + "@example.org"])
def test_addresses_that_cannot_be_right_end_in_a_message(administrator: Client, pasted: str) -> None:
    study = draft_study()
    assert administrator.post(page("readers", study), {"addresses": pasted}).status_code in (200, 422)
    assert study.readers.count() == 0


def test_a_new_link_goes_to_one_reader(administrator: Client) -> None:
    study, [reader] = live_study()
    address = reverse("administration:link", args=[study.slug, reader.pk])
    assert "accounts/link" in administrator.post(address).content.decode()
    assert [message.to for message in mail.outbox] == [[reader.person.email]]


def test_every_page_of_a_simulated_study_says_so(administrator: Client) -> None:
    study, _ = live_study(simulated=True)
    for name in ("study", "design", "cases", "ai", "readers", "launch", "monitor", "close"):
        assert "Simulated readers" in administrator.get(page(name, study)).content.decode(), name
    assert "Simulated readers" in administrator.get(reverse("administration:home")).content.decode()
