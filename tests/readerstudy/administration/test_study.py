"""From a preset to the close, through the pages."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from readerstudy.models import Study
from readerstudy.services.study import create_study
from tests.readerstudy.sample_study import NOON, draft_study, live_study
from tests.readerstudy.signers import PASSWORD
from webapp.accounts.models import SignInLink

pytestmark = pytest.mark.django_db(databases=["default", "truth"])


def page(name: str, study: Study) -> str:
    return reverse(f"administration:{name}", args=[study.slug])


def test_a_study_is_made_from_the_published_preset(administrator: Client) -> None:
    reply = administrator.post(
        reverse("administration:create"), {"title": "Skin study", "preset": "dermino-two-round"}, follow=True
    )
    study = Study.objects.get()
    assert reply.redirect_chain[-1][0] == page("study", study)
    assert list(study.rounds.values_list("aided", "limit_ms", "washout_days")) == [
        (False, 20_000, 0.0),
        (True, 20_000, 14.0),
    ]


def test_a_study_without_a_title_is_asked_for_one(administrator: Client) -> None:
    reply = administrator.post(reverse("administration:create"), {"preset": "dermino-two-round"})
    assert reply.status_code == 422
    assert not Study.objects.exists()


def test_the_launch_names_what_is_missing_and_does_not_happen(administrator: Client) -> None:
    study = create_study(title="Empty", preset="dermino-two-round", seed=1, by=None, at=NOON)
    reply = administrator.post(page("launch", study), {"password": PASSWORD})
    assert reply.status_code == 422
    assert "No case is imported yet" in reply.content.decode()
    study.refresh_from_db()
    assert study.state == Study.State.DRAFT


def test_a_ready_study_goes_live_and_can_be_closed(administrator: Client) -> None:
    study = draft_study()
    administrator.post(page("readers", study), {"addresses": "one@example.org"})
    wrong = administrator.post(page("launch", study), {"password": "wrong"})
    assert (wrong.status_code, "The signing password is wrong" in wrong.content.decode()) == (409, True)
    study.refresh_from_db()
    assert study.state == Study.State.DRAFT
    assert administrator.post(page("launch", study), {"password": PASSWORD}).status_code == 302
    study.refresh_from_db()
    assert study.state == Study.State.LIVE
    assert study.readers.get().readings.count() == 12
    signed = study.signatures.get()
    assert (signed.meaning, signed.sha256) == ("protocol_lock", study.protocol_versions.get().sha256)
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
