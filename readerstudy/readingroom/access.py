"""Who may open a reader's page: that study's readers. Others see the 404 of a study that does not exist."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse

from readerstudy.selectors.reader import reader_of


def reader_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Call `view(request, reader, ...)` with the signed-in person's Reader of the study named in the address."""

    @wraps(view)
    @login_required
    def guarded(request: HttpRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponse:
        reader = reader_of(slug, request.user.pk)
        if reader is None:
            raise Http404
        response = view(request, reader, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return guarded
