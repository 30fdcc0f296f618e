from smtplib import SMTPException

import pytest
from django.core import mail
from django.http import HttpResponse
from django.test import Client
from django.urls import include, path, reverse
from django.utils import timezone

from webapp.accounts import locks
from webapp.accounts.models import Person, SignInLink
from webapp.accounts.roles import administrator_required
from webapp.accounts.services import grant, person_for, sign_in_link

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader() -> Person:
    return person_for("reader@example.org", "Ada")


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_a_link_signs_nobody_in_and_leaves_it_unused(client, reader, method):
    path = sign_in_link(reader)
    assert getattr(client, method)(path).status_code == 200
    assert not signed_in(client)
    assert SignInLink.objects.get().used_at is None


def test_the_button_signs_in_and_goes_on(client, reader):
    reply = client.post(sign_in_link(reader, next="/accounts/"))
    assert (reply.status_code, reply["Location"]) == (302, "/accounts/")
    assert signed_in(client)


def test_the_button_needs_the_page_s_own_token(reader):
    client = Client(enforce_csrf_checks=True)
    reply = client.post(sign_in_link(reader))
    assert reply.status_code == 403
    assert "Please try once more" in reply.content.decode()
    assert SignInLink.objects.get().used_at is None


def test_a_used_link_offers_a_new_one_and_says_that_nothing_is_lost(client, reader):
    path = sign_in_link(reader, next="/accounts/")
    client.post(path)
    stranger = Client()
    page = stranger.get(path)
    assert page.status_code == 410
    assert "used before" in page.content.decode()
    assert "is saved" in page.content.decode()
    stranger.post(f"{path}renew/")
    assert mail.outbox[0].to == ["reader@example.org"]
    fresh = mail.outbox[0].body.split("http://testserver")[1].split()[0]
    assert stranger.post(fresh)["Location"] == "/accounts/"
    assert signed_in(stranger)


def test_who_is_signed_in_already_is_led_on_by_the_used_link(client, reader):
    path = sign_in_link(reader, next="/accounts/")
    client.post(path)
    assert client.get(path)["Location"] == "/accounts/"


def test_an_unknown_link_says_what_to_do(client):
    page = client.get(reverse("accounts:link", args=["x" * 43]))
    assert page.status_code == 404
    assert "Ask for a new link" in page.content.decode()


def test_a_link_by_mail_signs_in(client, reader):
    client.post(reverse("accounts:sign_in"), {"email": "Reader@Example.org"})
    path = mail.outbox[0].body.split("http://testserver")[1].split()[0]
    client.post(path)
    assert signed_in(client)


def test_an_unknown_address_gets_the_same_page_and_no_mail(client, reader):
    known = client.post(reverse("accounts:sign_in"), {"email": reader.email}, follow=True)
    unknown = client.post(reverse("accounts:sign_in"), {"email": "nobody@example.org"}, follow=True)
    assert (unknown.status_code, unknown.request["PATH_INFO"]) == (known.status_code, known.request["PATH_INFO"])
    assert [message.to for message in mail.outbox] == [[reader.email]]


def test_a_mistyped_address_is_named(client):
    page = client.post(reverse("accounts:sign_in"), {"email": "ada"})
    assert page.status_code == 422
    assert "valid email" in page.content.decode()


def test_a_page_elsewhere_is_not_gone_on_to(client, reader):
    client.post(reverse("accounts:sign_in"), {"email": reader.email, "next": "https://elsewhere.example/"})
    assert SignInLink.objects.get().next == "/"


def test_a_mail_server_that_is_down_is_said_plainly(client, reader, monkeypatch):
    def down(*args, **kwargs):
        raise SMTPException("down")

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", down)
    page = client.post(reverse("accounts:sign_in"), {"email": reader.email})
    assert page.status_code == 503
    assert "could not be sent" in page.content.decode()
    assert not SignInLink.objects.exists()


def test_many_requests_for_one_address_close_the_door_for_a_while(client, reader):
    for _ in range(locks.LOCKS[locks.Kind.LINK_ASKED_FOR].tries):
        client.post(reverse("accounts:sign_in"), {"email": reader.email})
    assert client.post(reverse("accounts:sign_in"), {"email": reader.email}).status_code == 429
    assert len(mail.outbox) == 5


def test_many_wrong_links_from_one_place_close_the_door_and_time_opens_it(client, reader):
    lock = locks.LOCKS[locks.Kind.UNKNOWN_TOKEN]
    for number in range(lock.tries):
        client.get(reverse("accounts:link", args=[f"wrong-{number}"]))
    path = sign_in_link(reader)
    assert client.post(path).status_code == 429
    assert SignInLink.objects.get().used_at is None
    later = timezone.now() + lock.within
    assert locks.locked_until(locks.Kind.UNKNOWN_TOKEN, "127.0.0.1", at=later) is None


def test_signing_out_ends_the_session(client, reader):
    client.post(sign_in_link(reader))
    client.post(reverse("accounts:sign_out"))
    assert not signed_in(client)


def test_a_protected_page_asks_who_you_are_and_leads_back(client):
    assert client.get(reverse("accounts:home"))["Location"] == "/accounts/sign-in/?next=/accounts/"


@pytest.mark.parametrize(("role", "status"), [("administrator", 200), ("clinician", 403), (None, 403)])
def test_a_role_opens_its_pages_only(client, reader, role, status, settings):
    if role:
        grant(reader, role)
    settings.ROOT_URLCONF = __name__
    client.force_login(reader)
    page = client.get("/secret/")
    assert page.status_code == status
    if status == 403:
        assert "Ask an administrator" in page.content.decode()


@administrator_required
def secret(request):
    return HttpResponse("in")


urlpatterns = [path("secret/", secret), path("", include("webapp.urls"))]
