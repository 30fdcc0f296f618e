"""Plain values (a TOML file, a form, stored JSON) read into frozen dataclasses, with every fault told at once.

A field's annotation says its kind; its metadata may hold `range` (least, most), `unit` and `singular` (how an entry of
a list is called in a message).
"""

import sys
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass, replace
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

Kind = TypeVar("Kind")
FINITE = (-sys.float_info.max, sys.float_info.max)


class BadDesign(ValueError):
    """A design that cannot be run. `faults` has one clear message for each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__(" ".join(faults))
        self.faults = faults


def read(kind: type[Kind], values: Any, *, where: str, faults: list[str]) -> Kind | None:
    """An instance of the dataclass `kind`; None where anything is wrong, with the reasons added to `faults`."""
    if not isinstance(values, Mapping):
        faults.append(f"The {where} must be a table of values, not {values!r}.")
        return None
    before = len(faults)
    hints = _hints(kind)  # type: ignore[arg-type]
    known = {one.name: one for one in fields(kind)}  # type: ignore[arg-type]
    faults += _unknown(values, list(known), where)
    found = {}
    for name, one in known.items():
        if name in values:
            found[name] = _value(hints[name], values[name], _Place(where, name, one.metadata), faults)
        elif one.default is MISSING and one.default_factory is MISSING:
            faults.append(f'The {where} lacks "{name}".')
    return kind(**found) if len(faults) == before else None


def plain(value: Any, *, whole: bool = False) -> Any:
    """JSON-able values that `read` reads back. Fields that hold their default are left out, unless `whole`."""
    if is_dataclass(value):
        pairs = ((one, getattr(value, one.name)) for one in fields(value))
        return {one.name: plain(held, whole=whole) for one, held in pairs if whole or not _is_default(one, held)}
    if isinstance(value, StrEnum):
        return str(value)
    if isinstance(value, tuple | list):
        return [plain(one, whole=whole) for one in value]
    if isinstance(value, Mapping):
        return {key: plain(one, whole=whole) for key, one in value.items()}
    return value


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    """A class's annotations; resolving them anew for every entry of every list took most of the reading."""
    return get_type_hints(kind)


def _is_default(one: Field[Any], held: Any) -> bool:
    if one.default is not MISSING:
        return bool(held == one.default)
    return one.default_factory is not MISSING and bool(held == one.default_factory())


def _unknown(values: Mapping[str, Any], known: list[str], where: str) -> list[str]:
    faults = []
    for key in values:
        if key not in known:
            near = get_close_matches(key, known, n=1)
            meant = f' Did you mean "{near[0]}"?' if near else f" Known keys: {', '.join(known)}."
            faults.append(f'The {where} has an unknown key "{key}".{meant}')
    return faults


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a value stands, for messages, and what its field's metadata asks of it."""

    where: str
    name: str
    metadata: Mapping[str, Any]

    def fault(self, value: Any, cure: str) -> str:
        return f"The {self.where} has {self.name} = {value!r}. Use {cure}."


def _value(hint: Any, value: Any, place: _Place, faults: list[str]) -> Any:
    if get_origin(hint) is UnionType:
        if value is None:
            return None
        hint = next(kind for kind in get_args(hint) if kind is not NoneType)
    if get_origin(hint) is tuple:
        return _entries(get_args(hint)[0], value, place, faults)
    if get_origin(hint) is Mapping:
        return _mapping(get_args(hint)[1], value, place, faults)
    if is_dataclass(hint):
        return read(hint, value, where=f"{place.where}'s {place.name}", faults=faults)  # type: ignore[arg-type]
    if issubclass(hint, StrEnum):
        return _choice(hint, value, place, faults)
    if hint in (int, float):
        return _number(hint, value, place, faults)
    if not isinstance(value, hint):
        faults.append(place.fault(value, "true or false" if hint is bool else "a text"))
    return value


def _entries(kind: Any, value: Any, place: _Place, faults: list[str]) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        faults.append(place.fault(value, "a list"))
        return ()
    if is_dataclass(kind):
        called = place.metadata.get("singular", place.name)
        inside = "" if place.where == "design" else f"{place.where}, "
        return tuple(
            read(kind, entry, where=f"{inside}{called} {number}", faults=faults)  # type: ignore[arg-type]
            for number, entry in enumerate(value, start=1)
        )
    return tuple(_value(kind, entry, place, faults) for entry in value)


def _mapping(kind: Any, value: Any, place: _Place, faults: list[str]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) and key.strip() for key in value):
        faults.append(place.fault(value, "a table of names and values"))
        return {}
    return {
        key: _value(kind, held, replace(place, name=f'{place.name} "{key}"'), faults) for key, held in value.items()
    }


def _choice(kind: type[StrEnum], value: Any, place: _Place, faults: list[str]) -> Any:
    known = [str(member) for member in kind]
    if value not in known:
        choices = ", ".join(known)
        faults.append(f'The {place.where} has {place.name} "{value}", which is not known. Use one of: {choices}.')
        return value
    return kind(value)


def _number(kind: type, value: Any, place: _Place, faults: list[str]) -> Any:
    """A finite number of the field's range. A whole number given for a fraction is read as one: 20 is 20.0."""
    least, most = place.metadata.get("range", FINITE)
    right_kind = isinstance(value, int if kind is int else int | float) and not isinstance(value, bool)
    if right_kind and least <= value <= most:
        return kind(value)
    unit = f" {place.metadata['unit']}" if "unit" in place.metadata else ""
    span = f" from {least:g} to {most:g}{unit}" if "range" in place.metadata else ""
    faults.append(place.fault(value, f"{'a whole number' if kind is int else 'a number'}{span}"))
    return value
