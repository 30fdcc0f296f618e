"""Each contract of pyproject.toml holds, and turns red where somebody breaks it."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

# For each contract: the file in which a line is planted, and the line.
VIOLATIONS = [
    ("pure", "readerstudy/protocol/timing.py", "import django.db"),
    ("pure", "readerstudy/statistics/agreement.py", "import readerstudy.models"),
    ("pure-siblings", "readerstudy/table/columns.py", "import readerstudy.statistics.agreement"),
    ("protocol-alone", "readerstudy/protocol/timing.py", "import readerstudy.table.columns"),
    ("protocol-statistics", "readerstudy/statistics/agreement.py", "import readerstudy.protocol.timing"),
    ("ml-below", "ml/data/synthetic.py", "import django.conf"),
    ("ml-below", "ml/data/synthetic.py", "import readerstudy.protocol.timing"),
    ("ml-protected", "webapp/assistance/views.py", "import ml.data.synthetic"),
    ("ml-protected", "readerstudy/services/reading.py", "import ml.data.fingerprint"),
    ("ml-protected", "webapp/imagery/services.py", "import ml.data.synthetic"),
    ("downwards", "readerstudy/models/answer.py", "import readerstudy.services.reading"),
    ("downwards", "readerstudy/results/joined.py", "import readerstudy.exchange.cases"),
    ("downwards", "readerstudy/readingroom/views.py", "import readerstudy.administration.readers"),
    ("webapp-below", "webapp/imagery/services.py", "import readerstudy.models.reading"),
    ("webapp-services", "readerstudy/services/reading.py", "import webapp.assistance.services"),
    ("truth-protected", "readerstudy/readingroom/views.py", "import readerstudy.truth.services"),
    ("truth-protected", "readerstudy/administration/readers.py", "import readerstudy.truth.models"),
    ("reader-facing", "readerstudy/readingroom/views.py", "import readerstudy.exchange.cases"),
    ("reader-facing", "readerstudy/selectors/__init__.py", "import readerstudy.simulation.knowledge"),
    ("tasks-workers-only", "readerstudy/services/reading.py", "import webapp.work.tasks"),
    ("tasks-workers-only", "readerstudy/services/lock.py", "import readerstudy.tasks"),
]


def lint(house: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    chosen = [part for contract in contracts for part in ("--contract", contract)]
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache", *chosen]
    return subprocess.run(command, cwd=house, capture_output=True, text=True)


def test_every_contract_holds(house):
    outcome = lint(house)
    assert outcome.returncode == 0, outcome.stdout


@pytest.mark.parametrize(("contract", "file", "line"), VIOLATIONS, ids=lambda value: value.replace("/", "."))
def test_a_planted_import_breaks_its_contract(house, contract, file, line):
    path = house / file
    sound = path.read_text()
    path.write_text(f"{sound}\n{line}\n")
    try:
        outcome = lint(house, contract)
    finally:
        path.write_text(sound)
    assert outcome.returncode == 1, outcome.stdout
    assert "0 kept, 1 broken" in outcome.stdout


def test_every_contract_has_a_planted_violation(house):
    contracts = tomllib.loads((house / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    assert {contract["id"] for contract in contracts} == {contract for contract, _file, _line in VIOLATIONS}
