import pytest
from django.test import Client

from webapp.accounts.services import grant, person_for


@pytest.fixture
def administrator(db: None) -> Client:
    """The browser of a signed-in administrator."""
    client = Client()
    person = person_for("administrator@example.org")
    grant(person, "administrator")
    client.force_login(person)
    return client


@pytest.fixture
def anybody(db: None) -> Client:
    """The browser of somebody who has signed in and has no role."""
    client = Client()
    client.force_login(person_for("somebody@example.org"))
    return client
