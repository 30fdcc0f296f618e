"""A locked study as one file that can be checked outside."""

import csv
import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from readerstudy.exchange import verify
from readerstudy.exchange.bundle import NotLocked, codebook, export_study
from readerstudy.exchange.bundle_columns import FILES
from readerstudy.models import Exclusion, Study
from readerstudy.results.joined import report_for
from readerstudy.results.report import report
from readerstudy.services.lock import lock_simulated_study
from readerstudy.services.study import close_study
from readerstudy.table import KNOWN, parse_table
from tests.readerstudy.results.test_joined import all_answered, launched
from tests.readerstudy.results.test_report import find
from tests.readerstudy.sample_study import NOON
from tests.readerstudy.services.test_stages import TWO_STAGES, Desk, study_with
from tests.readerstudy.signers import lock
from webapp.audit.models import Event

pytestmark = pytest.mark.django_db(databases=["default", "truth"])


def contents(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as bundle:
        return {name: bundle.read(name).decode() for name in bundle.namelist()}


def lines(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def locked() -> Study:
    """Two readers, two stages, one case excluded, one time-out with a draft."""
    study = study_with(rounds=[{"stages": TWO_STAGES}])
    all_answered(Desk(study))
    desk = Desk(study, number=2)
    step = desk.next()
    desk.start(step)
    desk.submit(step, {"diagnosis": step.reading.classes[0]}, outcome="timed_out", after=20)
    all_answered(desk)
    case = study.cases.order_by("id").first()
    Exclusion.objects.create(study=study, case=case, decision="excluded", reason="blurred", at=NOON)
    return lock(study)


@pytest.fixture
def written(locked: Study, tmp_path: Path) -> dict[str, str]:
    export_study(study_id=locked.pk, path=tmp_path / "bundle.zip", by=None, at=NOON)
    return contents(tmp_path / "bundle.zip")


def test_only_a_locked_study_is_exported_and_the_refusal_names_the_cure(tmp_path: Path):
    study = study_with()
    with pytest.raises(NotLocked, match="lock its readings"):
        export_study(study_id=study.pk, path=tmp_path / "bundle.zip", by=None, at=NOON)
    with pytest.raises(CommandError, match="Nothing was written"):
        call_command("export_study", study.slug, output=tmp_path / "bundle.zip")
    with pytest.raises(CommandError, match="There is no study"):
        call_command("export_study", "nowhere", output=tmp_path / "bundle.zip")
    assert not list(tmp_path.iterdir())


def test_the_same_study_gives_the_same_bytes_and_each_export_is_an_event(locked: Study, tmp_path: Path):
    one, two = tmp_path / "one.zip", tmp_path / "two.zip"
    made = [export_study(study_id=locked.pk, path=path, by=None, at=NOON) for path in (one, two)]
    assert one.read_bytes() == two.read_bytes()
    said = [event.data["sha256"] for event in Event.objects.filter(kind="study.exported")]
    assert said == [bundle.sha256 for bundle in made] == 2 * [hashlib.sha256(one.read_bytes()).hexdigest()]


def test_files_lock_seed_and_events_are_verified_from_the_bundle_alone(locked: Study, tmp_path: Path):
    path = tmp_path / "bundle.zip"
    export_study(study_id=locked.pk, path=path, by=None, at=NOON)
    assert verify.faults(path) == [] and verify.main([str(path)]) == 0


@pytest.mark.parametrize(
    ("name", "old", "new", "fault"),
    [
        ("readings.csv", "answered", "timeout_", "readings.csv was changed"),
        ("lock.jsonl", '"stage":1', '"stage":2', "was signed"),
        ("protocol.json", '"seed": 7', '"seed": 8', "published hash"),
        ("events.jsonl", "reading.started", "reading.stopped", "was changed"),
    ],
)
def test_a_change_is_found_even_where_the_sums_were_made_anew(
    locked: Study, tmp_path: Path, name: str, old: str, new: str, fault: str
):
    path = tmp_path / "bundle.zip"
    export_study(study_id=locked.pk, path=path, by=None, at=NOON)
    files = contents(path)
    assert old in files[name]
    files[name] = files[name].replace(old, new, 1)
    if name != "readings.csv":
        sums = [
            f"{hashlib.sha256(text.encode()).hexdigest()}  {one}\n"
            for one, text in files.items()
            if one != "SHA256SUMS"
        ]
        files["SHA256SUMS"] = "".join(sums)
    with zipfile.ZipFile(path, "w") as bundle:
        for one, text in files.items():
            bundle.writestr(one, text)
    assert any(fault in said for said in verify.faults(path)) and verify.main([str(path)]) == 1


def test_every_column_of_every_file_is_described(written: dict[str, str]):
    described = {(line["file"], line["column"]): line["meaning"] for line in lines(written["codebook.csv"])}
    for name, text in written.items():
        if name.endswith(".csv"):
            header = next(csv.reader(io.StringIO(text)))
            assert all(described[name, column].strip() for column in header), name
    assert len(described) == len(list(codebook())) == sum(len(columns) for columns in FILES.values())


def test_the_tidy_columns_come_first_and_the_table_gives_the_same_report(locked: Study, written: dict[str, str]):
    table = parse_table(written["readings.csv"])
    header = next(csv.reader(io.StringIO(written["readings.csv"])))
    assert set(header[: len(KNOWN)]) == KNOWN and set(table.unknown_columns) == set(header[len(KNOWN) :])
    again, ours = report(table.rows, groups=locked.design.groups.cuts), report_for(locked)
    for section in ("accuracy", "change", "mrmc", "reliance", "agreement", "timing"):
        assert again[section] == ours[section], section
    assert json.loads(written["report.json"])["accuracy"] == json.loads(json.dumps(ours["accuracy"]))


def test_what_was_recorded_of_a_reading_stands_beside_it(written: dict[str, str]):
    readings = lines(written["readings.csv"])
    aided = [line for line in readings if line["modality"] == "aided" and line["status"] == "answered"]
    assert aided and all(line["ai_source"] == "ai" and line["ai_topk_shown"] for line in aided)
    assert all(line["client_rt_ms"] == line["server_ms"] == "4000" for line in aided)
    assert not any(line["ai_source"] for line in readings if line["modality"] == "unaided")
    assert {line["study_version"] for line in readings} == {"1"}
    late = [line for line in readings + lines(written["readings_apart.csv"]) if line["late_answer"]]
    assert [(line["status"], line["draft_at_timeout"], line["answer"]) for line in late] == [("timeout", "1", "")]


def test_what_does_not_count_stands_apart_with_the_reason(written: dict[str, str]):
    apart = lines(written["readings_apart.csv"])
    assert {line["why"] for line in apart} == {"excluded"} and len(apart) == 4
    assert not {line["reading"] for line in apart} & {line["reading"] for line in lines(written["readings.csv"])}
    (decision,) = lines(written["exclusions.csv"])
    assert (decision["kind"], decision["reason"]) == ("case", "blurred")


def test_hidden_repeats_stand_apart_and_in_the_order(tmp_path: Path):
    study = launched(cases=12, design={"repeats": 0.25, "repeat_gap": 2})
    all_answered(Desk(study))
    export_study(study_id=lock(study).pk, path=tmp_path / "bundle.zip", by=None, at=NOON)
    files = contents(tmp_path / "bundle.zip")
    again = lines(files["readings_apart.csv"])
    assert again and {(line["why"], line["is_repeat"]) for line in again} == {("hidden repeat", "1")}
    assert len(lines(files["order.csv"])) == 12 + len(again)


def test_answers_are_long_and_late_ones_marked(written: dict[str, str]):
    said = lines(written["answers.csv"])
    assert {line["question"] for line in said} == {"diagnosis"}
    assert sum(line["late"] == "1" for line in said) == 1
    assert sum(line["counted"] == "1" for line in said) == sum(
        line["status"] == "answered" for line in lines(written["readings.csv"])
    )


def test_no_readers_name_or_address_leaves(written: dict[str, str]):
    assert [line["reader"] for line in lines(written["readers.csv"])] == ["r01", "r02"]
    assert all(line["consent_sha256"] for line in lines(written["readers.csv"]))
    whole = "".join(written.values())  # who signed the lock is named: a signature has a printed name
    assert not any(f"reader{number}@" in whole for number in (1, 2))


def test_imrmcs_area_over_the_fake_negatives_is_the_accuracy(locked: Study, written: dict[str, str]):
    rows = lines(written["imrmc.csv"])
    truth = {line["caseID"]: line["score"] for line in rows if line["readerID"] == "truth"}
    assert sorted(truth.values()) == ["0"] * 5 + ["1"] * 3
    scores = [
        float(one["score"]) for one in rows if one["modalityID"] == "round2_aided" and truth[one["caseID"]] == "1"
    ]
    area = sum(score > 0.5 for score in scores) / len(scores)
    pooled = find(report_for(locked)["accuracy"], round=2, group="all", dataset="all", reader="all")
    assert area == pytest.approx(pooled["accuracy"])


def test_a_simulated_study_says_so_in_every_form(tmp_path: Path):
    study = study_with()
    all_answered(Desk(study))
    Study.objects.filter(pk=study.pk).update(simulated=True)
    close_study(study_id=study.pk, by=None, at=NOON)
    lock_simulated_study(study_id=study.pk, at=NOON)
    export_study(study_id=study.pk, path=tmp_path / "bundle.zip", by=None, at=NOON)
    files = contents(tmp_path / "bundle.zip")
    assert files["README.txt"].startswith("SIMULATED READERS")
    assert all(line["readings_origin"] == "simulated" for line in lines(files["readings.csv"]))
    assert json.loads(files["report.json"])["study"]["simulated"] and json.loads(files["protocol.json"])["simulated"]


def test_the_command_says_what_it_wrote(locked: Study, tmp_path: Path, capsys: pytest.CaptureFixture):
    call_command("export_study", locked.slug, output=tmp_path / "bundle.zip")
    said = capsys.readouterr().out
    assert f"{len(contents(tmp_path / 'bundle.zip'))} files, 12 readings" in said
    assert hashlib.sha256((tmp_path / "bundle.zip").read_bytes()).hexdigest() in said
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export_study", locked.slug, output=tmp_path / "no" / "bundle.zip")
