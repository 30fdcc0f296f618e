"""The smaller tables of a bundle: answers, readers, order, checks, exclusions, iMRMC; and the audit events."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC
from typing import Any

from readerstudy.models import ConsentVersion, Exclusion, LateAnswer, Reader, Reading, Study
from readerstudy.results.joined import Joined, reader_group
from readerstudy.table import Row, Status
from webapp.audit.models import Event

Line = dict[str, Any]
FAKE_NEGATIVES = 5  # iMRMC needs negatives; scored 0.5 they make its AUC the share right


def answers(one: Joined, *, counted: bool) -> Iterator[Line]:
    """A line a question of one stage, then what came too late for it."""
    row, reading = one.row, one.reading
    where = {
        "study": row.study,
        "reader": row.reader,
        "reading": reading.id,
        "round": row.round,
        "stage": row.stage,
        "session": reading.session,
        "case": row.case,
        "occurrence": reading.occurrence,
    }
    given = next((answer for answer in reading.answers.all() if answer.stage == one.outcome.number), None)
    for question, value in sorted(given.values.items()) if given else ():
        yield {**where, "question": question, "value": value, "arrived_at": given.arrived_at, "counted": int(counted),
               "late": 0}  # fmt: skip
    late: LateAnswer
    for late in reading.late_answers.all():
        if late.stage == one.outcome.number:
            for question, value in sorted(late.values.items()):
                yield {**where, "question": question, "value": value, "arrived_at": late.arrived_at, "counted": 0,
                       "late": 1}  # fmt: skip


def readers(study: Study) -> Iterator[Line]:
    """Pseudonyms only: no name and no address leaves the site."""
    versions = dict(ConsentVersion.objects.filter(study=study).values_list("sha256", "number"))
    for one in _readers(study).select_related("arm"):
        yield {
            "reader": one.pseudonym,
            "arm": one.arm.name if one.arm else None,
            "group": reader_group(study.design, one.profile),
            "experience_years": one.experience_years,
            "time_multiplier": one.time_multiplier,
            "consent_version": versions.get(one.consent_sha256),
            "consent_sha256": one.consent_sha256,
            "enrolled_at": one.enrolled_at,
            "consented_at": one.consented_at,
            "allocated_at": one.allocated_at,
            "withdrawn_at": one.withdrawn_at,
            "profile": one.profile or None,
        }


def order(study: Study) -> Iterator[Line]:
    """The stored plan: who was to read what, when and how."""
    for one in _readings(study).iterator(chunk_size=2000):
        yield {
            "reader": one.reader.pseudonym,
            "session": one.session,
            "round": one.round.number,
            "position": one.position,
            "case": one.case_id,
            "occurrence": one.occurrence,
            "counted": int(one.counted),
            "is_attention": int(one.is_attention),
            "modalities": "|".join(one.modalities),
        }


def attention(study: Study) -> Iterator[Line]:
    checks = _readings(study).filter(is_attention=True).select_related("practice_case").prefetch_related("answers")
    for one in checks:
        given = next((answer.diagnosis for answer in one.answers.all()), None)
        yield {
            "reader": one.reader.pseudonym,
            "session": one.session,
            "round": one.round.number,
            "position": one.position,
            "expected": one.practice_case.answer,
            "answer": given,
            "state": one.state,
        }


def exclusions(study: Study) -> Iterator[Line]:
    """Every decision in its order, those taken back too."""
    for one in Exclusion.objects.filter(study=study).select_related("reader").order_by("pk"):
        kind, target = one.target
        yield {
            "kind": kind,
            "target": one.reader.pseudonym if one.reader else target,
            "decision": one.decision,
            "reason": one.reason,
            "at": one.at,
            "by": one.by_id,
        }


def imrmc(rows: Sequence[Row]) -> Iterator[Line]:
    """Right and wrong as iMRMC reads them: its AUC against fake negatives is the accuracy."""
    used = [row for row in rows if row.truth is not None and row.status in (Status.ANSWERED, Status.TIMEOUT)]
    if not used:
        return
    fakes = [f"fake-{number}" for number in range(1, FAKE_NEGATIVES + 1)]
    for case in sorted({row.case for row in used}):
        yield {"readerID": "truth", "caseID": case, "modalityID": "truth", "score": 1}
    for fake in fakes:
        yield {"readerID": "truth", "caseID": fake, "modalityID": "truth", "score": 0}
    first: dict[tuple[str, str, str], Row] = {}
    for row in used:  # a case met again in a later session: the first reading stands
        first.setdefault((row.reader, f"round{row.round}_{row.modality}", row.case), row)
    for reader, modality in dict.fromkeys((reader, modality) for reader, modality, _case in first):
        for fake in fakes:
            yield {"readerID": reader, "caseID": fake, "modalityID": modality, "score": 0.5}
    for (reader, modality, case), row in first.items():
        yield {"readerID": reader, "caseID": case, "modalityID": modality, "score": int(row.correct)}


def events(study: Study, *, without_last: str) -> Iterator[str]:
    """The study's chain and its readers' chains, a line an event; exports at the very end are left off."""
    chains = [f"study:{study.id}", *(one.chain for one in _readers(study).order_by("id"))]
    for chain in chains:
        rows: list[Event] = list(Event.objects.filter(chain=chain).order_by("index"))
        while rows and rows[-1].kind == without_last:
            rows.pop()
        yield from (_event(one) for one in rows)


def _event(one: Event) -> str:
    line = {
        "chain": one.chain,
        "index": one.index,
        "at": one.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "kind": one.kind,
        "about": str(one.about or ""),
        "by": one.by,
        "content": one.content,
        "previous_hash": one.previous_hash,
        "hash": one.hash,
    }
    return json.dumps(line, ensure_ascii=False) + "\n"


def _readers(study: Study) -> Any:
    return Reader.objects.filter(study=study, kind=Reader.Kind.READER).order_by("number")


def _readings(study: Study) -> Any:
    return (
        Reading.objects.filter(reader__study=study, reader__kind=Reader.Kind.READER, is_practice=False)
        .select_related("reader", "round")
        .order_by("reader__number", "session", "round__number", "position")
    )
