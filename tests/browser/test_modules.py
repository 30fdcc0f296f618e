"""Modules are served under hashed names, and so must be what they import: else a browser mixes two releases."""

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "static"
MODULES = [path for path in sorted(STATIC.rglob("*.js")) if "vendor" not in path.parts]
IMPORT = re.compile(r"""^(?:import|export)\b[^"']*\bfrom\s*["'][./].*$""", re.MULTILINE)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(STATIC)))
def test_an_import_ends_in_the_semicolon_by_which_django_finds_and_hashes_it(module: Path) -> None:
    assert [line for line in IMPORT.findall(module.read_text()) if not line.rstrip().endswith(";")] == []
