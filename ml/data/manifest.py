"""A list of images to learn from, read from a CSV file; knows neither torch nor Django.

The form is that of `cases.csv` as synthetic.py writes it and `import_cases` reads it: `image, dataset, diagnosis` and,
where known, `mask, caption`. Other column names are mapped: Layout(columns={"image": "isic_id", "diagnosis": "label"},
images="images/{}.jpg", masks="masks/{}.png", dataset="ISIC2017").
"""

import csv
import hashlib
import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from ml.data import fingerprint as marks

REQUIRED = ("image", "dataset", "diagnosis")
OPTIONAL = ("mask", "caption")
SAME_GROUP_BITS = 40  # beyond it, different lesions of one set begin to meet (docs/model.md)


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table names things. images, masks: where a cell's file lies below the table, `{}` standing for the cell."""

    columns: Mapping[str, str] = field(default_factory=dict)
    images: str = "{}"
    masks: str | None = None
    dataset: str | None = None  # for tables of one data set without such a column

    def column(self, name: str) -> str:
        return self.columns.get(name, name)


@dataclass(frozen=True, slots=True)
class Sample:
    """One image and what is known about it."""

    image: Path
    dataset: str
    diagnosis: str
    mask: Path | None
    caption: str | None
    sha256: str
    fingerprint: bytes
    group: int  # near copies share it


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be used. line: as an editor counts."""

    line: int
    reason: str


class BadManifest(ValueError):
    """The table cannot be used as it is; `rows` says where."""

    def __init__(self, table: Path, rows: list[BadRow]) -> None:
        self.rows = rows
        super().__init__("\n".join(f"{table.name}:{row.line}: {row.reason}" for row in rows))


@dataclass(frozen=True, slots=True)
class Manifest:
    """Samples in the table's order. left_out: rows held out as study images or as near copies of one."""

    samples: tuple[Sample, ...]
    left_out: int

    @property
    def classes(self) -> dict[str, list[str]]:
        """Diagnoses of each data set, in order of their names."""
        datasets = sorted({sample.dataset for sample in self.samples})
        return {name: sorted({s.diagnosis for s in self.samples if s.dataset == name}) for name in datasets}

    @property
    def sha256(self) -> str:
        """What the samples are, whatever the folder is called."""
        rows = (f"{s.sha256} {s.dataset} {s.diagnosis} {s.caption} {s.mask is not None}\n" for s in self.samples)
        return hashlib.sha256("".join(rows).encode()).hexdigest()


def read_manifest(
    table: Path, layout: Layout | None = None, *,
    exclude: Collection[str] = (), exclude_fingerprints: Collection[bytes] = (),
) -> Manifest:  # fmt: skip
    """Read a table and every file that it names.

    exclude: sha256 (hex) of image files that must not be learnt from; exclude_fingerprints: 256-bit fingerprints of
    such images, for where their bytes were rebuilt. Near copies of an excluded image are left out with it.
    Raises BadManifest with every bad row, FileNotFoundError without the table.
    """
    layout = layout or Layout()
    rows, bad = _rows(table, layout)
    read: list[tuple[dict[str, str | None], Path, str, bytes]] = []
    for line, row in rows:
        try:
            read.append((row, *_image(table.parent / layout.images.format(row["image"]))))
            _mask(table, row, layout)
        except (OSError, UnidentifiedImageError, ValueError) as error:
            bad.append(BadRow(line, str(error)))
    if bad:
        raise BadManifest(table, sorted(bad, key=lambda row: row.line))
    groups = near_groups([mark for *_, mark in read])
    banned = {group for group, (*_, sha, _mark) in zip(groups, read, strict=True) if sha in set(exclude)}
    banned |= _near(exclude_fingerprints, [mark for *_, mark in read], groups)
    samples = [
        Sample(
            path,
            row["dataset"] or "",
            row["diagnosis"] or "",
            _mask(table, row, layout),
            row["caption"],
            sha,
            mark,
            group,
        )
        for group, (row, path, sha, mark) in zip(groups, read, strict=True)
        if group not in banned
    ]
    if not samples:
        raise BadManifest(table, [BadRow(1, "no image is left to learn from: the table is empty or all are held out")])
    return Manifest(tuple(samples), left_out=len(read) - len(samples))


def near_groups(fingerprints: list[bytes], limit: int = SAME_GROUP_BITS) -> list[int]:
    """A group number for each image; images within `limit` bits of one another, by any chain, share theirs."""
    group = list(range(len(fingerprints)))
    table_NK = _table(fingerprints)

    def root(i: int) -> int:
        while group[i] != i:
            group[i] = group[group[i]]
            i = group[i]
        return i

    for i, mark in enumerate(fingerprints):
        for j in np.flatnonzero(marks.distances(mark, table_NK[:i]) <= limit):
            group[root(i)] = root(int(j))
    return [root(i) for i in range(len(group))]


def split(samples: tuple[Sample, ...], held_out: float, seed: int) -> tuple[list[int], list[int]]:
    """Indices to learn from and indices to test on; near copies stay together, each diagnosis gives its share."""
    rng = np.random.default_rng(seed)
    by_class: dict[tuple[str, str], list[int]] = {}
    members: dict[int, list[int]] = {}
    for index, sample in enumerate(samples):
        members.setdefault(sample.group, []).append(index)
    for group, indices in members.items():
        first = samples[indices[0]]
        by_class.setdefault((first.dataset, first.diagnosis), []).append(group)
    test: list[int] = []
    for _name, groups in sorted(by_class.items()):
        chosen = rng.permutation(len(groups))[: round(len(groups) * held_out)]
        test += [index for c in chosen for index in members[groups[c]]]
    return sorted(set(range(len(samples))) - set(test)), sorted(test)


def _rows(table: Path, layout: Layout) -> tuple[list[tuple[int, dict[str, str | None]]], list[BadRow]]:
    """Cells by our names with their line numbers, and the rows that lack a required one."""
    text = table.read_text(encoding="utf-8-sig")  # Excel puts a byte order mark first
    header = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if header.count(";") > header.count(",") else ",")
    given = set(reader.fieldnames or ())
    wanted = [name for name in REQUIRED if not (name == "dataset" and layout.dataset)]
    if missing := [layout.column(name) for name in wanted if layout.column(name) not in given]:
        there = ", ".join(sorted(given))
        reason = f"column {', '.join(missing)} is missing; there are {there}. Name it: --column image=NAME"
        raise BadManifest(table, [BadRow(1, reason)])
    good, bad = [], []
    for cells in reader:
        row = {name: (cells.get(layout.column(name)) or "").strip() or None for name in (*REQUIRED, *OPTIONAL)}
        row["dataset"] = layout.dataset or row["dataset"]
        if empty := [name for name in REQUIRED if row[name] is None]:
            bad.append(BadRow(reader.line_num, f"{', '.join(empty)} is empty"))
        else:
            good.append((reader.line_num, row))
    return good, bad


def _image(path: Path) -> tuple[Path, str, bytes]:
    content = path.read_bytes()
    with Image.open(io.BytesIO(content)) as image:
        return path, hashlib.sha256(content).hexdigest(), marks.fingerprint(image)


def _mask(table: Path, row: Mapping[str, str | None], layout: Layout) -> Path | None:
    """The mask that the row names, or that lies where the layout says."""
    if layout.masks is not None:
        found = table.parent / layout.masks.format(row["image"])
        return found if found.exists() else None
    if row["mask"] is None:
        return None
    found = table.parent / row["mask"]
    if not found.exists():
        raise ValueError(f"mask {row['mask']} does not exist")
    return found


def _near(wanted: Collection[bytes], fingerprints: list[bytes], groups: list[int]) -> set[int]:
    table_NK = _table(fingerprints)
    return {
        groups[int(i)] for mark in wanted for i in np.flatnonzero(marks.distances(mark, table_NK) <= SAME_GROUP_BITS)
    }


def _table(fingerprints: list[bytes]) -> NDArray[np.uint8]:
    return np.frombuffer(b"".join(fingerprints), dtype=np.uint8).reshape(len(fingerprints), -1)
