import hashlib

import numpy as np
import pytest
from PIL import Image

from ml.data.manifest import BadManifest, Layout, near_groups, read_manifest, split
from ml.data.synthetic import evenly, write_folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("images")
    write_folder(folder, evenly(35), seed=1, size=64)
    return folder


@pytest.fixture
def small(tmp_path):
    """Two images in a table of other names, one of them with a mask."""
    for name in ("a", "b"):
        pixels = np.random.default_rng(ord(name)).integers(0, 255, (8, 8, 3), dtype=np.uint8)
        (tmp_path / "images").mkdir(exist_ok=True)
        Image.fromarray(pixels).resize((80, 60)).save(tmp_path / "images" / f"{name}.jpg")
    (tmp_path / "masks").mkdir()
    Image.new("1", (80, 60)).save(tmp_path / "masks" / "a.png")
    (tmp_path / "labels.csv").write_text("isic_id,label\na,nevus\nb,melanoma\n")
    return tmp_path


ISIC = Layout({"image": "isic_id", "diagnosis": "label"}, "images/{}.jpg", "masks/{}.png", "ISIC2017")


def test_a_synthetic_folder_is_read_whole(folder):
    manifest = read_manifest(folder / "cases.csv")
    assert len(manifest.samples) == 35
    assert all(s.mask.exists() and s.caption for s in manifest.samples)
    assert [len(labels) for labels in manifest.classes.values()] == [5, 2]


def test_other_column_names_and_places_are_mapped(small):
    first, second = read_manifest(small / "labels.csv", ISIC).samples
    assert (first.dataset, first.diagnosis, first.caption) == ("ISIC2017", "nevus", None)
    assert first.mask == small / "masks" / "a.png"
    assert second.mask is None


def test_excels_semicolons_and_byte_order_mark_are_read(small):
    (small / "labels.csv").write_text("\ufeffisic_id;label\na;nevus\nb;melanoma\n", encoding="utf-8")
    assert len(read_manifest(small / "labels.csv", ISIC).samples) == 2


def test_every_bad_row_is_named_with_its_line(small):
    (small / "images" / "b.jpg").write_bytes(b"no image")
    (small / "labels.csv").write_text("isic_id,label\na,\nb,nevus\nc,nevus\n")
    with pytest.raises(BadManifest) as bad:
        read_manifest(small / "labels.csv", ISIC)
    assert [row.line for row in bad.value.rows] == [2, 3, 4]
    assert "labels.csv:2: diagnosis is empty" in str(bad.value)


def test_a_missing_column_is_named_with_those_that_are_there(small):
    with pytest.raises(BadManifest, match="column image, diagnosis is missing; there are isic_id, label"):
        read_manifest(small / "labels.csv", Layout(dataset="ISIC2017"))


def test_an_excluded_image_is_left_out_by_its_bytes(folder):
    victim = read_manifest(folder / "cases.csv").samples[3]
    manifest = read_manifest(folder / "cases.csv", exclude={hashlib.sha256(victim.image.read_bytes()).hexdigest()})
    assert victim.image not in [sample.image for sample in manifest.samples]
    assert manifest.left_out == 1


def test_an_excluded_image_that_was_saved_anew_is_left_out_by_its_looks(folder):
    victim = read_manifest(folder / "cases.csv").samples[3]
    manifest = read_manifest(folder / "cases.csv", exclude_fingerprints={victim.fingerprint})
    assert victim.image not in [sample.image for sample in manifest.samples]


def test_a_near_copy_of_an_excluded_image_is_left_out_with_it(small):
    with Image.open(small / "images" / "a.jpg") as image:
        image.resize((160, 120)).save(small / "images" / "copy.jpg", quality=80)
    (small / "labels.csv").write_text("isic_id,label\na,nevus\nb,melanoma\ncopy,nevus\n")
    excluded = hashlib.sha256((small / "images" / "a.jpg").read_bytes()).hexdigest()
    assert len(read_manifest(small / "labels.csv", ISIC, exclude={excluded}).samples) == 1


def test_excluding_everything_is_refused(folder):
    everything = {sample.sha256 for sample in read_manifest(folder / "cases.csv").samples}
    with pytest.raises(BadManifest, match="no image is left"):
        read_manifest(folder / "cases.csv", exclude=everything)


def test_near_copies_share_a_group_by_any_chain():
    far, near, end = bytes(32), bytes([255] * 4 + [0] * 28), bytes([255] * 8 + [0] * 24)
    groups = near_groups([far, bytes([255] * 32), near, end], limit=32)
    assert groups[0] == groups[2] == groups[3] != groups[1]


def test_a_split_keeps_groups_together_and_gives_every_class_its_share(folder):
    samples = read_manifest(folder / "cases.csv").samples
    train, test = split(samples, 0.2, seed=4)
    assert sorted(train + test) == list(range(len(samples)))
    assert not {samples[i].group for i in train} & {samples[i].group for i in test}
    assert {samples[i].diagnosis for i in test} == {sample.diagnosis for sample in samples}
