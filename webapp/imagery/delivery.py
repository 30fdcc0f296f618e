"""An image on its way to a browser. A room's own view decides who may see it, and then calls `deliver`."""

from django.http import Http404, HttpResponse

from webapp.imagery.errors import ImageMissing
from webapp.imagery.models import Image
from webapp.imagery.pixels import encoded, shrunk
from webapp.imagery.services import open_pixels, view_bytes


def deliver(image: Image, *, longest: int | None = None) -> HttpResponse:
    """The view, or a smaller picture whose longer side is at most `longest` px.

    Headers tell nothing: no validator, no date, one neutral name for every image; no cache keeps it.
    """
    try:
        shown_as_kept = longest is None or max(image.view_width, image.view_height) <= longest
        body = view_bytes(image) if shown_as_kept else encoded(shrunk(open_pixels(image), longest))
    except ImageMissing as missing:
        raise Http404(str(missing)) from missing
    response = HttpResponse(body, content_type=image.media_type)
    response["Cache-Control"] = "private, no-store"
    response["Content-Disposition"] = f'inline; filename="image.{image.suffix}"'
    return response
