import csv
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from ml.data.looks import LOOKS, Structure
from ml.data.synthetic import COLUMNS, DATASETS, draw, evenly, write_folder

EVERY_DIAGNOSIS = [(dataset, label) for dataset, labels in DATASETS.items() for label in labels]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("synthetic")
    write_folder(folder, evenly(21), seed=3, size=96)
    return folder


def rows(folder):
    with (folder / "cases.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(("dataset", "diagnosis"), EVERY_DIAGNOSIS)
def test_every_diagnosis_is_drawn_with_a_lesion_inside_the_picture(dataset, diagnosis):
    drawn = draw(dataset, diagnosis, np.random.default_rng(1), size=128)
    assert drawn.image.size == (128, 128)
    assert drawn.mask.shape == (128, 128)
    assert 0.02 < drawn.mask.mean() < 0.9


def test_the_lesion_differs_from_the_skin_around_it():
    drops = []
    for seed in range(6):
        drawn = draw(*EVERY_DIAGNOSIS[0], np.random.default_rng(seed))
        middle = slice(48, 208)  # without the dark rim of the instrument
        grey, mask = np.asarray(drawn.image.convert("L"), dtype=float)[middle, middle], drawn.mask[middle, middle]
        drops.append(grey[~mask].mean() - grey[mask].mean())
    assert np.median(drops) > 20


def test_the_same_seed_draws_the_same_pixels_and_another_seed_others():
    first, again, other = (draw(*EVERY_DIAGNOSIS[3], np.random.default_rng(seed), size=64) for seed in (5, 5, 6))
    assert first.image.tobytes() == again.image.tobytes()
    assert first.caption == again.caption
    assert first.image.tobytes() != other.image.tobytes()


@pytest.mark.parametrize("seed", range(12))
def test_a_caption_names_what_was_drawn_and_nothing_else(seed):
    drawn = draw(*EVERY_DIAGNOSIS[seed % len(EVERY_DIAGNOSIS)], np.random.default_rng(seed), size=32)
    named = {structure for structure in Structure if structure.value in drawn.caption.lower()}
    assert named == set(drawn.attributes.structures)
    assert drawn.attributes.colour in drawn.caption.lower()


def test_a_caption_never_names_the_diagnosis():
    for dataset, diagnosis in EVERY_DIAGNOSIS:
        drawn = draw(dataset, diagnosis, np.random.default_rng(2), size=32)
        assert diagnosis.lower() not in drawn.caption.lower()


def test_captions_vary():
    captions = {draw(*EVERY_DIAGNOSIS[0], np.random.default_rng(seed), size=32).caption for seed in range(20)}
    assert len(captions) > 12


def test_no_structure_belongs_to_one_diagnosis_alone_except_the_surest_signs():
    for looks in LOOKS.values():
        shown = [structure for look in looks.values() for structure in look.structures]
        alone = {structure for structure in shown if shown.count(structure) == 1}
        assert alone <= {Structure.STREAKS, Structure.ATYPICAL_NETWORK, Structure.HAIRPIN, Structure.NESTS,
                         Structure.LEAVES, Structure.GLOMERULAR}  # fmt: skip


def test_a_folder_holds_one_image_and_one_mask_a_row(folder):
    table = rows(folder)
    assert len(table) == 21
    assert tuple(table[0]) == COLUMNS
    for row in table:
        assert Image.open(folder / row["image"]).size == Image.open(folder / row["mask"]).size


def test_file_names_and_order_tell_no_class(folder):
    table = rows(folder)
    assert all(row["image"].startswith("images/synthetic-") for row in table)
    assert [row["diagnosis"] for row in table] != sorted(row["diagnosis"] for row in table)
    assert not any(word in row["image"] for row in table for word in ("melanoma", "scalp", "carcinoma"))


def test_the_same_seed_writes_the_same_bytes(folder, tmp_path):
    write_folder(tmp_path, evenly(21), seed=3, size=96)
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        assert (tmp_path / path.relative_to(folder)).read_bytes() == path.read_bytes()


def test_an_unknown_diagnosis_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=r"'nevus' of .* cannot be drawn. Known are .*melanoma"):
        draw("MPL5-synthetic", "nevus", np.random.default_rng(0))


def test_drawing_and_fingerprints_need_no_torch():
    script = "import sys, ml.data.synthetic, ml.data.fingerprint; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
