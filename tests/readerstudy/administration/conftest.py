import pytest
from django.test import Client

from tests.readerstudy.signers import signer
from webapp.accounts.services import person_for


@pytest.fixture
def administrator(db: None) -> Client:
    """The browser of a signed-in administrator, who can sign."""
    client = Client()
    client.force_login(signer("administrator@example.org"))
    return client


@pytest.fixture
def anybody(db: None) -> Client:
    """The browser of somebody who has signed in and has no role."""
    client = Client()
    client.force_login(person_for("somebody@example.org"))
    return client
