"""Files on the disk: whole or not at all."""

import errno
import os
from pathlib import Path
from uuid import uuid4

from django.utils.translation import gettext as _

from webapp.imagery.errors import StorageFull

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def write_whole(path: Path, data: bytes) -> None:
    """After this returns, `path` survives a power cut. Raises StorageFull, and then leaves nothing behind."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{uuid4()}.part")
    try:
        with unfinished.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
        _sync_folder(path.parent)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        path.unlink(missing_ok=True)
        if error.errno in FULL:
            raise StorageFull(
                _("The server's disk is full. The image was not saved. Make room, then send it again.")
            ) from error
        raise


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
