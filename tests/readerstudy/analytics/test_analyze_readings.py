"""The command: a CSV in, the report out; no database is opened (these tests have none)."""

import io
import json
import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from readerstudy.results.report import report
from readerstudy.table import written
from tests.readerstudy.results.readings import study


@pytest.fixture
def file(tmp_path: Path) -> Path:
    target = tmp_path / "readings.csv"
    target.write_text("".join(written(study())), encoding="utf-8")
    return target


def analyse(file: Path, **options: object) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("analyze_readings", file, stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def test_the_json_is_the_report_of_the_rows(file: Path, tmp_path: Path):
    target = tmp_path / "report.json"
    out, _ = analyse(file, json=target)
    assert json.loads(target.read_text(encoding="utf-8")) == json.loads(json.dumps(report(study())))
    assert "readers were right in" in out and f"Wrote {target}." in out


def test_groups_timeouts_and_seed_are_passed_on(file: Path, tmp_path: Path):
    target = tmp_path / "report.json"
    call_command(
        "analyze_readings", str(file), "--groups", "0,5", "--timeouts", "exclude", "--seed", "3", "--json", str(target),
        stdout=io.StringIO(),
    )  # fmt: skip
    settings = json.loads(target.read_text(encoding="utf-8"))["settings"]
    assert settings["groups"] == ["[0,5)", "[5,inf)"]
    assert (settings["timeouts"], settings["seed"]) == ("exclude", 3)


def test_every_bad_row_is_listed_and_nothing_is_written(file: Path, tmp_path: Path):
    lines = file.read_text(encoding="utf-8").splitlines()
    lines[3] = lines[3].replace("answered", "late")
    lines[7] = lines[6]
    file.write_text("\n".join(lines), encoding="utf-8")
    targets = {"json": tmp_path / "report.json", "html": tmp_path / "report.html"}
    err = io.StringIO()
    with pytest.raises(CommandError, match=r"2 rows to correct\. Nothing was written\.") as refused:
        call_command("analyze_readings", file, stdout=io.StringIO(), stderr=err, **targets)
    assert refused.value.returncode == 2
    assert [line.split(":")[1] for line in err.getvalue().splitlines()] == ["4", "8"]
    assert not any(target.exists() for target in targets.values())


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(CommandError, match="No such file") as refused:
        analyse(tmp_path / "none.csv")
    assert refused.value.returncode == 2


def test_two_studies_in_one_file_are_refused(file: Path, tmp_path: Path):
    both = file.read_text(encoding="utf-8")
    file.write_text(both + both.split("\n", 1)[1].replace("s,r", "t,r"), encoding="utf-8")
    with pytest.raises(CommandError, match="2 studies") as refused:
        analyse(file, json=tmp_path / "report.json")
    assert refused.value.returncode == 2 and not (tmp_path / "report.json").exists()


def test_groups_that_are_no_years_are_refused(file: Path):
    with pytest.raises(CommandError, match="no list of years"):
        call_command("analyze_readings", str(file), "--groups", "young", stdout=io.StringIO())


def test_unknown_and_absent_columns_are_said(file: Path):
    content = file.read_text(encoding="utf-8").replace("position", "room", 1)
    file.write_text(content, encoding="utf-8")
    out, _ = analyse(file)
    assert "kept unread: room" in out and "read as empty: position" in out


def test_the_html_file_needs_nothing_beside_it(file: Path, tmp_path: Path):
    target = tmp_path / "report.html"
    analyse(file, html=target)
    page = target.read_text(encoding="utf-8")
    beside = re.sub(r"<script.*?</script>|<style.*?</style>", "", page, flags=re.DOTALL)
    assert not re.search(r'(?:src|href)="(?!data:|#)', beside), "every address in it is inside it"
    assert page.count("data-figure=") == 4 and "<table>" in page
