"""Taking an image away for good: its row and its files."""

from copy import copy

from django.db import transaction
from django.db.models import ProtectedError

from webapp.imagery.models import Image
from webapp.imagery.services import remove_files


def discard(image: Image) -> bool:
    """Removes the image unless something still needs it: one file sent twice is kept once. False where it stays.

    The files go after commit, so that no row is ever left without its file.
    """
    gone = copy(image)  # delete() takes the id from the instance, and the files are named by it
    try:
        with transaction.atomic():
            image.delete()
    except ProtectedError:
        return False
    transaction.on_commit(lambda: remove_files(gone))
    return True
