"""As much of a browser as a reader needs: cookies, forms, JSON, one kept connection. Knows nothing of studies."""

import http.client
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class Reply:
    """What the site said."""

    status: int
    body: bytes
    location: str

    def json(self) -> dict[str, Any]:
        return json.loads(self.body) if self.body else {}


@dataclass(frozen=True, slots=True)
class Sent:
    """A reply as it came over the line."""

    status: int
    body: bytes
    location: str
    cookies: Sequence[str]  # every Set-Cookie line


class Browser:
    """One person's browser. Not for several threads at once: open a `tab()` for each."""

    def __init__(self, site: str) -> None:
        self._site = site.rstrip("/")
        self._parts = urlsplit(self._site)
        self._cookies: dict[str, str] = {}
        self._connection: http.client.HTTPConnection | None = None

    def tab(self) -> Self:
        """Another window of the same person: the same sign-in, a connection of its own."""
        other = type(self)(self._site)
        other._cookies = self._cookies
        return other

    def get(self, path: str) -> Reply:
        return self._send("GET", path, None, {})

    def post_form(self, path: str, fields: Mapping[str, str]) -> Reply:
        """Send the form at `path`. The first one opens its page before: that sets the token."""
        if "csrftoken" not in self._cookies:
            self.get(path)
        body = urlencode({**fields, "csrfmiddlewaretoken": self._cookies.get("csrftoken", "")}).encode()
        return self._send("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})

    def post_json(self, path: str, values: Mapping[str, Any]) -> Reply:
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "X-CSRFToken": self._cookies.get("csrftoken", ""),
        }
        return self._send("POST", path, json.dumps(values).encode(), headers)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _send(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Reply:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        shared = {"Cookie": cookies, "Referer": f"{self._site}/", "Origin": self._site}
        sent = self._exchange(method, path, body, {**shared, **headers})
        for line in sent.cookies:
            self._cookies.update({name: morsel.value for name, morsel in SimpleCookie(line).items()})
        return Reply(status=sent.status, body=sent.body, location=sent.location)

    def _exchange(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Sent:
        """One request and its reply, over the kept connection."""
        try:
            return self._once(method, path, body, headers)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self.close()  # the server gave the idle connection up: everything here may be sent twice
            self._connection = None
            return self._once(method, path, body, headers)

    def _once(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Sent:
        if self._connection is None:
            secure = self._parts.scheme == "https"
            kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
            self._connection = kind(self._parts.netloc, timeout=TIMEOUT_S)
        self._connection.request(method, path, body=body, headers=dict(headers))
        response = self._connection.getresponse()
        content, told = response.read(), response.headers
        return Sent(response.status, content, told.get("Location", ""), told.get_all("Set-Cookie", ()))
