"""Images that a model must not learn from. Rooms above say which images belong to which name, such as a study's slug.

They register here, so that training need not know them.
"""

from collections.abc import Callable, Collection
from uuid import UUID

from django.utils.translation import gettext as _

from webapp.imagery.models import Image
from webapp.inference.errors import InferenceError

# Given a name: the ids of its images, or None where it knows no such name.
Finder = Callable[[str], Collection[UUID] | None]
_finders: list[Finder] = []


class UnknownCollection(InferenceError):
    """No room knows images under this name."""


def register_finder(finder: Finder) -> Finder:
    if finder not in _finders:
        _finders.append(finder)
    return finder


def images_of(name: str) -> list[Image]:
    """Raises UnknownCollection: training must not go on as if a mistyped study had been left out."""
    for finder in _finders:
        ids = finder(name)
        if ids is not None:
            return list(Image.objects.filter(pk__in=ids))
    raise UnknownCollection(_("No study is called %(name)s, so its images cannot be left out.") % {"name": name})
