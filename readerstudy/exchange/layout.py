"""How somebody else's folder and CSV are read as cases: which column is which, and where the pictures lie."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Self

REQUIRED = ("image", "dataset", "diagnosis")
CLINICAL = ("age", "sex", "site", "history", "skin_tone")  # shown where a stage's evidence names them
ATTRIBUTES = (*CLINICAL, "skin_type", "lesion", "patient")  # kept beside a case; the last three are never shown
MOST_IMAGES = 8
FURTHER = tuple(f"image_{number}" for number in range(2, MOST_IMAGES + 1))  # and image_2_kind: what it shows
KINDS = tuple(f"{name}_kind" for name in FURTHER)
PROVENANCE = ("truth_source", "panel_k", "panel_n")  # where the diagnosis comes from: kept with the truth only
SPLIT = "split"  # train, validation or test, as the data set's makers say; only chosen by, never kept
OURS = (*REQUIRED, "mask", SPLIT, *ATTRIBUTES, *FURTHER, *KINDS, *PROVENANCE)


class BadLayout(ValueError):
    """An option that cannot be followed. The message says what to write."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Only columns named here are imported: another file's extra columns may hold the diagnosis in other words."""

    columns: Mapping[str, str] = field(default_factory=dict)  # our name -> the file's name, where they differ
    images: str = ""  # where a picture lies below the folder; {} is the cell. Empty: as the cell says, or in images/
    masks: str = ""  # likewise; where no column names the mask, {} is the image's cell
    dataset: str = ""  # for a file without such a column

    @classmethod
    def from_options(cls, *, columns: Iterable[str] = (), images: str = "", masks: str = "", dataset: str = "") -> Self:
        """Read `--column image=isic_id` and its companions. Raises BadLayout."""
        for name, template in (("images", images), ("masks", masks)):
            if template and "{}" not in template:
                raise BadLayout(f'--{name} "{template}" has no {{}} for the name. Write for example "{name}/{{}}.jpg".')
        return cls(columns=dict(_pair(text) for text in columns), images=images, masks=masks, dataset=dataset)

    def column(self, ours: str) -> str:
        return self.columns.get(ours, ours)

    def names(self) -> list[str]:
        """Every column that is read, by our name: the known ones and those that an option added."""
        return list(dict.fromkeys((*OURS, *self.columns)))

    def image_path(self, folder: Path, cell: str) -> Path:
        """Where the picture of this cell lies. Raises ValueError where it is outside the folder or not there."""
        return _found(folder, cell, [self.images] if self.images else ["{}", "images/{}"])

    def mask_path(self, folder: Path, cell: str, image_cell: str) -> Path | None:
        """Where the mask lies; None for a row that has none. Raises ValueError like `image_path`."""
        if cell:
            return _found(folder, cell, [self.masks] if self.masks else ["{}", "masks/{}"])
        return _found(folder, image_cell, [self.masks]) if self.masks and "mask" not in self.columns else None


def _pair(text: str) -> tuple[str, str]:
    ours, equals, theirs = text.partition("=")
    if not (equals and ours.strip() and theirs.strip()):
        raise BadLayout(f'--column "{text}" is not understood. Write our name, "=", the file\'s name: image=isic_id.')
    return ours.strip(), theirs.strip()


def _found(folder: Path, cell: str, templates: list[str]) -> Path:
    root = folder.resolve()
    places = [template.replace("{}", cell) for template in templates]
    for place in places:
        path = (root / place).resolve()
        if not path.is_relative_to(root):
            raise ValueError(f'"{place}" leads out of the folder. Put every file below it.')
        if path.is_file():
            return path
    raise ValueError(f'no file "{places[0]}" in the folder.{_near(root / places[0])}')


def _near(path: Path) -> str:
    names = [other.name for other in path.parent.iterdir()] if path.parent.is_dir() else []
    near = get_close_matches(path.name, names, n=1)
    return f' Did you mean "{near[0]}"?' if near else " Add it, or correct the name."
