"""A locked study as one file: readings, codebook, protocol, events, report, and the hashes to check them by.

The same study gives the same bytes: no time of the export stands in it, and the events of exports themselves are
left off the end of the study's chain.
"""

import csv
import hashlib
import io
import json
import tomllib
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from readerstudy.exchange.bundle_columns import FILES
from readerstudy.exchange.bundle_lists import answers, attention, events, exclusions, imrmc, order, readers
from readerstudy.exchange.bundle_readings import reading_lines, recorded
from readerstudy.exchange.bundle_readme import readme
from readerstudy.models import Study
from readerstudy.results.joined import report_for
from readerstudy.selectors.lock import lock_signature
from readerstudy.selectors.readings_document import readings_document
from readerstudy.services.errors import Refused
from readerstudy.table import Row, Status
from webapp.accounts.models import Person
from webapp.audit.services import record

EXPORTED = "study.exported"
EARLIEST = (1980, 1, 1, 0, 0, 0)  # a zip's zero
SUMS = "SHA256SUMS"


class NotLocked(Refused):
    """Only what is signed leaves as a bundle."""

    code = "not_locked"


@dataclass(frozen=True, slots=True)
class Bundle:
    """What was written. sha256: of the whole file."""

    path: Path
    files: tuple[str, ...]
    readings: int
    sha256: str


def export_study(*, study_id: object, path: Path, by: Person | None, at: datetime) -> Bundle:
    """Write the bundle of a locked study and record it. Raises NotLocked; OSError where the file cannot be written."""
    study = Study.objects.get(pk=study_id)
    if study.state != Study.State.LOCKED:
        raise NotLocked(
            _("“%(title)s” is %(state)s. Close it and lock its readings, then export it.")
            % {"title": study.title, "state": study.get_state_display().lower()}
        )
    files, readings = _files(study)
    path.write_bytes(_zipped(files))
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    with transaction.atomic():
        study = Study.objects.select_for_update(of=("self",)).get(pk=study_id)
        record(EXPORTED, chain=f"study:{study.id}", at=at, about=study.id, by=str(by.pk) if by else "system",
               data={"sha256": sha256, "readings": readings})  # fmt: skip
    return Bundle(path, tuple(files), readings, sha256)


def _files(study: Study) -> tuple[dict[str, bytes], int]:
    """The content of every file by its name, and how many rows the main table has."""
    records, app = recorded(study), app_version()
    counted: list[dict[str, Any]] = []
    apart: list[dict[str, Any]] = []
    rows: list[Row] = []
    said: list[dict[str, Any]] = []
    for one, why, cells in reading_lines(study, records, app_version=app):
        (apart if why else counted).append(cells)
        said += answers(one, counted=why is None)
        if why is None:
            rows.append(one.row)
    report = report_for(study) | {"simulated": study.simulated, "results_notes": study.results_notes}
    lists: dict[str, Iterable[Mapping[str, Any]]] = {
        "readings.csv": counted,
        "readings_apart.csv": apart,
        "answers.csv": said,
        "readers.csv": readers(study),
        "order.csv": order(study),
        "attention.csv": attention(study),
        "exclusions.csv": exclusions(study),
        "imrmc.csv": imrmc(rows),
        "codebook.csv": codebook(),
    }
    protocol = [
        {"number": one.number, "sha256": one.sha256, "frozen_at": _cell(one.frozen_at), "reason": one.reason,
         "document": one.document}
        for one in records.versions
    ]  # fmt: skip
    signature = lock_signature(study)
    signed = {"readings_sha256": signature.sha256, "by": signature.printed_name, "at": _cell(signature.signed_at)}
    files = {name: "".join(_csv(name, lines)).encode() for name, lines in lists.items()}
    files["protocol.json"] = _json(
        {
            "study": study.slug, "title": study.title, "simulated": study.simulated,
            "registration": study.registration, "seed": study.seed, "seed_sha256": study.seed_sha256,
            "database_lock": signed, "versions": protocol,
        }
    )  # fmt: skip
    files["report.json"] = _json(report)
    files["events.jsonl"] = "".join(events(study, without_last=EXPORTED)).encode()
    files["lock.jsonl"] = "".join(readings_document(study)).encode()
    missing = sum(row.status is Status.MISSING for row in rows)
    files["README.txt"] = readme(study, app_version=app, rows=len(rows), missing=missing).encode()
    sums = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items())]
    return {**files, SUMS: "".join(sums).encode()}, len(rows)


def codebook() -> Iterator[dict[str, str]]:
    """Every column of every file, from the schema that the files are written by."""
    for file, columns in FILES.items():
        for one in columns:
            yield {"file": file, "column": one.name, "values": one.values, "meaning": one.meaning}


def app_version() -> str:
    """Of this software."""
    project = tomllib.loads((Path(settings.BASE_DIR) / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return f"{project['name']} {project['version']}"


class _Echo:
    """A file that hands back what is written, as csv.writer then does."""

    def write(self, value: str) -> str:
        return value


def _csv(name: str, lines: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    columns = [one.name for one in FILES[name]]
    writer = csv.writer(_Echo(), lineterminator="\n")
    yield writer.writerow(columns)
    for line in lines:
        yield writer.writerow([_cell(line.get(column)) for column in columns])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, list | dict):
        return json.dumps(value, sort_keys=True, ensure_ascii=False)
    return str(value)


def _json(content: Any) -> bytes:
    return (json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _zipped(files: Mapping[str, bytes]) -> bytes:
    """The same files give the same bytes: fixed times, order and rights."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, EARLIEST)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            bundle.writestr(entry, files[name])
    return out.getvalue()
