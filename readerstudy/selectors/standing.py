"""Where a study stands: its time line and the one thing to do next, both from its rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Count, Q

from readerstudy.models import FrozenAid, Study
from readerstudy.protocol.design import HONEST
from readerstudy.selectors.progress import ReaderProgress, progress


class Next(StrEnum):
    """The one next step of a study."""

    IMPORT = "import"
    RUN_AI = "run_ai"
    INVITE = "invite"
    LAUNCH = "launch"
    WATCH = "watch"
    REMIND = "remind"
    CLOSE = "close"
    RESULTS = "results"


@dataclass(frozen=True, slots=True)
class Stage:
    """One point of the time line."""

    kind: str  # "design", "round", "washout", "close", "results"
    state: str  # "done", "now", "next"
    number: int = 0  # of the round
    aided: bool = False
    done: int = 0  # readers through it
    readers: int = 0
    at: datetime | None = None  # launch, first opening, closing


@dataclass(frozen=True, slots=True)
class Standing:
    """All that the head of a study's pages shows."""

    cases: int
    readers: int
    aids: int
    stages: tuple[Stage, ...]
    next: Next
    stalled: int
    finished: int


@dataclass(frozen=True, slots=True)
class StudyLine:
    """A study in the list."""

    slug: str
    title: str
    state: str
    simulated: bool
    created_at: datetime
    cases: int
    readers: int
    readings: int
    closed: int


def studies() -> list[StudyLine]:
    """Every study, the newest first. One query."""
    counted = Q(readers__kind="reader")
    readings = counted & Q(readers__readings__is_practice=False)
    rows = Study.objects.order_by("-created_at").annotate(
        case_count=Count("cases", distinct=True),
        reader_count=Count("readers", filter=counted, distinct=True),
        reading_count=Count("readers__readings", filter=readings, distinct=True),
        closed_count=Count(
            "readers__readings", filter=readings & Q(readers__readings__closed_at__isnull=False), distinct=True
        ),
    )
    return [
        StudyLine(
            slug=row.slug,
            title=row.title,
            state=row.state,
            simulated=row.simulated,
            created_at=row.created_at,
            cases=row.case_count,
            readers=row.reader_count,
            readings=row.reading_count,
            closed=row.closed_count,
        )
        for row in rows
    ]


def standing(study: Study, *, now: datetime) -> Standing:
    """The study's time line and next step. Six queries for any number of readers."""
    readers = progress(study, now=now)
    rounds = list(study.rounds.all())
    cases = study.cases.count()
    aids = FrozenAid.objects.filter(case__study=study, source=HONEST).count()
    needs_ai = bool(study.design.sources()) and aids < cases
    finished = sum(reader.state in ("done", "withdrawn") for reader in readers)
    stalled = sum(reader.state == "stalled" for reader in readers)
    return Standing(
        cases=cases,
        readers=len(readers),
        aids=aids,
        stages=tuple(_stages(study, rounds, readers)),
        next=_next(study, cases=cases, needs_ai=needs_ai, readers=len(readers), stalled=stalled, finished=finished),
        stalled=stalled,
        finished=finished,
    )


def _next(study: Study, *, cases: int, needs_ai: bool, readers: int, stalled: int, finished: int) -> Next:
    if study.state == Study.State.DRAFT:
        if not cases:
            return Next.IMPORT
        if needs_ai:
            return Next.RUN_AI
        return Next.LAUNCH if readers else Next.INVITE
    if study.state == Study.State.LIVE:
        if not readers:
            return Next.INVITE
        if finished == readers:
            return Next.CLOSE
        return Next.REMIND if stalled else Next.WATCH
    return Next.RESULTS


def _stages(study: Study, rounds: Sequence, readers: Sequence[ReaderProgress]) -> list[Stage]:
    live = study.state == Study.State.LIVE
    draft = study.state == Study.State.DRAFT
    stages = [Stage("design", "now" if draft else "done", at=study.launched_at)]
    reached = not draft
    for index, one in enumerate(rounds):
        mine = [reader.rounds[index] for reader in readers]
        openings = [part.opens_at for part in mine if part.opens_at is not None]
        if one.washout_days:
            stages.append(_washout(one, mine, openings, live=live))
        done = sum(part.done for part in mine)
        begun = any(part.closed for part in mine)
        state = (
            "done" if mine and done == len(mine) else "now" if live and reached and (index == 0 or begun) else "next"
        )
        stages.append(Stage("round", state, number=one.number, aided=one.aided, done=done, readers=len(mine)))
        reached = reached and state != "next"
    over = not (draft or live)
    waiting = live and bool(readers) and all(reader.state in ("done", "withdrawn") for reader in readers)
    stages.append(Stage("close", "done" if over else "now" if waiting else "next", at=study.closed_at))
    stages.append(Stage("results", "now" if over else "next"))
    return stages


def _washout(one: object, mine: Sequence, openings: Sequence[datetime], *, live: bool) -> Stage:
    """Over when every reader has begun the round behind it."""
    begun = sum(part.closed > 0 for part in mine)
    state = "done" if mine and begun == len(mine) else "now" if live and openings else "next"
    return Stage("washout", state, number=one.number, done=begun, readers=len(mine), at=min(openings, default=None))
