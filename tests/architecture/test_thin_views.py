"""Rule 5: a view parses, calls one service or selector, and renders. It neither queries nor writes."""

import ast
from pathlib import Path

import pytest

from tests.architecture.conftest import ROOT

PAGE_ROOMS = ("readerstudy/readingroom", "readerstudy/administration", "readerstudy/analytics", "readerstudy/demo")
# `.get(` and `.update(` are a dictionary's as well: `objects` and `transaction` give those away.
FORBIDDEN_CALLS = {"save", "create", "bulk_create", "bulk_update", "get_or_create", "filter", "exclude", "delete"}


def view_files(root: Path) -> list[Path]:
    found = [path for path in root.glob("webapp/*/*.py") if path.name in ("views.py", "api.py")]
    for room in PAGE_ROOMS:
        found += [path for path in (root / room).glob("*.py") if _holds_views(path)]
    return sorted(found)


def _holds_views(path: Path) -> bool:
    return any(
        isinstance(node, ast.FunctionDef) and any(argument.arg == "request" for argument in node.args.args)
        for node in ast.walk(ast.parse(path.read_text()))
    )


def breaches(source: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in FORBIDDEN_CALLS:
            found.append(f"line {node.lineno}: .{node.func.attr}(")
        if isinstance(node, ast.Name) and node.id == "transaction":
            found.append(f"line {node.lineno}: transaction")
        if isinstance(node, ast.Attribute) and node.attr == "ModelForm":
            found.append(f"line {node.lineno}: forms.ModelForm")
    return found


@pytest.mark.parametrize("path", view_files(ROOT), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_view_neither_queries_nor_writes(path):
    assert breaches(path.read_text()) == []


@pytest.mark.parametrize(
    "line",
    [
        "study.save()",
        "Answer.objects.filter(pk=1)",
        "with transaction.atomic(): pass",
        "class F(forms.ModelForm): pass",
    ],
)
def test_a_planted_query_or_write_is_found(line):
    assert breaches(f"def view(request):\n    {line}\n")


def test_the_rule_looks_at_the_pages_that_exist():
    names = {str(path.relative_to(ROOT)) for path in view_files(ROOT)}
    assert {"webapp/accounts/views.py", "readerstudy/readingroom/api.py"} <= names
