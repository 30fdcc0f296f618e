from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from webapp.accounts.models import Person
from webapp.accounts.services import person_for, sign_in_link
from webapp.accounts.signing import (
    FRESH_FOR,
    SIGNED_IN_AT,
    NoSigningPassword,
    SigningLocked,
    SignInTooOld,
    WeakPassword,
    WrongSigningPassword,
    check_signing_password,
    has_signing_password,
    set_signing_password,
)
from webapp.audit.models import Event
from webapp.settings import base

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PASSWORD = "tall grey herons 9"
PAGE = "accounts:signing_password"


@pytest.fixture
def signer() -> Person:
    person = person_for("lead@example.org", "Ada Lead")
    set_signing_password(person, PASSWORD, fresh=True, at=NOON)
    person.refresh_from_db()
    return person


def signed_in(person: Person) -> Client:
    client = Client()
    client.post(sign_in_link(person))
    return client


def test_the_right_password_passes_and_leaves_no_trace_of_itself(signer):
    check_signing_password(signer, PASSWORD, at=NOON)
    assert PASSWORD not in signer.password
    assert not Event.objects.filter(content__contains=PASSWORD).exists()


def test_the_site_hashes_passwords_with_a_memory_hard_function():
    assert base.PASSWORD_HASHERS[0].endswith("ScryptPasswordHasher")


def test_who_has_none_is_told_where_to_set_it():
    with pytest.raises(NoSigningPassword, match="Signing password"):
        check_signing_password(person_for("new@example.org"), "anything at all", at=NOON)


def test_five_wrong_ones_close_the_door_even_to_the_right_one_for_a_while(signer):
    for _try in range(5):
        with pytest.raises(WrongSigningPassword):
            check_signing_password(signer, "wrong", at=NOON)
    with pytest.raises(SigningLocked, match="12:15"):
        check_signing_password(signer, PASSWORD, at=NOON + timedelta(minutes=14))
    check_signing_password(signer, PASSWORD, at=NOON + timedelta(minutes=15, seconds=1))


@pytest.mark.parametrize("weak", ["short", "123456789012345", "lead@example.org", "password1234"])
def test_a_weak_one_is_refused_and_changes_nothing(signer, weak):
    with pytest.raises(WeakPassword):
        set_signing_password(signer, weak, fresh=True, at=NOON)
    signer.refresh_from_db()
    check_signing_password(signer, PASSWORD, at=NOON)


def test_without_a_fresh_sign_in_it_cannot_be_set(signer):
    with pytest.raises(SignInTooOld):
        set_signing_password(signer, "another good one 77", fresh=False, at=NOON)


def test_setting_it_is_on_the_person_s_own_chain(signer):
    assert Event.objects.filter(chain=f"person:{signer.pk}", kind="signing_password.set").count() == 1


def test_its_page_sets_it_and_the_session_goes_on():
    person = person_for("lead@example.org")
    client = signed_in(person)
    assert client.post(reverse(PAGE), {"password": PASSWORD, "again": PASSWORD}).status_code == 302
    assert client.get(reverse(PAGE)).status_code == 200
    person.refresh_from_db()
    assert has_signing_password(person)


def test_two_that_differ_are_refused():
    client = signed_in(person_for("lead@example.org"))
    reply = client.post(reverse(PAGE), {"password": PASSWORD, "again": PASSWORD + "x"})
    assert (reply.status_code, "The two differ" in reply.content.decode()) == (422, True)


def test_an_old_session_is_sent_to_a_fresh_link():
    person = person_for("lead@example.org")
    client = signed_in(person)
    session = client.session
    session[SIGNED_IN_AT] = (datetime.now(UTC) - FRESH_FOR - timedelta(seconds=1)).isoformat()
    session.save()
    page = client.get(reverse(PAGE)).content.decode()
    assert "fresh link" in page and 'type="password"' not in page
    assert client.post(reverse(PAGE), {"password": PASSWORD, "again": PASSWORD}).status_code == 422
    person.refresh_from_db()
    assert not has_signing_password(person)
