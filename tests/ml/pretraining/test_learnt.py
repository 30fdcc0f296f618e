"""Beside the weights lies what they were learnt from, by fingerprint."""

from pathlib import Path

import numpy as np

from ml.data.fingerprint import BYTES
from ml.data.manifest import Sample
from ml.models.checkpoint import sha256_of
from ml.pretraining.job import LEARNT, write_learnt


def test_every_image_that_was_learnt_from_is_a_row_of_the_file(tmp_path: Path):
    prints = [bytes([number] * BYTES) for number in range(5)]
    samples = [Sample(tmp_path / "x.png", "set", "nevus", None, None, "0" * 64, one, 0) for one in prints]
    files = write_learnt(tmp_path, samples)
    assert files == {LEARNT: sha256_of(tmp_path / LEARNT)}
    assert [bytes(row) for row in np.load(tmp_path / LEARNT, allow_pickle=False)] == prints
