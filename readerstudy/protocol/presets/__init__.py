"""Published designs as TOML files of plain values. A preset is read, copied and changed without code."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from readerstudy.protocol.design import BadDesign, Design

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Preset:
    """A named design that an administrator starts from."""

    name: str
    title: str
    source: str
    design: Design


def names() -> list[str]:
    """The presets that are there, by name."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load(name: str) -> Preset:
    """Read one preset. Raises BadDesign where there is none of that name or its values cannot be run."""
    if name not in names():
        raise BadDesign([f'There is no preset "{name}". Use one of: {", ".join(names())}.'])
    values = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    title, source = values.pop("title"), values.pop("source")
    return Preset(name=name, title=title, source=source, design=Design.from_dict(values))
