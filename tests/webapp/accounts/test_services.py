from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from webapp.accounts.models import Person, Role, SignInLink
from webapp.accounts.roles import has_role
from webapp.accounts.services import LinkState, grant, look_up_link, person_for, sign_in_link, use_link

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader() -> Person:
    return person_for("reader@example.org")


def token_of(path: str) -> str:
    return path.rstrip("/").rsplit("/", 1)[1]


def test_one_address_is_one_person_however_it_is_written():
    first = person_for(" Ada@Example.org ", "Ada")
    assert person_for("ada@example.org") == first
    assert (first.email, Person.objects.count()) == ("ada@example.org", 1)


def test_a_known_name_is_not_overwritten():
    person_for("ada@example.org", "Ada")
    assert person_for("ada@example.org", "Somebody").name == "Ada"


@pytest.mark.parametrize("address", ["", "ada", "ada@", "a b@example.org"])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(ValidationError):
        person_for(address)


def test_a_role_granted_twice_is_one_row(reader):
    assert grant(reader, Role.Name.CLINICIAN) == grant(reader, "clinician")
    assert has_role(Person.objects.get(), "clinician")
    assert not has_role(Person.objects.get(), "administrator")


def test_an_unknown_role_is_refused(reader):
    with pytest.raises(ValueError, match="emperor"):
        grant(reader, "emperor")


def test_the_token_itself_is_nowhere_stored(reader):
    token = token_of(sign_in_link(reader))
    row = SignInLink.objects.values().get()
    assert all(token not in str(value) for value in row.values())


def test_a_link_works_once(reader):
    token = token_of(sign_in_link(reader, next="/read/"))
    first, second = (use_link(token, at=timezone.now()) for _ in range(2))
    assert (first.state, first.person, first.next) == (LinkState.VALID, reader, "/read/")
    assert second.state is LinkState.USED


def test_looking_at_a_link_leaves_it_unused(reader):
    token = token_of(sign_in_link(reader))
    for _ in range(3):
        assert look_up_link(token, at=timezone.now()).state is LinkState.VALID


def test_a_link_ends_when_its_time_is_over(reader):
    token = token_of(sign_in_link(reader, valid_for=timedelta(hours=1)))
    made = SignInLink.objects.get().created_at
    assert use_link(token, at=made + timedelta(hours=1)).state is LinkState.EXPIRED
    assert use_link(token, at=made + timedelta(minutes=59)).state is LinkState.VALID


def test_a_person_who_left_cannot_use_a_link(reader):
    token = token_of(sign_in_link(reader))
    Person.objects.update(is_active=False)
    assert use_link(token, at=timezone.now()).state is LinkState.UNKNOWN


@pytest.mark.parametrize("next", ["https://elsewhere.example", "//elsewhere.example", "javascript:alert(1)"])
def test_a_link_leads_nowhere_else(reader, next):
    with pytest.raises(ValueError, match="no path of this site"):
        sign_in_link(reader, next=next)
