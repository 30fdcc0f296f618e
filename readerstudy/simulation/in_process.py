"""A browser in the process of the site: the same requests through the whole of Django, without a network.

What a reader sends and gets is what HTTP would carry. Only the time of arrival comes from the reader's own clock.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Self

from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections

from readerstudy.simulation.browser import Browser, Sent
from readerstudy.simulation.clock import VirtualClock
from webapp.operations.arrival import arriving_at

HOST = "localhost"
Application = Callable[[Mapping[str, Any], Callable[..., Any]], Iterable[bytes]]


class InProcessBrowser(Browser):
    """One person's browser whose requests arrive when its clock says."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__(f"http://{HOST}")
        self._clock = clock

    def tab(self) -> Self:
        other = type(self)(self._clock)
        other._cookies = self._cookies
        return other

    def _exchange(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Sent:
        told: dict[str, Any] = {}

        def start_response(status: str, lines: list[tuple[str, str]], exc_info: object = None) -> None:
            told["status"], told["lines"] = int(status.split()[0]), lines

        with arriving_at(self._clock.now), _kept_connections():
            response = _application()(_environ(method, path, body or b"", headers), start_response)
            content = b"".join(response)
            if hasattr(response, "close"):
                response.close()
        location = next((value for name, value in told["lines"] if name == "Location"), "")
        cookies = [value for name, value in told["lines"] if name == "Set-Cookie"]
        return Sent(told["status"], content, location, cookies)


@contextmanager
def _kept_connections() -> Iterator[None]:
    """A server gives its database connection up after a request; here it is the caller's own, who goes on with it."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


@lru_cache(maxsize=1)
def _application() -> Application:
    return get_wsgi_application()


def _environ(method: str, path: str, body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
    """A WSGI request. Source: PEP 3333."""
    address, _mark, query = path.partition("?")
    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": address,
        "QUERY_STRING": query,
        "SERVER_NAME": HOST,
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in {"Host": HOST, **headers}.items():
        key = name.upper().replace("-", "_")
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    return environ
