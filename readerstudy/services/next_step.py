"""What a reader does next: consent, profile, practice, a case, the washout, the end. Only this issues a case."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Count, Max, Q
from django.utils.translation import gettext as _

from readerstudy.models import FrozenAid, PracticeCase, Reader, Reading, Round
from readerstudy.protocol.design import Timing
from readerstudy.protocol.state import CLOSED, OPEN, State
from readerstudy.protocol.washout import opens_at
from readerstudy.services.consent import must_consent
from readerstudy.services.errors import NotAReader
from readerstudy.services.plan import begin_batch
from readerstudy.services.reading import close_unshown, expire, takes_readings
from readerstudy.services.stage import aid_of
from readerstudy.services.washout_override import washout_days_for
from webapp.audit.services import record


@dataclass(frozen=True, slots=True)
class CaseStep:
    """Read this case now."""

    reading: Reading
    aid: FrozenAid | None  # None too where it comes later or on request: then `reading.shown_modality` says so
    position: int
    total: int
    remaining_ms: int | None  # of a clock that already runs, after a refresh
    own: Mapping[str, Any] | None = None  # the reader's values of the stage before, where this stage shows them


@dataclass(frozen=True, slots=True)
class WaitStep:
    """Come back when the washout is over."""

    opens_at: datetime
    round: int


@dataclass(frozen=True, slots=True)
class PageStep:
    """Something other than a case.

    "consent", "profile", "practice", "practice_done", "batch" (another one may begin), "debriefing", "closed" or "end".
    """

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
    return _washout(reader, current, now) if current is not None else _nothing_left(reader)


def lock_reader(slug: str, person_id: UUID) -> Reader:
    """The reader, locked. Raises NotAReader."""
    readers = Reader.objects.select_for_update(of=("self",)).select_related("study")
    return chosen_reader(list(readers.filter(study__slug=slug, person_id=person_id)))


def chosen_reader(found: list[Reader]) -> Reader:
    """Of one person's parts in a study, the one that may read now; else the one that counts. Raises NotAReader."""
    if not found:
        raise NotAReader(_("You do not take part in this study. Ask the person who invited you."))
    order = (Reader.Kind.READER, Reader.Kind.PILOT, Reader.Kind.DRY_RUN)
    found.sort(key=lambda one: (not takes_readings(one.study.state, one.kind), order.index(Reader.Kind(one.kind))))
    return found[0]


def start_batch(*, slug: str, person_id: UUID, now: datetime) -> None:
    """Begin the reader's next batch, if the one before is read and there is one."""
    with transaction.atomic():
        reader = lock_reader(slug, person_id)
        if _before_reading(reader) is None and _current_round(reader) is None:
            batch = begin_batch(reader.study, reader, at=now)
            if batch is not None:
                record("batch.begun", chain=reader.chain, at=now, about=reader.id, data={"batch": batch.number})


def confirm_debriefing(*, slug: str, person_id: UUID, now: datetime) -> None:
    """The reader has read what the study did. Only the first time counts."""
    with transaction.atomic():
        reader = lock_reader(slug, person_id)
        step = _before_reading(reader) or (_nothing_left(reader) if _current_round(reader) is None else None)
        if step == PageStep("debriefing"):
            reader.debriefed_at = now
            reader.save(update_fields=["debriefed_at"])
            record("reader.debriefed", chain=reader.chain, at=now, about=reader.id)


def _before_reading(reader: Reader) -> PageStep | None:
    if reader.withdrawn_at is not None or not takes_readings(reader.study.state, reader.kind):
        return PageStep("debriefing" if _is_owed_debriefing(reader) else "closed")
    if must_consent(reader):
        return PageStep("consent")
    if reader.profiled_at is None:
        return PageStep("profile")
    return None


def _is_owed_debriefing(reader: Reader) -> bool:
    """Who read, and leaves or is stopped before the end, is told all the same what the study did."""
    if not reader.study.design.debriefing or reader.debriefed_at is not None:
        return False
    return reader.readings.filter(is_practice=False, started_at__isnull=False).exists()


def _must_practise(reader: Reader) -> bool:
    return reader.practised_at is None and PracticeCase.objects.filter(study_id=reader.study_id).exists()


def _resume(reader: Reader, now: datetime) -> CaseStep | None:
    open_one = reader.readings.filter(state__in=OPEN).values_list("pk", flat=True).first()
    if open_one is None:  # nearly always: so the wide query below is not asked for nothing
        return None
    reading = _readings(reader).get(pk=open_one)
    stage = reading.stage
    expire(reading, now=now)
    if reading.state == State.RUNNING and not reading.time_rule.resumable(now=now, deadline=reading.deadline):
        close_unshown(reading, now=now)
    if not reading.is_open():
        return None
    if reading.stage == stage and reading.lease is not None:  # not the first time that this stage is handed out
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
        return _nothing_left(reader)
    wait = _washout(reader, current, now)
    if wait is not None:
        return wait
    planned = _readings(reader).filter(is_practice=False, round=current, state=State.PLANNED)
    return _issue(planned.order_by("session", "position")[0], now)


def _nothing_left(reader: Reader) -> PageStep:
    if reader.batches.filter(begun_at__isnull=True).exists():
        return PageStep("batch")
    if reader.study.design.debriefing and reader.debriefed_at is None:
        return PageStep("debriefing")
    return PageStep("end")


def _current_round(reader: Reader) -> Round | None:
    """The first round in which this reader has something left to read."""
    left = reader.readings.filter(is_practice=False).exclude(state__in=CLOSED)
    return Round.objects.filter(readings__in=left).order_by("number").first()


def _washout(reader: Reader, current: Round, now: datetime) -> WaitStep | None:
    if current.number == 1:
        return None
    before = reader.readings.filter(is_practice=False, round__number__lt=current.number)
    last = before.aggregate(last=Max("closed_at"))["last"]
    if last is None or reader.readings.filter(is_practice=False, round=current, closed_at__isnull=False).exists():
        return None
    opening = opens_at(last_closed_at=last, washout_days=washout_days_for(reader, current))
    return WaitStep(opens_at=opening, round=current.number) if now < opening else None


def _issue(reading: Reading, now: datetime) -> CaseStep:
    """Hand the reading to the newest window: a new lease, and nothing else that could be told from outside."""
    if reading.state == State.PLANNED:
        reading.state, reading.issued_at = State.ISSUED, now
    reading.lease = uuid4()
    reading.save(update_fields=["state", "issued_at", "lease", "reload_count"])
    record("reading.issued", chain=reading.reader.chain, at=now, about=reading.id)
    modality = reading.shown_modality
    aid = aid_of(reading) if modality is not None and modality.timing == Timing.CONCURRENT else None
    peers = Reading.objects.filter(
        reader=reading.reader, round=reading.round, is_practice=reading.is_practice, session=reading.session
    )
    if reading.is_practice:
        peers = peers.filter(position__gte=_first_of_pass(reading))
    counts = peers.aggregate(all=Count("pk"), closed=Count("pk", filter=Q(state__in=CLOSED)))
    return CaseStep(
        reading=reading, aid=aid, position=counts["closed"] + 1, total=counts["all"],
        remaining_ms=_remaining(reading, now), own=_own(reading),
    )  # fmt: skip


def _own(reading: Reading) -> Mapping[str, Any] | None:
    """The values of the stage before; None where the stage does not show them or nothing was answered."""
    if reading.stage == 1 or not reading.stage_design.own_answer:
        return None
    return reading.answers.filter(stage=reading.stage - 1).values_list("values", flat=True).first()


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


def _first_of_pass(reading: Reading) -> int:
    size = PracticeCase.objects.filter(study_id=reading.reader.study_id).count()
    return (reading.position - 1) // size * size + 1
