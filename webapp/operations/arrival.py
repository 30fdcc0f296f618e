"""When a request came in, read before anything else is done with it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

# Set by code of this very process around a call of the site; nothing that a request carries can reach it.
_moment: ContextVar[datetime | None] = ContextVar("arrival", default=None)


def stamp_arrival(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Sets `request.arrived_at`, an aware datetime. Waiting for a lock afterwards costs a reader nothing."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.arrived_at = _moment.get() or timezone.now()
        return get_response(request)

    return middleware


@contextmanager
def arriving_at(moment: datetime) -> Iterator[None]:
    """Within, requests of this context arrive at `moment`: simulated readers bring their own clock."""
    token = _moment.set(moment)
    try:
        yield
    finally:
        _moment.reset(token)
