"""Signing a browser in without clicking: the session that a sign-in link would have made."""

from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore


def session_of(person: Any) -> str:
    """The key of a new session of `person`."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    return session.session_key


def sign_in(context: Any, person: Any, url: str) -> None:
    """Give a browser context the session cookie of `person` for the site at `url`."""
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session_of(person), "url": url}])
