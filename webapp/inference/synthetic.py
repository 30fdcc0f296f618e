"""Synthetic cases for a site that has no images of its own. The door to `ml`, which other rooms may not import."""

from collections.abc import Mapping
from pathlib import Path


def draw_cases(folder: Path, counts: Mapping[str, Mapping[str, int]], *, seed: int) -> Path:
    """Draw `counts[data set][diagnosis]` synthetic images into `folder`; returns the path of its cases.csv.

    A folder that is complete is left as it is. The same arguments give the same bytes.
    """
    from ml.data.synthetic import write_folder  # only where images are drawn: numpy and Pillow at web start are enough

    table = folder / "cases.csv"  # written last
    return table if table.exists() else write_folder(folder, counts, seed)


def drawable() -> Mapping[str, list[str]]:
    """The data sets that can be drawn, each with its diagnoses."""
    from ml.data.synthetic import DATASETS

    return {name: sorted(diagnoses) for name, diagnoses in DATASETS.items()}
