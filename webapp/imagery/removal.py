"""Taking an image away for good: its row and its files."""

from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import ProtectedError

from webapp.imagery.models import Image


def discard(image: Image) -> bool:
    """Removes the image unless something still needs it: one file sent twice is kept once. False where it stays.

    The files go after commit, so that no row is ever left without its file.
    """
    root = Path(settings.IMAGERY_ROOT)
    files = {image.path(root), image.view_path(root)}
    try:
        with transaction.atomic():
            image.delete()
    except ProtectedError:
        return False
    transaction.on_commit(lambda: _unlink(files))
    return True


def _unlink(files: set[Path]) -> None:
    for file in files:
        file.unlink(missing_ok=True)
