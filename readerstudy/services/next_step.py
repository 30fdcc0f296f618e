"""What a reader does next: consent, profile, practice, a case, the washout, the end. Only this issues a case."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Max

from readerstudy.models import FrozenAid, PracticeCase, Reader, Reading, Round, Study
from readerstudy.protocol.state import CLOSED, OPEN, State
from readerstudy.protocol.washout import opens_at
from readerstudy.services.errors import NotAReader
from readerstudy.services.reading import close_unshown, expire
from webapp.audit.services import record


@dataclass(frozen=True, slots=True)
class CaseStep:
    """Read this case now."""

    reading: Reading
    aid: FrozenAid | None
    position: int
    total: int
    remaining_ms: int | None  # of a clock that already runs, after a refresh


@dataclass(frozen=True, slots=True)
class WaitStep:
    """Come back when the washout is over."""

    opens_at: datetime
    round: int


@dataclass(frozen=True, slots=True)
class PageStep:
    """Something other than a case: "consent", "profile", "practice", "practice_done", "closed" or "end"."""

    kind: str


Step = CaseStep | WaitStep | PageStep


def next_step(*, slug: str, person_id: UUID, now: datetime) -> Step:
    """Issue the reader's next case, resume the open one, or say what comes instead. Raises NotAReader."""
    with transaction.atomic():
        reader = lock_reader(slug, person_id)
        before = _before_reading(reader)
        if before is not None:
            return before
        Reader.objects.filter(pk=reader.pk).update(last_seen_at=now)
        resumed = _resume(reader, now)
        if resumed is not None:
            return resumed
        if _must_practise(reader):
            return _practice(reader, now)
        return _live(reader, now)


def where_is(reader: Reader, *, now: datetime) -> Step | None:
    """The same answer for a page, without issuing anything; None where a case comes next."""
    before = _before_reading(reader)
    if before is not None:
        return before
    if _must_practise(reader):
        return PageStep("practice")
    current = _current_round(reader)
    if current is None:
        return PageStep("end")
    return _washout(reader, current, now)


def lock_reader(slug: str, person_id: UUID) -> Reader:
    """The reader, locked. Raises NotAReader."""
    readers = Reader.objects.select_for_update(of=("self",)).select_related("study")
    try:
        return readers.get(study__slug=slug, person_id=person_id)
    except Reader.DoesNotExist:
        raise NotAReader("You do not take part in this study. Ask the person who invited you.") from None


def start_practice(*, slug: str, person_id: UUID, now: datetime) -> None:
    """Lay out one more pass through the practice cases; the passes before are kept."""
    with transaction.atomic():
        reader = lock_reader(slug, person_id)
        open_ones = reader.readings.filter(is_practice=True).exclude(state__in=CLOSED)
        first = reader.study.rounds.order_by("number").first()
        if open_ones.exists() or first is None:
            return
        _lay_out_practice(reader, first)
        reader.practised_at = None
        reader.save(update_fields=["practised_at"])
        record("practice.started", chain=reader.chain, at=now, about=reader.id)


def finish_practice(*, slug: str, person_id: UUID, now: datetime) -> None:
    """Go on to the real cases. Practice that is still open is left where it is."""
    with transaction.atomic():
        reader = lock_reader(slug, person_id)
        if reader.practised_at is None:
            reader.practised_at = now
            reader.save(update_fields=["practised_at"])
            record("practice.finished", chain=reader.chain, at=now, about=reader.id)


def _before_reading(reader: Reader) -> PageStep | None:
    if reader.study.state != Study.State.LIVE:
        return PageStep("closed")
    if reader.consented_at is None:
        return PageStep("consent")
    if reader.profiled_at is None:
        return PageStep("profile")
    return None


def _must_practise(reader: Reader) -> bool:
    return reader.practised_at is None and PracticeCase.objects.filter(study_id=reader.study_id).exists()


def _resume(reader: Reader, now: datetime) -> CaseStep | None:
    reading = _readings(reader).filter(state__in=OPEN).first()
    if reading is None or expire(reading, now=now):
        return None
    if reading.state == State.RUNNING and not reading.time_rule.resumable(now=now, deadline=reading.deadline):
        close_unshown(reading, now=now)
        return None
    reading.reload_count += 1
    return _issue(reading, now)


def _practice(reader: Reader, now: datetime) -> Step:
    planned = _readings(reader).filter(is_practice=True, state=State.PLANNED).order_by("position").first()
    if planned is not None:
        return _issue(planned, now)
    if reader.readings.filter(is_practice=True).exists():
        return PageStep("practice_done")
    return PageStep("practice")


def _live(reader: Reader, now: datetime) -> Step:
    current = _current_round(reader)
    if current is None:
        return PageStep("end")
    wait = _washout(reader, current, now)
    if wait is not None:
        return wait
    planned = _readings(reader).filter(is_practice=False, round=current, state=State.PLANNED)
    return _issue(planned.order_by("position")[0], now)


def _current_round(reader: Reader) -> Round | None:
    """The first round in which this reader has something left to read."""
    left = reader.readings.filter(is_practice=False).exclude(state__in=CLOSED)
    return Round.objects.filter(readings__in=left).order_by("number").first()


def _washout(reader: Reader, current: Round, now: datetime) -> WaitStep | None:
    before = reader.readings.filter(is_practice=False, round__number__lt=current.number)
    last = before.aggregate(last=Max("closed_at"))["last"]
    if last is None or reader.readings.filter(is_practice=False, round=current, closed_at__isnull=False).exists():
        return None
    opening = opens_at(last_closed_at=last, washout_days=current.washout_days)
    return WaitStep(opens_at=opening, round=current.number) if now < opening else None


def _issue(reading: Reading, now: datetime) -> CaseStep:
    """Hand the reading to the newest window: a new lease, and nothing else that could be told from outside."""
    if reading.state == State.PLANNED:
        reading.state, reading.issued_at = State.ISSUED, now
    reading.lease = uuid4()
    reading.save(update_fields=["state", "issued_at", "lease", "reload_count"])
    record("reading.issued", chain=reading.reader.chain, at=now, about=reading.id)
    aid = None
    if reading.round.aided and not reading.is_practice:
        aid = FrozenAid.objects.select_related("mask").get(case_id=reading.case_id)
    peers = Reading.objects.filter(reader=reading.reader, round=reading.round, is_practice=reading.is_practice)
    if reading.is_practice:
        peers = peers.filter(position__gte=_first_of_pass(reading))
    total = peers.count()
    closed = peers.filter(state__in=CLOSED).count()
    return CaseStep(reading=reading, aid=aid, position=closed + 1, total=total, remaining_ms=_remaining(reading, now))


def _remaining(reading: Reading, now: datetime) -> int | None:
    if reading.started_at is None:
        return None
    left = reading.deadline - now
    return max(0, min(round(left.total_seconds() * 1000), reading.limit_ms))


def _readings(reader: Reader):
    return (
        Reading.objects.select_for_update(of=("self",))
        .select_related("reader", "round", "case__dataset", "case__image", "practice_case__image")
        .filter(reader=reader)
    )


def _lay_out_practice(reader: Reader, first: Round) -> None:
    start = (reader.readings.filter(is_practice=True).aggregate(last=Max("position"))["last"] or 0) + 1
    cases = PracticeCase.objects.filter(study=reader.study).order_by("id")
    Reading.objects.bulk_create(
        Reading(
            reader=reader,
            round=first,
            practice_case=case,
            is_practice=True,
            position=position,
            limit_ms=first.limit_ms,
            grace_ms=reader.study.grace_ms,
            shown_cap_ms=reader.study.shown_cap_ms,
        )
        for position, case in enumerate(cases, start=start)
    )


def _first_of_pass(reading: Reading) -> int:
    size = PracticeCase.objects.filter(study_id=reading.reader.study_id).count()
    return (reading.position - 1) // size * size + 1
