"""What the design editor draws: the fields of a Design as plain values, read from the dataclasses themselves.

A field that protocol/design.py gains appears in the editor by itself; design_words.py may give it better words.
"""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from readerstudy.administration.design_words import SECTIONS, words_of
from readerstudy.protocol.design import Design
from readerstudy.protocol.questions import Question
from readerstudy.protocol.values import plain

# Text that names something else of the design: the editor offers those names.
REFERENCES = {
    ("StageDesign", "modality"): "modalities",
    ("StageDesign", "questions"): "questions",
    ("Split", "modalities"): "modalities",
    ("Modality", "source"): "sources",
    ("Allocation", "strata"): "profile",
    ("Groups", "variable"): "profile",
}
ONLY_FOR = {  # a field of a question -> the kinds that have it
    "options": ("diagnosis", "ranked", "choice", "management", "checklist"),
    "cannot_tell": ("diagnosis", "ranked", "choice", "management", "checklist"),
    "low": ("scale",), "high": ("scale",), "low_label": ("scale", "confidence"), "high_label": ("scale", "confidence"),
    "most": ("ranked",), "free": ("ranked",), "synonyms": ("ranked",),
}  # fmt: skip


def design_schema() -> dict[str, Any]:
    """`sections`: which fields of a Design stand together; `fields`: every field, nested where it holds a table."""
    return {"sections": [{**one, "title": str(one["title"])} for one in SECTIONS], "fields": _fields(Design)}


def _fields(kind: type) -> list[dict[str, Any]]:
    hints = get_type_hints(kind)
    return [_field(kind, one, hints[one.name]) for one in fields(kind)]


def _field(owner: type, one: Field[Any], hint: Any) -> dict[str, Any]:
    optional = get_origin(hint) is UnionType
    if optional:
        hint = next(each for each in get_args(hint) if each is not NoneType)
    label, help_text = words_of(owner.__name__, one.name)
    found = {
        "name": one.name,
        "label": label,
        "help": help_text,
        "optional": optional,
        "default": _default(one),
        "from": REFERENCES.get((owner.__name__, one.name)),
        **_shape(hint, one.metadata),
    }
    if owner is Question and one.name in ONLY_FOR:
        found["only_for"] = {"field": "kind", "values": list(ONLY_FOR[one.name])}
    return found


def _shape(hint: Any, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The kind of control, and what it needs to know."""
    if get_origin(hint) is tuple:
        return _list(get_args(hint)[0], metadata)
    if get_origin(hint) is Mapping:
        return {"type": "pairs", "values": "number" if get_args(hint)[1] is int else "text",
                "deep": get_origin(get_args(hint)[1]) is Mapping}  # fmt: skip
    if is_dataclass(hint):
        return {"type": "table", "fields": _fields(hint)}
    if issubclass(hint, StrEnum):
        return {"type": "choice", "options": [{"value": str(one), "label": _named(hint, one)} for one in hint]}
    if hint is bool:
        return {"type": "flag"}
    if hint in (int, float):
        least, most = metadata.get("range", (None, None))
        return {"type": "number", "whole": hint is int, "least": least, "most": most, "unit": metadata.get("unit", "")}
    return {"type": "text"}


def _list(kind: Any, metadata: Mapping[str, Any]) -> dict[str, Any]:
    if is_dataclass(kind):
        return {"type": "tables", "singular": metadata.get("singular", ""), "fields": _fields(kind)}
    if get_origin(kind) is tuple:
        return {"type": "lines"}
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {"type": "checks", "options": [{"value": str(one), "label": _named(kind, one)} for one in kind]}
    return {"type": "names", "numbers": kind is float}


def _named(kind: type[StrEnum], one: StrEnum) -> str:
    label, _help = words_of(kind.__name__, str(one))
    return label


def _default(one: Field[Any]) -> Any:
    if one.default is not MISSING:
        return plain(one.default)
    return plain(one.default_factory()) if one.default_factory is not MISSING else None
