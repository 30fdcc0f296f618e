import errno
import hashlib
import os
import struct
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from PIL import Image as Picture
from PIL import PngImagePlugin

from webapp.imagery.errors import BadImage, StorageFull
from webapp.imagery.models import Image
from webapp.imagery.services import ingest, open_pixels, view_bytes

pytestmark = pytest.mark.django_db
SECRET = b"nevus-of-Mr-Canary"


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.IMAGERY_ROOT = tmp_path / "images"


def files() -> list[Path]:
    return [path for path in Path(settings.IMAGERY_ROOT).rglob("*") if path.is_file()]


def test_the_row_says_what_lies_on_the_disk(photo, as_file):
    image = ingest(as_file(photo))
    stored = image.path(Path(settings.IMAGERY_ROOT)).read_bytes()
    assert image.sha256 == hashlib.sha256(stored).hexdigest()
    assert (image.width, image.height, image.bytes) == (160, 96, len(stored))
    assert len(image.fingerprint) == 32


@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_no_metadata_survives(photo, as_file, format):
    exif = Picture.Exif()
    exif[0x010E] = SECRET.decode()
    options = {"exif": exif, "icc_profile": SECRET * 9}
    if format == "JPEG":
        options["comment"] = SECRET
    if format == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("diagnosis", SECRET.decode())
        options["pnginfo"] = text
    source = as_file(photo, format, **options) + SECRET
    assert SECRET in source
    image = ingest(source)
    assert SECRET not in view_bytes(image)
    with Picture.open(BytesIO(view_bytes(image))) as seen:
        assert set(seen.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_turned_phone_picture_is_stored_upright(photo, as_file):
    exif = Picture.Exif()
    exif[0x0112] = 6
    image = ingest(as_file(photo, exif=exif))
    assert (image.width, image.height) == (96, 160)
    upright = np.asarray(photo.rotate(-90, expand=True), dtype=int)
    assert np.abs(np.asarray(open_pixels(image), dtype=int) - upright).mean() < 4


def test_a_wide_gamut_profile_is_applied_before_it_is_dropped(photo, as_file):
    from PIL import ImageCms

    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = ingest(as_file(photo, "PNG", icc_profile=lab))
    assert np.abs(np.asarray(open_pixels(image), dtype=int) - np.asarray(photo, dtype=int)).mean() < 4


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "LA", "CMYK", "I;16", "1"])
def test_every_mode_becomes_rgb(photo, as_file, mode):
    picture = Picture.fromarray(np.full((64, 64), 40_000, np.uint16)) if mode == "I;16" else photo.convert(mode)
    assert open_pixels(ingest(as_file(picture, "TIFF" if mode == "CMYK" else "PNG"))).mode == "RGB"


def test_sixteen_bits_keep_their_brightness(as_file):
    image = ingest(as_file(Picture.fromarray(np.full((64, 64), 0x8000, np.uint16))))
    assert abs(np.asarray(open_pixels(image)).mean() - 128) < 2


def test_a_large_image_gets_a_view_of_2048_px(as_file):
    image = ingest(as_file(Picture.new("RGB", (3000, 1500), "brown")))
    assert (image.width, image.height) == (3000, 1500)
    with Picture.open(BytesIO(view_bytes(image))) as view:
        assert view.size == (2048, 1024) == (image.view_width, image.view_height)
    assert hashlib.sha256(view_bytes(image)).hexdigest() == image.view_sha256


def test_a_mask_stays_one_channel_and_exact(as_file):
    mask = Picture.new("L", (160, 96), 0)
    mask.paste(255, (40, 20, 90, 70))
    image = ingest(as_file(mask), kind="mask")
    assert np.array_equal(np.asarray(open_pixels(image)), np.asarray(mask))
    assert image.media_type == "image/png"


def test_the_same_file_twice_is_one_row_and_one_file(photo, as_file):
    assert ingest(as_file(photo)) == ingest(as_file(photo))
    assert (Image.objects.count(), len(files())) == (1, 1)


def test_names_on_the_disk_tell_nothing(photo, as_file):
    image = ingest(as_file(photo))
    assert [path.stem for path in files()] == [str(image.id)]
    assert image.id.version == 4


def bomb() -> bytes:
    """A PNG of a few hundred bytes whose header promises 40,000 x 40,000 pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 100_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (lambda png: b"", "empty"),
        (lambda png: png[: len(png) // 2], "damaged or cut short"),
        (lambda png: b"%PDF-1.7 not an image at all", "no JPEG, PNG, TIFF, WebP or BMP"),
        (lambda png: b"GIF89a" + png, "no JPEG, PNG, TIFF, WebP or BMP"),
        (lambda png: png[:-90] + b"\xff" * 60 + png[-30:], "damaged or cut short"),
        (lambda png: bomb(), "more than 64 million pixels"),
    ],
    ids=["empty", "truncated", "pdf", "gif", "scrambled", "bomb"],
)
def test_what_is_no_sound_image_is_refused_with_a_way_out(photo, as_file, broken, says):
    with pytest.raises(BadImage, match=says):
        ingest(broken(as_file(photo)))
    assert (Image.objects.count(), files()) == (0, [])


def test_more_pixels_than_allowed_are_refused_with_their_number(photo, as_file, settings):
    settings.IMAGERY_MAX_PIXELS = 10_000
    with pytest.raises(BadImage, match="160 x 96 pixels"):
        ingest(as_file(photo))


def test_a_file_above_the_limit_is_refused_before_it_is_decoded(photo, as_file, settings):
    settings.IMAGERY_MAX_BYTES = 1024**2
    with pytest.raises(BadImage, match="larger than 1 MB"):
        ingest(BytesIO(as_file(photo) + b"\0" * 1024**2))


def test_a_thumbnail_is_refused(as_file):
    with pytest.raises(BadImage, match="only 12 x 40"):
        ingest(as_file(Picture.new("RGB", (12, 40))))


def test_a_file_of_several_pictures_is_refused(photo, as_file):
    with pytest.raises(BadImage, match="holds 2 pictures"):
        ingest(as_file(photo, "TIFF", save_all=True, append_images=[photo.rotate(90)]))


def test_a_full_disk_saves_nothing_and_says_so(photo, as_file, monkeypatch):
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageFull, match="was not saved"):
        ingest(as_file(photo))
    assert (Image.objects.count(), files()) == (0, [])


def test_a_disk_that_fills_up_at_the_view_leaves_no_whole_image_behind(as_file, monkeypatch):
    written = []

    def full_at_the_second(handle: int) -> None:
        written.append(handle)
        if len(written) > 2:  # file and folder of the whole image
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full_at_the_second)
    with pytest.raises(StorageFull):
        ingest(as_file(Picture.new("RGB", (3000, 1500))))
    assert (Image.objects.count(), files()) == (0, [])
