"""The database lock's document: every row that results rest on, as lines of canonical JSON.

Recipe, so that anybody can make it again from an export bundle, which holds these very lines:
- one JSON object a line, keys sorted, no spaces, UTF-8, each line ended by one line feed;
- kinds in the order of SECTIONS, rows of a kind ordered by their id (protocol and consent versions by number);
- times in ISO 8601 in UTC with microseconds, ids as text, numbers as Python's json writes them;
- only readers of kind "reader", and what belongs to them, appear; practice does not.
The lock signs the SHA-256 of all lines together.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from readerstudy.models import (
    AidShown,
    Answer,
    ConsentVersion,
    Exclusion,
    LateAnswer,
    PassedStage,
    ProtocolVersion,
    Reader,
    Reading,
    Study,
)

CHUNK = 2000
_CONTENT = ("id", "reading_id", "stage", "diagnosis", "confidence", "values", "rt_ms", "measures", "arrived_at")
SECTIONS: dict[str, tuple[str, ...]] = {
    "protocol": ("number", "sha256", "frozen_at", "reason"),
    "consent": ("number", "sha256", "since"),
    "reader": (
        "id", "number", "arm__name", "experience_years", "profile", "consent_sha256", "consented_at", "time_multiplier",
    ),
    "reading": (
        "id", "reader_id", "case_id", "round__number", "session", "position", "occurrence", "modalities", "counted",
        "is_attention", "state", "stage", "limit_ms", "issued_at", "started_at", "shown_at", "closed_at",
        "onset_method", "reload_count", "technical_failures",
    ),
    "passed_stage": ("reading_id", "stage", "state", "started_at", "shown_at", "closed_at"),
    "answer": _CONTENT,
    "late_answer": (*_CONTENT, "late_by_ms"),
    "aid_shown": ("reading_id", "stage", "aid__sha256", "requested", "at"),
    "exclusion": ("id", "reader_id", "case_id", "reading_id", "decision", "reason", "at"),
}  # fmt: skip


def readings_document(study: Study) -> Iterator[str]:
    """The lines, each with its line feed. Memory does not grow with the study."""
    for kind, rows in _sections(study):
        for row in rows.iterator(chunk_size=CHUNK):
            yield json.dumps({"kind": kind, **_plain(row)}, sort_keys=True, ensure_ascii=False, allow_nan=False,
                             separators=(",", ":")) + "\n"  # fmt: skip


def document_sha256(lines: Iterable[str]) -> str:
    """What the lock signs: SHA-256 of the lines as UTF-8."""
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line.encode())
    return digest.hexdigest()


def _sections(study: Study) -> Iterator[tuple[str, QuerySet]]:
    readers = Reader.objects.filter(study=study, kind=Reader.Kind.READER)
    readings = Reading.objects.filter(reader__in=readers, is_practice=False)
    rows = {
        "protocol": ProtocolVersion.objects.filter(study=study).order_by("number"),
        "consent": ConsentVersion.objects.filter(study=study).order_by("number"),
        "reader": readers.order_by("id"),
        "reading": readings.order_by("id"),
        "passed_stage": PassedStage.objects.filter(reading__in=readings).order_by("reading_id", "stage"),
        "answer": Answer.objects.filter(reading__in=readings).order_by("id"),
        "late_answer": LateAnswer.objects.filter(reading__in=readings).order_by("id"),
        "aid_shown": AidShown.objects.filter(reading__in=readings).order_by("reading_id", "stage"),
        "exclusion": Exclusion.objects.filter(study=study).order_by("id"),
    }
    for kind, fields in SECTIONS.items():
        yield kind, rows[kind].values(*fields)


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(value) for name, value in row.items()}


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return str(value) if isinstance(value, UUID) else value
