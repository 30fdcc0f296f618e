"""A reader's part of the plan as rows: batches at enrolment, the arm at allocation, readings when a batch begins."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import cycle
from uuid import UUID

from django.utils.translation import gettext as _

from readerstudy.models import Arm, Batch, PracticeCase, Reader, Round, Study
from readerstudy.protocol.allocation import arm_of, stratum_of
from readerstudy.protocol.batches import PlannedCase, drawn_cases, reader_batches
from readerstudy.protocol.design import Design, Limit, StageDesign
from readerstudy.protocol.plan import Slot, reader_plan
from readerstudy.services.errors import Refused
from readerstudy.services.plan_rows import insert_readings
from webapp.audit.services import record

Strata = Mapping[UUID, str]  # case -> its class: known to callers who may know truth, and never stored
DIAGNOSIS = "diagnosis"


def planned_cases(study: Study, strata: Strata, *, drawn_only: bool) -> list[PlannedCase]:
    """The study's cases as the pure plan knows them. Raises Refused where a stratum is needed and not known."""
    by = study.design.cases.stratify
    cases = study.cases.filter(drawn=True) if drawn_only else study.cases.all()
    rows = cases.order_by("id").values_list("id", "dataset__name", "attributes")
    return [PlannedCase(case, dataset, _stratum(case, attributes, by, strata)) for case, dataset, attributes in rows]


def cases_to_read(study: Study, strata: Strata) -> list[PlannedCase]:
    """The cases that the study reads: as drawn at the launch, or, for a pilot or a dry run, as they would be now."""
    if study.launched_at is not None:
        return planned_cases(study, strata, drawn_only=True)
    return drawn_cases(planned_cases(study, strata, drawn_only=False), design=study.design, seed=study.seed)


def draw_batches(study: Study, reader: Reader, cases: Sequence[PlannedCase]) -> None:
    """Write which of `cases_to_read` this reader reads. Runs once a reader."""
    batches = reader_batches(cases, design=study.design, seed=study.seed, reader=reader.number)
    Batch.objects.bulk_create(
        Batch(reader=reader, number=number, case_ids=[str(case) for case in batch])
        for number, batch in enumerate(batches, start=1)
    )


def can_allocate(study: Study, reader: Reader) -> bool:
    """Nothing of the profile that decides the arm is still to come."""
    return reader.profiled_at is not None or not study.design.allocation.strata


def allocate(study: Study, reader: Reader, *, at: datetime) -> None:
    """Give the reader an arm by the concealed list, once, and lay out the first batch. The study's row is locked."""
    if reader.allocated_at is not None:
        return
    design = study.design
    stratum = stratum_of(design, {**reader.profile, "years": reader.experience_years})
    before = _readers_before(study, reader, stratum)
    name = arm_of(design, seed=study.seed, stratum=stratum, place=len(before))
    reader.arm, _new = Arm.objects.get_or_create(study=study, name=name)
    reader.allocated_at, reader.place = at, before.count(reader.arm_id)
    reader.save(update_fields=["arm", "allocated_at", "place"])
    record("reader.allocated", chain=reader.chain, at=at, about=reader.id)
    begin_batch(study, reader, at=at)


def _readers_before(study: Study, reader: Reader, stratum: tuple[str, ...]) -> list[int]:
    """The arm of every reader of the same stratum who has one."""
    before = study.readers.filter(kind=reader.kind, allocated_at__isnull=False)
    if not stratum:
        return list(before.values_list("arm_id", flat=True))
    rows = before.values_list("arm_id", "profile", "experience_years")
    return [arm for arm, profile, years in rows if stratum_of(study.design, {**profile, "years": years}) == stratum]


def begin_batch(study: Study, reader: Reader, *, at: datetime) -> Batch | None:
    """Lay out the readings of the reader's next batch. None where all have begun."""
    batch = reader.batches.filter(begun_at__isnull=True).order_by("number").first()
    if batch is None:
        return None
    batch.begun_at = at
    batch.save(update_fields=["begun_at"])
    insert_readings(_readings(study, reader, batch.number))
    return batch


def stage_times(design: Design, stage: StageDesign, multiplier: float) -> dict[str, object]:
    """The columns of a Reading that say how long its open stage may take."""
    return {"limit_ms": round(stage.limit_s * 1000 * multiplier), "limit_is_hard": stage.limit == Limit.HARD}


def _readings(study: Study, reader: Reader, session: int) -> Iterator[dict[str, object]]:
    """The session's slots as rows by column. Every query is made at once: the rows stream while the database writes."""
    design = study.design
    rounds = dict(Round.objects.filter(study=study).values_list("number", "id"))
    checks = cycle(_practice_ids(study)) if design.cases.attention else iter(())
    times = {
        number: stage_times(design, one.stages[0], reader.time_multiplier)
        for number, one in enumerate(design.rounds, start=1)
    }
    return (
        {
            "reader_id": reader.pk,
            "round_id": rounds[slot.round],
            "case_id": slot.case,
            "practice_case_id": next(checks) if slot.is_attention else None,
            "is_attention": slot.is_attention,
            "counted": slot.counted,
            "session": slot.session,
            "occurrence": slot.occurrence,
            "modalities": [] if slot.is_attention else slot.modalities,
            "position": slot.position,
            "grace_ms": design.grace_ms,
            "shown_cap_ms": design.shown_cap_ms,
            **times[slot.round],
        }
        for slot in _slots(study, reader, session)
    )


def _practice_ids(study: Study) -> list[UUID]:
    return list(PracticeCase.objects.filter(study=study).order_by("id").values_list("id", flat=True))


def _slots(study: Study, reader: Reader, session: int) -> Iterator[Slot]:
    """The slots of one session. Earlier and later batches are planned along: the plan is one, whenever it is asked."""
    batches = [
        [UUID(case) for case in case_ids]
        for case_ids in reader.batches.order_by("number").values_list("case_ids", flat=True)
    ]
    slots = reader_plan(
        batches, design=study.design, seed=study.seed, reader=reader.number, arm=reader.arm.name, place=reader.place
    )
    return (slot for slot in slots if slot.session == session)


def _stratum(case: UUID, attributes: Mapping[str, str], by: str, strata: Strata) -> str:
    if not by:
        return ""
    if by != DIAGNOSIS:
        return str(attributes.get(by, ""))
    if case not in strata:
        raise Refused(_("Batches are drawn by diagnosis, but a case has none yet. Import its reference standard."))
    return strata[case]
