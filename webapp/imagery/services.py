"""Taking images in, and their pixels out."""

import hashlib
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from PIL import Image as Picture

from ml.data.fingerprint import fingerprint
from webapp.accounts.models import Person
from webapp.imagery.errors import ImageMissing
from webapp.imagery.guards import require_allowed
from webapp.imagery.models import Image
from webapp.imagery.pixels import Limits, encoded, rebuild, shrunk
from webapp.imagery.storage import write_whole

VIEW_LONGEST_PX = 2048  # decoding a full photograph would be charged to the reader's screen, 0.3 s at 24 MP
MODES = {Image.Kind.PHOTO: "RGB", Image.Kind.MASK: "L", Image.Kind.OVERLAY: "RGBA"}


def ingest(data: bytes | BinaryIO, *, kind: Image.Kind | str = Image.Kind.PHOTO) -> Image:
    """Keep an image, rebuilt from its pixels. The same file again gives the row that is there.

    Raises BadImage or StorageFull; then nothing was saved.
    """
    return _keep(_read(data), Image.Kind(kind), guarded_for=None)


def ingest_upload(data: bytes | BinaryIO, *, by: Person) -> Image:
    """A photograph that somebody sends from a page. Raises UploadRefused where a guard does not want it."""
    return _keep(_read(data), Image.Kind.PHOTO, guarded_for=by)


def open_pixels(image: Image) -> Picture.Image:
    """The whole image: RGB for a photograph, L for a mask, RGBA for an overlay. Raises ImageMissing."""
    path = image.path(Path(settings.IMAGERY_ROOT))
    try:
        with Picture.open(path) as opened:
            opened.load()
            return opened.copy()
    except OSError as missing:
        raise missing_file(image) from missing


def view_bytes(image: Image) -> bytes:
    """The encoded view that is shown to people. Raises ImageMissing."""
    try:
        return image.view_path(Path(settings.IMAGERY_ROOT)).read_bytes()
    except OSError as missing:
        raise missing_file(image) from missing


def missing_file(image: Image) -> ImageMissing:
    return ImageMissing(_("The file of image %(id)s is gone. Restore it from the backup.") % {"id": image.id})


def _read(data: bytes | BinaryIO) -> bytes:
    if isinstance(data, bytes):
        return data
    return data.read(settings.IMAGERY_MAX_BYTES + 1)  # one more than allowed: enough to be refused


def _keep(data: bytes, kind: Image.Kind, *, guarded_for: Person | None) -> Image:
    source_sha256 = hashlib.sha256(data).hexdigest()
    known = Image.objects.filter(source_sha256=source_sha256, kind=kind).first()
    if known is not None:
        if guarded_for is not None:
            require_allowed(bytes(known.fingerprint), by=guarded_for)
        return known
    picture = _rebuilt(data, kind)
    print_ = fingerprint(picture.convert("RGB"))
    if guarded_for is not None:
        require_allowed(print_, by=guarded_for)
    image = _written(picture, kind=kind, source_sha256=source_sha256, print_=print_)
    try:
        with transaction.atomic():
            image.save(force_insert=True)
    except IntegrityError:  # somebody else kept the same file a moment ago
        remove_files(image)
        return Image.objects.get(source_sha256=source_sha256, kind=kind)
    except BaseException:
        remove_files(image)
        raise
    return image


def write_files(data: bytes, kind: Image.Kind) -> Image:
    """The files of an image whose row the caller saves later; no query. Raises BadImage or StorageFull."""
    picture = _rebuilt(data, kind)
    print_ = fingerprint(picture.convert("RGB"))
    return _written(picture, kind=kind, source_sha256=hashlib.sha256(data).hexdigest(), print_=print_)


def remove_files(image: Image) -> None:
    """Of an image that has no row."""
    root = Path(settings.IMAGERY_ROOT)
    image.path(root).unlink(missing_ok=True)
    image.view_path(root).unlink(missing_ok=True)


def _rebuilt(data: bytes, kind: Image.Kind) -> Picture.Image:
    limits = Limits(settings.IMAGERY_MAX_BYTES, settings.IMAGERY_MAX_PIXELS)
    return rebuild(data, mode=MODES[kind], limits=limits)


def _written(picture: Picture.Image, *, kind: Image.Kind, source_sha256: str, print_: bytes) -> Image:
    view = shrunk(picture, VIEW_LONGEST_PX)
    whole_file = encoded(picture)
    view_file = whole_file if view is picture else encoded(view)
    image = Image(
        kind=kind,
        sha256=hashlib.sha256(whole_file).hexdigest(),
        source_sha256=source_sha256,
        width=picture.width,
        height=picture.height,
        bytes=len(whole_file),
        view_sha256=hashlib.sha256(view_file).hexdigest(),
        view_width=view.width,
        view_height=view.height,
        view_bytes=len(view_file),
        fingerprint=print_,
    )
    root = Path(settings.IMAGERY_ROOT)
    try:
        write_whole(image.path(root), whole_file)
        if image.has_own_view:
            write_whole(image.view_path(root), view_file)
    except BaseException:
        remove_files(image)
        raise
    return image
