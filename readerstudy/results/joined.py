"""The one place where answers meet truth: the rows of a study's tidy table, and the report made from them."""

from collections.abc import Iterator
from typing import Any

from django.db.models import F, OuterRef, Subquery

from readerstudy.models import Answer, FrozenAid, Reading, Study
from readerstudy.protocol.state import State
from readerstudy.results.report import report
from readerstudy.table.row import Row
from readerstudy.table.status import Status
from readerstudy.truth.services import diagnoses

STATUS = {
    State.ANSWERED: Status.ANSWERED,
    State.TIMEOUT: Status.TIMEOUT,
    State.TECHNICAL: Status.TECHNICAL,
}
EXPERIENCE_GROUPS = (0, 3, 5)  # DermINO paper, Supplementary Table 2, as disjoint intervals


def rows_for(study: Study) -> list[Row]:
    """Every reading of a study but practice, joined with truth, in three queries. KeyError for a case without truth."""
    return list(_rows(study))


def report_for(study: Study) -> dict[str, Any]:
    """The study's report: the same dict for page, JSON and tables."""
    return report(rows_for(study), groups=EXPERIENCE_GROUPS)


def _rows(study: Study) -> Iterator[Row]:
    truth = diagnoses(study.id)
    ai = {aid.case_id: aid.answer for aid in FrozenAid.objects.filter(case__study=study).only("case_id", "ranked")}
    answer = Answer.objects.filter(reading=OuterRef("pk")).order_by("-stage")
    readings = (
        Reading.objects.filter(reader__study=study, is_practice=False)
        .annotate(
            answer=Subquery(answer.values("diagnosis")[:1]),
            answer_confidence=Subquery(answer.values("confidence")[:1]),
            rt_ms=Subquery(answer.values("rt_ms")[:1]),
            number=F("reader__number"),
            years=F("reader__experience_years"),
            round_number=F("round__number"),
            modality=F("round__modality"),
            dataset=F("case__dataset__name"),
            arm=F("reader__arm__name"),
        )
        .order_by("number", "round_number", "position")
        .values(
            "number", "years", "arm", "round_number", "modality", "dataset", "case_id", "position", "state",
            "shown_at", "started_at", "closed_at", "answer", "answer_confidence", "rt_ms",
        )
    )  # fmt: skip
    for reading in readings.iterator(chunk_size=2000):
        status = STATUS.get(State(reading["state"]), Status.MISSING)
        yield Row(
            study=study.slug,
            reader=f"r{reading['number']:02d}",
            experience_years=reading["years"],
            round=reading["round_number"],
            modality=reading["modality"],
            case=str(reading["case_id"]),
            dataset=reading["dataset"],
            truth=truth[reading["case_id"]],
            answer=reading["answer"],
            confidence=reading["answer_confidence"],
            ai_answer=ai.get(reading["case_id"]),
            presented_at=reading["shown_at"] or reading["started_at"],
            answered_at=reading["closed_at"] if status is Status.ANSWERED else None,
            time_ms=reading["rt_ms"],
            status=status,
            position=reading["position"],
            arm=reading["arm"],
        )
