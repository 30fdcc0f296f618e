"""What a reader's pages read. Nothing here can reach truth."""

import math
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max, Q

from readerstudy.models import Reader, Reading
from readerstudy.protocol.state import CLOSED, OPEN, State
from readerstudy.protocol.washout import opens_at
from readerstudy.selectors.evidence import pictures_of, similar_of
from readerstudy.selectors.washout import washout_overrides
from readerstudy.services.next_step import PageStep, chosen_reader, where_is
from readerstudy.services.reading import takes_readings
from readerstudy.services.stage import aid_of
from webapp.imagery.models import Image


@dataclass(frozen=True, slots=True)
class RoundOnHome:
    """A round as a reader's home shows it."""

    number: int
    state: str  # "locked", "washout", "open" or "done"
    answered: int
    total: int
    opens_at: datetime | None
    limit_s: float

    @property
    def minutes(self) -> int:
        """What is left to read, at most, rounded up."""
        return math.ceil((self.total - self.answered) * self.limit_s / 60)


@dataclass(frozen=True, slots=True)
class StudyOnHome:
    slug: str
    title: str
    live: bool
    simulated: bool
    rounds: list[RoundOnHome]
    awaits: str  # "batch" (another one may begin), "debriefing" (to be read), or ""


def reader_of(slug: str, person_id: UUID) -> Reader | None:
    """The person's Reader in this study, with the study; None for everybody else."""
    found = list(Reader.objects.select_related("study").filter(study__slug=slug, person_id=person_id))
    return chosen_reader(found) if found else None


def has_practised(reader: Reader) -> bool:
    """Whether any practice case was ever given to the reader."""
    return reader.readings.filter(is_practice=True).exists()


def practice_so_far(reader: Reader) -> tuple[int, int]:
    """How many practice cases the study has, and how many readings of them this reader has closed."""
    done = reader.readings.filter(is_practice=True, closed_at__isnull=False).count()
    return reader.study.practice_cases.count(), done


def batches_so_far(reader: Reader) -> tuple[int, int]:
    """How many batches the reader has begun, and how many may follow."""
    begun = reader.batches.filter(begun_at__isnull=False).count()
    return begun, reader.batches.count() - begun


def studies_of(person_id: UUID, *, now: datetime) -> list[StudyOnHome]:
    """What this person reads, newest first, and what opens when."""
    readers = Reader.objects.filter(person_id=person_id).select_related("study").order_by("-enrolled_at")
    readers = [one for one in readers if one.kind == Reader.Kind.READER or takes_readings(one.study.state, one.kind)]
    return [
        StudyOnHome(
            slug=reader.study.slug,
            title=reader.study.title,
            live=takes_readings(reader.study.state, reader.kind),
            simulated=reader.study.simulated,
            rounds=_rounds(reader, now),
            awaits=_awaits(reader, now),
        )
        for reader in readers
    ]


def open_picture(reader: Reader, reading_id: UUID, what: str, number: int, *, now: datetime) -> Image | None:
    """A picture of a reading that is open now; None otherwise, so that no address shows a case again later.

    what: "image", "mask" or "similar", as the open stage shows it; number: from 1.
    """
    reading = (
        Reading.objects.select_related("case__image", "practice_case__image", "round", "reader__study")
        .filter(pk=reading_id, reader=reader, state__in=OPEN)
        .first()
    )
    if reading is None or not takes_readings(reader.study.state, reader.kind) or not _is_on_screen(reading, now):
        return None
    pictures = _pictures(reading, what)
    return pictures[number - 1] if 1 <= number <= len(pictures) else None


def _is_on_screen(reading: Reading, now: datetime) -> bool:
    return reading.state != State.RUNNING or not reading.limit_is_hard or now <= reading.deadline


def _pictures(reading: Reading, what: str) -> list[Image]:
    if what == "image":
        return [one.image for one in pictures_of(reading)]
    modality = reading.shown_modality
    if modality is None or what not in modality.shows:
        return []
    aid = aid_of(reading)
    return [image for image, _label in similar_of(aid)] if what == "similar" else [aid.mask] if aid.mask else []


def _awaits(reader: Reader, now: datetime) -> str:
    step = where_is(reader, now=now)
    return step.kind if isinstance(step, PageStep) and step.kind in ("batch", "debriefing") else ""


def _rounds(reader: Reader, now: datetime) -> list[RoundOnHome]:
    counted = reader.readings.filter(is_practice=False).values(
        "round__number", "round__washout_days", "round__limit_ms"
    )
    rows = counted.annotate(
        total=Count("pk"), closed=Count("pk", filter=Q(state__in=CLOSED)), last=Max("closed_at")
    ).order_by("round__number")
    washouts = washout_overrides(reader.study)
    rounds: list[RoundOnHome] = []
    before: datetime | None = None
    blocked = False
    for row in rows:
        days = washouts.get((reader.pk, row["round__number"]), row["round__washout_days"])
        opening = opens_at(last_closed_at=before, washout_days=days) if before else None
        if row["closed"] == row["total"]:
            state = "done"
        elif blocked:
            state = "locked"
        else:
            state = "washout" if opening and now < opening and not row["closed"] else "open"
        rounds.append(
            RoundOnHome(
                row["round__number"],
                state,
                row["closed"],
                row["total"],
                None if blocked else opening,
                row["round__limit_ms"] / 1000,
            )  # fmt: skip
        )
        blocked = blocked or state != "done"
        before = row["last"]
    return rounds
