"""How far the readers of a study are. Never how well: nothing here joins truth, and no answer's content is read."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from uuid import UUID

from django.db.models import Count, Max, Q

from readerstudy.models import Answer, Reader, Reading, Study
from readerstudy.protocol.state import CLOSED, State
from readerstudy.protocol.washout import opens_at
from readerstudy.selectors.washout import washout_overrides

STALLED_AFTER = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class RoundProgress:
    """One reader's part of one round. `cells` holds the state of every case by position; empty where not asked for."""

    number: int
    total: int
    closed: int
    timeouts: int
    last_closed_at: datetime | None
    opens_at: datetime | None  # None: not known yet, or it was never shut
    cells: tuple[str, ...] = ()

    @property
    def done(self) -> bool:
        return self.total > 0 and self.closed == self.total


@dataclass(frozen=True, slots=True)
class ReaderProgress:
    """A reader as an administrator may see it."""

    id: UUID
    number: int
    pseudonym: str
    email: str
    state: str  # "invited", "consent", "profile", "practice", "reading", "washout", "stalled", "done", "withdrawn"
    rounds: tuple[RoundProgress, ...]
    last_seen_at: datetime | None
    median_ms: int | None = None

    @property
    def current(self) -> RoundProgress | None:
        """The round that this reader is in, or the last one."""
        return next((one for one in self.rounds if not one.done), self.rounds[-1] if self.rounds else None)

    @property
    def median_s(self) -> float | None:
        return None if self.median_ms is None else self.median_ms / 1000

    @property
    def closed(self) -> int:
        return sum(one.closed for one in self.rounds)

    @property
    def timeout_share(self) -> float | None:
        """Of the readings that ended, the part that ran out of time."""
        return sum(one.timeouts for one in self.rounds) / self.closed if self.closed else None


def progress(study: Study, *, now: datetime) -> list[ReaderProgress]:
    """One row a reader, by enrolment. Four queries for any number of readers."""
    rounds = list(study.rounds.all())
    counts, washouts = _counts(study), washout_overrides(study)
    return [_reader(row, rounds, counts, washouts, {}, {}, now=now) for row in _people(study)]


def monitor(study: Study, *, now: datetime) -> list[ReaderProgress]:
    """`progress` with every case as a cell and the median time of answers. Six queries for any number of readers."""
    rounds = list(study.rounds.all())
    counts, washouts, cells, medians = _counts(study), washout_overrides(study), _cells(study), _medians(study)
    return [_reader(row, rounds, counts, washouts, cells, medians, now=now) for row in _people(study)]


def _people(study: Study) -> Iterable[Reader]:
    return study.readers.filter(kind=Reader.Kind.READER).select_related("person").order_by("number")


def _counts(study: Study) -> Mapping[tuple[UUID, int], Mapping[str, object]]:
    rows = (
        Reading.objects.filter(reader__study=study, reader__kind="reader", is_practice=False)
        .values("reader", "round__number")
        .annotate(
            total=Count("pk"),
            closed=Count("pk", filter=Q(state__in=CLOSED)),
            timeouts=Count("pk", filter=Q(state=State.TIMEOUT)),
            last=Max("closed_at"),
        )
        .order_by()
    )
    return {(row["reader"], row["round__number"]): row for row in rows}


def _cells(study: Study) -> Mapping[tuple[UUID, int], list[str]]:
    cells: dict[tuple[UUID, int], list[str]] = defaultdict(list)
    rows = Reading.objects.filter(reader__study=study, reader__kind="reader", is_practice=False).order_by(
        "session", "position"
    )
    for reader, number, state in rows.values_list("reader", "round__number", "state"):
        cells[reader, number].append(state)
    return cells


def _medians(study: Study) -> Mapping[UUID, int]:
    times: dict[UUID, list[int]] = defaultdict(list)
    rows = Answer.objects.filter(
        reading__reader__study=study, reading__reader__kind="reader", reading__is_practice=False, rt_ms__isnull=False
    )
    for reader, rt_ms in rows.values_list("reading__reader", "rt_ms"):
        times[reader].append(rt_ms)
    return {reader: round(median(several)) for reader, several in times.items()}


def _reader(
    reader: Reader,
    rounds: list,
    counts: Mapping[tuple[UUID, int], Mapping],
    washouts: Mapping[tuple[UUID, int], float],
    cells: Mapping[tuple[UUID, int], list[str]],
    medians: Mapping[UUID, int],
    *,
    now: datetime,
) -> ReaderProgress:
    mine: list[RoundProgress] = []
    before: RoundProgress | None = None
    for one in rounds:
        row = counts.get((reader.pk, one.number), {"total": 0, "closed": 0, "timeouts": 0, "last": None})
        opening = None
        if before is not None and before.done:
            days = washouts.get((reader.pk, one.number), one.washout_days)
            opening = opens_at(last_closed_at=before.last_closed_at, washout_days=days)
        before = RoundProgress(
            number=one.number,
            total=row["total"],
            closed=row["closed"],
            timeouts=row["timeouts"],
            last_closed_at=row["last"],
            opens_at=opening,
            cells=tuple(cells.get((reader.pk, one.number), ())),
        )
        mine.append(before)
    return ReaderProgress(
        id=reader.pk,
        number=reader.number,
        pseudonym=reader.pseudonym,
        email="" if reader.withdrawn_at else reader.person.email,  # the name leaves the pages with the reader
        state=_state(reader, mine, now=now),
        rounds=tuple(mine),
        last_seen_at=_last_seen(reader, mine),
        median_ms=medians.get(reader.pk),
    )


def _state(reader: Reader, rounds: list[RoundProgress], *, now: datetime) -> str:
    if reader.withdrawn_at is not None:
        return "withdrawn"
    if any(one.total for one in rounds) and all(one.done for one in rounds if one.total):
        return "done"
    if reader.consented_at is None:
        return "invited" if reader.last_seen_at is None else "consent"
    if reader.profiled_at is None:
        return "profile"
    current = next((one for one in rounds if not one.done), None)
    if current is None or not any(one.closed for one in rounds):
        return "reading" if reader.practised_at else "practice"
    if current.opens_at is not None and now < current.opens_at:
        return "washout"
    awaited_since = max(filter(None, (_last_seen(reader, rounds), current.opens_at)), default=now)
    return "stalled" if now - awaited_since > STALLED_AFTER else "reading"


def _last_seen(reader: Reader, rounds: list[RoundProgress]) -> datetime | None:
    times = (reader.last_seen_at, *(one.last_closed_at for one in rounds))
    return max(filter(None, times), default=None)
