"""Golden values: the project's fixture set `downstream` (DERMINO_DOWNSTREAM_FIXTURES), made with scipy's DCT."""

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ml.data import fingerprint as fp


@pytest.fixture(scope="module")
def golden():
    folder = Path(os.environ.get("DERMINO_DOWNSTREAM_FIXTURES", "../shared/reference/downstream"))
    if not (folder / "fingerprint.npz").exists():
        pytest.skip(f"no golden values in {folder}: set DERMINO_DOWNSTREAM_FIXTURES")
    return np.load(folder / "fingerprint.npz")


@pytest.fixture
def image():
    pixels = np.random.default_rng(7).integers(0, 255, (12, 9, 3), dtype=np.uint8)
    return Image.fromarray(pixels).resize((240, 180), Image.Resampling.BICUBIC)


def packed_turns(grey, count):
    return np.array([np.frombuffer(fp.pack(turn), dtype=np.uint8) for turn in fp.turns(fp.frequencies(grey, count))])


@pytest.mark.golden_downstream
def test_frequencies_equal_the_golden_transform(golden):
    for grey, dct in zip(golden["grey"], golden["dct8"], strict=True):
        np.testing.assert_allclose(fp.frequencies(grey, len(dct)), dct, rtol=1e-9, atol=1e-9)


@pytest.mark.golden_downstream
def test_all_turns_of_one_transform_have_the_golden_bits(golden):
    count = golden["dct8"].shape[-1]
    for grey, bits in zip(golden["grey"], golden["bits"], strict=True):
        np.testing.assert_array_equal(packed_turns(grey, count), bits)


@pytest.mark.golden_downstream
def test_the_smallest_distance_over_turns_is_the_golden_one(golden):
    bits, expected = golden["bits"], golden["dihedral_distance"]
    for i, query in enumerate(bits):
        for j, other in enumerate(bits):
            nearest = min(fp.distance(turn.tobytes(), other[0].tobytes()) for turn in query)
            assert nearest == expected[i, j]


@pytest.mark.golden_downstream
def test_a_changed_image_breaks_the_golden_bits(golden):
    count = golden["dct8"].shape[-1]
    assert (packed_turns(np.sqrt(golden["grey"][0]), count) != golden["bits"][0]).any()


def test_a_fingerprint_is_32_bytes_and_at_no_distance_from_itself(image):
    mark = fp.fingerprint(image)
    assert len(mark) == fp.BYTES
    assert fp.distance(mark, mark) == 0


def test_a_resized_jpeg_is_a_near_copy(image):
    buffer = io.BytesIO()
    image.resize((120, 90)).save(buffer, "JPEG", quality=50)
    copy = Image.open(buffer)
    assert fp.distance(fp.fingerprint(image), fp.fingerprint(copy)) <= fp.NEAR_COPY_BITS


def test_a_turned_image_is_found_among_its_turns(image):
    turned = image.transpose(Image.Transpose.ROTATE_90).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    assert min(fp.distance(fp.fingerprint(turned), turn) for turn in fp.dihedral_fingerprints(image)) <= 8


def test_other_images_are_far(image):
    other = Image.fromarray(np.random.default_rng(8).integers(0, 255, (12, 9, 3), dtype=np.uint8)).resize((240, 180))
    assert fp.distance(fp.fingerprint(image), fp.fingerprint(other)) > fp.NEAR_COPY_BITS


def test_distances_agree_with_distance(image):
    marks = fp.dihedral_fingerprints(image)
    table = np.array([list(mark) for mark in marks], dtype=np.uint8)
    assert fp.distances(marks[2], table).tolist() == [fp.distance(marks[2], mark) for mark in marks]


def test_fingerprints_of_two_lengths_are_refused():
    with pytest.raises(ValueError, match="32 and 8 bytes"):
        fp.distance(bytes(32), bytes(8))
