"""When a request came in, read before anything else is done with it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone


def stamp_arrival(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Sets `request.arrived_at`, an aware datetime. Waiting for a lock afterwards costs a reader nothing."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.arrived_at = timezone.now()
        return get_response(request)

    return middleware
