"""Published designs as TOML files of plain values. A preset is read, copied, edited and exchanged without code."""

import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import tomli_w

from readerstudy.protocol.design import BadDesign, Design
from readerstudy.protocol.targets import SimulationTargets, contradicting_targets
from readerstudy.protocol.values import plain, read

FOLDER = Path(__file__).parent
HEAD = ("title", "source", "summary")
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Preset:
    """A named design that an administrator starts from. `simulate` says what simulated readers aim at."""

    name: str
    title: str
    source: str
    design: Design
    summary: str = ""
    simulate: SimulationTargets | None = None


def names() -> list[str]:
    """The presets that come with the product, by name."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load(name: str) -> Preset:
    """Read one preset. Raises BadDesign where there is none of that name or its values cannot be run."""
    if name not in names():
        raise BadDesign([f'There is no preset "{name}". Use one of: {", ".join(names())}.'])
    return parse((FOLDER / f"{name}.toml").read_text(encoding="utf-8"), name=name)


def name_faults(name: str, *, taken: Collection[str]) -> list[str]:
    """Why a new preset cannot have this name. `taken`: the names of all presets that exist, shipped and imported."""
    if not NAME.fullmatch(name):
        return [f'A preset cannot be called "{name}". Use small letters, digits and single hyphens, as in two-rounds.']
    if name in taken:
        return [f'There is already a preset "{name}". Give the new one another name.']
    return []


def parse(text: str, *, name: str) -> Preset:
    """Read a preset from the text of its file. Raises BadDesign with every fault."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as bad:
        raise BadDesign([f"The preset is no valid TOML: {bad}."]) from bad
    head = {key: values.pop(key, "") for key in HEAD}
    faults = [
        f'The preset has {key} = {value!r}. Write {key} = "..." with a text.'
        for key, value in head.items()
        if not isinstance(value, str) or (key != "summary" and not value.strip())
    ]
    targets = values.pop("simulate", None)
    simulate = None
    if targets is not None:
        simulate = read(SimulationTargets, targets, where="simulate table", faults=faults)
    try:
        design = Design.from_dict(values)
    except BadDesign as bad:
        raise BadDesign([*faults, *bad.faults]) from bad
    if simulate is not None:
        faults += contradicting_targets(simulate, design)
    if faults:
        raise BadDesign(faults)
    return Preset(name=name, design=design, simulate=simulate, **head)


def written(preset: Preset) -> str:
    """The text of a preset's file; `parse` reads it back. What is absent is left out: TOML has no null."""
    head = {key: getattr(preset, key) for key in HEAD if getattr(preset, key)}
    simulate = {"simulate": plain(preset.simulate)} if preset.simulate else {}
    return tomli_w.dumps({**head, **preset.design.as_dict(), **simulate})
