"""Where the golden values of pretraining lie; they were made with the official DINOv2 code on one CPU thread."""

import os
from pathlib import Path

import numpy as np
import pytest

VALUES = {"rtol": 1e-5, "atol": 1e-6}
GRADIENTS = {"rtol": 1e-4, "atol": 1e-6}
FLOAT64 = {"rtol": 1e-12}


def load(name: str) -> np.lib.npyio.NpzFile:
    """One file of the set; skips where the set is absent."""
    folder = Path(os.environ.get("DERMINO_PRETRAINING_FIXTURES", "../shared/reference/pretraining"))
    if not (folder / f"{name}.npz").exists():
        pytest.skip(f"no golden values in {folder}: set DERMINO_PRETRAINING_FIXTURES")
    return np.load(folder / f"{name}.npz")
