"""The readings of a bundle: each row of the tidy table with everything that was recorded while it was made."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from readerstudy.models import AidShown, LateAnswer, ProtocolVersion, Reading, Study
from readerstudy.protocol.design import Format
from readerstudy.protocol.plan import ALGORITHM
from readerstudy.results.counted import Apart, every_reading
from readerstudy.results.joined import Joined, joined
from readerstudy.services.plan import stage_times
from readerstudy.table import Row, Status

MEASURES = (
    "first_choice_rt_ms", "n_changes", "load_ms", "decode_ms", "hidden_ms", "blur_count", "zoom_max", "zoom_ms",
    "tone_changed", "overlay_toggles", "input_type", "viewport", "dpr", "client_clock_offset_ms",
)  # fmt: skip
CLOCKS_DIFFER_MS = 1500  # browser and server disagree by more than a slow network explains
DAY = timedelta(days=1)
TIDY = tuple(one.name for one in fields(Row) if one.name != "extra")


@dataclass(frozen=True, slots=True)
class Recorded:
    """A study's records beside its readings, each read once. Keys are (reading, stage)."""

    versions: tuple[ProtocolVersion, ...]
    aids: dict[tuple[Any, int], AidShown]
    late: dict[tuple[Any, int], LateAnswer]
    before: dict[tuple[Any, int], tuple[datetime, datetime]]  # (reader, round) -> first and last sight of a case
    seen: dict[tuple[Any, int, Any], datetime]  # (reader, round, case) -> when it was on screen


def recorded(study: Study) -> Recorded:
    aids = AidShown.objects.filter(reading__reader__study=study).select_related("aid__mask", "aid__model_version")
    late = LateAnswer.objects.filter(reading__reader__study=study)
    seen: dict[tuple[Any, int, Any], datetime] = {}
    before: dict[tuple[Any, int], tuple[datetime, datetime]] = {}
    rows = Reading.objects.filter(reader__study=study, is_practice=False, closed_at__isnull=False)
    for reader, number, case, shown, started, closed in rows.values_list(
        "reader_id", "round__number", "case_id", "shown_at", "started_at", "closed_at"
    ):
        at = shown or started or closed
        seen[reader, number, case] = min(at, seen.get((reader, number, case), at))
        first, last = before.get((reader, number), (at, at))
        before[reader, number] = min(at, first), max(at, last)
    return Recorded(
        versions=tuple(study.protocol_versions.order_by("number")),
        aids={(one.reading_id, one.stage): one for one in aids},
        late={(one.reading_id, one.stage): one for one in late},
        before=before,
        seen=seen,
    )


def reading_lines(
    study: Study, records: Recorded, *, app_version: str
) -> Iterator[tuple[Joined, Apart | None, dict[str, Any]]]:
    """Every stage of every reading of a case, why it does not count, and all its columns."""
    apart: dict[Any, Apart | None] = {}

    def noted() -> Iterable[Reading]:
        for reading, why in every_reading(study):
            apart[reading.id] = why
            yield reading

    for one in joined(study, noted()):
        why = apart[one.reading.id]
        cells = {name: getattr(one.row, name) for name in TIDY}
        yield one, why, {**cells, **_cells(study, one, records, app_version), "why": why}


def _cells(study: Study, one: Joined, records: Recorded, app_version: str) -> dict[str, Any]:
    reading, outcome = one.reading, one.outcome
    designed = study.design.rounds[reading.round_number - 1].stages[outcome.number - 1]
    version = next(
        (v for v in reversed(records.versions) if outcome.started_at and v.frozen_at <= outcome.started_at),
        records.versions[-1] if records.versions else None,
    )
    measures = _measures(reading, outcome.number)
    return {
        "reading": reading.id,
        "study_version": version.number if version else None,
        "protocol_sha256": version.sha256 if version else None,
        "app_version": app_version,
        "order_seed": study.seed,
        "order_algorithm": ALGORITHM,
        "readings_origin": "simulated" if study.simulated else None,
        "is_practice": 0,
        "is_attention": 0,
        "is_repeat": int(reading.occurrence > 1),
        "occurrence": reading.occurrence,
        "issued_at": reading.issued_at if outcome.state else None,
        "started_at": outcome.started_at,
        "shown_at": outcome.shown_at,
        "closed_at": outcome.closed_at,
        "limit_ms": stage_times(study.design, designed, reading.reader.time_multiplier)["limit_ms"],
        "grace_ms": reading.grace_ms,
        "client_rt_ms": outcome.rt_ms,
        "server_ms": _milliseconds(outcome.shown_at or outcome.started_at, outcome.closed_at),
        "onset_method": reading.onset_method,
        "reload_count": reading.reload_count,
        "technical_failures": reading.technical_failures,
        **{name: measures.get(name) for name in MEASURES},
        **_late(records.late.get((reading.id, outcome.number))),
        **_aid(study, one, records.aids.get((reading.id, outcome.number))),
        **_gaps(reading, records),
        "flags": "|".join(_flags(one)),
    }


def _measures(reading: Reading, stage: int) -> dict[str, Any]:
    return next((dict(answer.measures) for answer in reading.answers.all() if answer.stage == stage), {})


def _late(late: LateAnswer | None) -> dict[str, Any]:
    if late is None:
        return {}
    return {
        "late_answer": late.diagnosis,
        "late_by_ms": late.late_by_ms,
        "draft_at_timeout": int(late.late_by_ms < 0),
    }


def _aid(study: Study, one: Joined, shown: AidShown | None) -> dict[str, Any]:
    """What of the AI's output this stage showed."""
    if shown is None:
        return {}
    modality, aid = study.design.modality(one.row.modality), shown.aid
    shows_list = Format.RANKED in modality.shows
    length = modality.top_k if shows_list else int(Format.LABEL in modality.shows)
    model = aid.model_version
    return {
        "ai_source": aid.source,
        "ai_requested": int(shown.requested),
        "ai_model_id": model.id if model else None,
        "ai_weights_sha256": model.sha256 if model else None,
        "ai_output_sha256": aid.sha256,
        "ai_topk_shown": "|".join(entry["label"] for entry in aid.ranked[:length]),
        "ai_mask_sha256": aid.mask.sha256 if aid.mask and Format.MASK in modality.shows else None,
    }


def _gaps(reading: Reading, records: Recorded) -> dict[str, Any]:
    number, reader = reading.round_number, reading.reader_id
    here, earlier = (records.seen.get((reader, one, reading.case_id)) for one in (number, number - 1))
    own, previous = records.before.get((reader, number)), records.before.get((reader, number - 1))
    return {
        "gap_days_same_image": round((here - earlier) / DAY, 3) if here and earlier else None,
        "washout_days_reader": round((own[0] - previous[1]) / DAY, 3) if own and previous else None,
    }


def _flags(one: Joined) -> Iterator[str]:
    reading, outcome = one.reading, one.outcome
    if reading.reader.time_multiplier != 1:
        yield "time_multiplier"
    server = _milliseconds(outcome.shown_at or outcome.started_at, outcome.closed_at)
    timed = one.row.status is Status.ANSWERED and outcome.rt_ms is not None and server is not None
    if timed and abs(server - outcome.rt_ms) > CLOCKS_DIFFER_MS:
        yield "clock_mismatch"
    if outcome.carried_on:
        yield "carried_forward"
    if reading.technical_failures:
        yield "technical_retry"
    if reading.reload_count:
        yield "reloaded"


def _milliseconds(start: datetime | None, end: datetime | None) -> int | None:
    return round((end - start) / timedelta(milliseconds=1)) if start and end else None
