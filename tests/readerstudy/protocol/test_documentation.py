"""docs/protocol.md names every key of a preset file and every value of a choice; docs/presets.md every preset."""

import re
from dataclasses import fields, is_dataclass
from enum import StrEnum
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from readerstudy.protocol import presets
from readerstudy.protocol.contradictions.reading import CLINICAL_EVIDENCE
from readerstudy.protocol.design import ENDPOINTS, Design
from readerstudy.protocol.eligibility import RULES
from readerstudy.protocol.rubric import GRADES
from readerstudy.protocol.targets import SimulationTargets

DOCS = Path(__file__).parents[3] / "docs"
PROTOCOL = (DOCS / "protocol.md").read_text(encoding="utf-8")
ROWS = [line.split("|") for line in PROTOCOL.splitlines() if line.startswith("| `")]


def inside(hint) -> list[type]:
    """Every class that an annotation names, at any depth."""
    return (
        [hint] if isinstance(hint, type) and not get_args(hint) else [k for one in get_args(hint) for k in inside(one)]
    )


def tables(kind: type) -> set[type]:
    """A dataclass and every dataclass that its fields hold."""
    found = {kind}
    for hint in get_type_hints(kind).values():
        found |= {one for held in inside(hint) if is_dataclass(held) for one in tables(held)}
    return found


TABLES = sorted(tables(Design) | tables(SimulationTargets), key=lambda kind: kind.__name__)
FIELDS = [(kind.__name__, one.name, get_type_hints(kind)[one.name]) for kind in TABLES for one in fields(kind)]


@pytest.mark.parametrize(("table", "key", "hint"), FIELDS, ids=lambda one: one if isinstance(one, str) else "")
def test_every_key_and_every_value_of_a_choice_is_documented(table, key, hint):
    rows = [row for row in ROWS if row[1].strip() == f"`{key}`"]
    assert rows
    members = {str(one) for kind in inside(hint) if issubclass(kind, StrEnum) for one in kind}
    assert any(members <= set(re.findall(r"`([^`]*)`", row[2])) for row in rows)


def test_every_documented_key_exists():
    known = {key for _table, key, _hint in FIELDS} | set(presets.HEAD)
    in_keys = PROTOCOL[PROTOCOL.index("## Every key") : PROTOCOL.index("## A rubric")]
    documented = re.findall(r"^\| `([^`]+)` \|", in_keys, flags=re.MULTILINE)
    assert set(documented) == known


def test_each_table_documents_as_many_keys_as_it_has():
    in_keys = PROTOCOL[PROTOCOL.index("## Every key") : PROTOCOL.index("## A rubric")]
    documented = re.findall(r"^\| `([^`]+)` \|", in_keys, flags=re.MULTILINE)
    assert len(documented) == len(FIELDS) + len(presets.HEAD)


@pytest.mark.parametrize("word", [*ENDPOINTS, *GRADES, *RULES, *CLINICAL_EVIDENCE, "image", "images", "years"])
def test_every_word_of_a_list_of_words_is_documented(word):
    assert f"`{word}`" in PROTOCOL


@pytest.mark.parametrize("name", presets.names())
def test_every_preset_is_described(name):
    assert f"| `{name}` |" in (DOCS / "presets.md").read_text(encoding="utf-8")
