"""Published designs as TOML files of plain values. A preset is read, copied, edited and exchanged without code."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomli_w

from readerstudy.protocol.design import BadDesign, Design

FOLDER = Path(__file__).parent
HEAD = ("title", "source", "summary")


@dataclass(frozen=True, slots=True)
class Preset:
    """A named design that an administrator starts from. `simulate` says what simulated readers aim at."""

    name: str
    title: str
    source: str
    design: Design
    summary: str = ""
    simulate: Mapping[str, Any] = field(default_factory=dict)


def names() -> list[str]:
    """The presets that come with the product, by name."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load(name: str) -> Preset:
    """Read one preset. Raises BadDesign where there is none of that name or its values cannot be run."""
    if name not in names():
        raise BadDesign([f'There is no preset "{name}". Use one of: {", ".join(names())}.'])
    return parse((FOLDER / f"{name}.toml").read_text(encoding="utf-8"), name=name)


def parse(text: str, *, name: str) -> Preset:
    """Read a preset from the text of its file. Raises BadDesign with every fault."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as bad:
        raise BadDesign([f"The preset is no valid TOML: {bad}."]) from bad
    head = {key: values.pop(key, "") for key in HEAD}
    simulate = values.pop("simulate", {})
    faults = [f"The preset lacks its {key}. Add a line {key} = ..." for key in ("title", "source") if not head[key]]
    try:
        design = Design.from_dict(values)
    except BadDesign as bad:
        raise BadDesign([*faults, *bad.faults]) from bad
    if faults:
        raise BadDesign(faults)
    return Preset(name=name, design=design, simulate=simulate, **head)


def written(preset: Preset) -> str:
    """The text of a preset's file; `parse` reads it back."""
    head = {key: getattr(preset, key) for key in HEAD if getattr(preset, key)}
    simulate = {"simulate": dict(preset.simulate)} if preset.simulate else {}
    return tomli_w.dumps({**head, **_without_none(preset.design.as_dict()), **simulate})


def _without_none(value: Any) -> Any:
    """TOML has no null; a value left out means the same."""
    if isinstance(value, Mapping):
        return {key: _without_none(one) for key, one in value.items() if one is not None}
    return [_without_none(one) for one in value] if isinstance(value, list) else value
