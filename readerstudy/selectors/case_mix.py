"""The cases of a study as an administrator sees them: how many, from where, and what a plan makes of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q

from readerstudy.models import Case, Study
from readerstudy.protocol.design import Design


@dataclass(frozen=True, slots=True)
class DatasetLine:
    """One data set of a study."""

    name: str
    classes: Sequence[str]
    cases: int
    drawn: int
    wanted: int | None  # by the draw; None: all
    sexes: Mapping[str, int]
    ages: tuple[float, float, float] | None  # lowest, median, highest


@dataclass(frozen=True, slots=True)
class RoundLine:
    """What a round asks of one reader."""

    number: int
    aided: bool
    limit_s: float
    washout_days: float
    minutes: float  # at most


@dataclass(frozen=True, slots=True)
class PlanPreview:
    """What the present design means."""

    readers: int
    cases: int  # each reader reads, in each round
    rounds: tuple[RoundLine, ...]

    @property
    def readings(self) -> int:
        return self.readers * self.cases * len(self.rounds)

    @property
    def without_washout(self) -> tuple[int, ...]:
        """Rounds that follow another at once: readers may remember the images."""
        return tuple(one.number for one in self.rounds[1:] if not one.washout_days)

    @property
    def minutes(self) -> float:
        """Of one reader over all rounds, at most."""
        return sum(one.minutes for one in self.rounds)


def case_mix(study: Study) -> list[DatasetLine]:
    """A line a data set. Two queries."""
    draw = study.design.cases.draw
    rows = study.datasets.order_by("name").annotate(
        case_count=Count("cases"), drawn_count=Count("cases", filter=Q(cases__drawn=True))
    )
    attributes: dict[int, list[Mapping[str, str]]] = {}
    for dataset, values in Case.objects.filter(study=study).values_list("dataset", "attributes"):
        attributes.setdefault(dataset, []).append(values)
    return [
        DatasetLine(
            name=row.name,
            classes=row.classes,
            cases=row.case_count,
            drawn=row.drawn_count,
            wanted=draw.get(row.name),
            sexes=dict(Counter(v["sex"] for v in attributes.get(row.pk, ()) if v.get("sex")).most_common(3)),
            ages=_spread([v.get("age", "") for v in attributes.get(row.pk, ())]),
        )
        for row in rows
    ]


def plan_preview(study: Study, mix: Sequence[DatasetLine], design: Design | None = None) -> PlanPreview:
    """The plan's size from the cases that are there and a design: the study's own, or one not saved yet."""
    design = design or study.design
    drawn = sum(design.cases.draw.get(line.name, line.cases) for line in mix)
    cases = min(drawn, design.cases.per_reader_most or design.cases.per_reader or drawn)
    rounds = tuple(
        RoundLine(
            number=number,
            aided=design.modality(one.modality).aided,
            limit_s=one.limit_s,
            washout_days=one.washout_days,
            minutes=cases * one.limit_s / 60,
        )
        for number, one in enumerate(design.rounds, start=1)
    )
    return PlanPreview(readers=study.readers.count(), cases=cases, rounds=rounds)


def some_cases(study: Study, *, at_most: int) -> list[UUID]:
    """Ids of cases to show as thumbnails: an order that tells nothing."""
    return list(study.cases.order_by("id").values_list("id", flat=True)[:at_most])


def some_practice_cases(study: Study, *, at_most: int) -> list[UUID]:
    return list(study.practice_cases.order_by("id").values_list("id", flat=True)[:at_most])


def _spread(texts: Sequence[str]) -> tuple[float, float, float] | None:
    ages = sorted(float(text) for text in texts if text.replace(".", "", 1).isdigit())
    return (ages[0], ages[len(ages) // 2], ages[-1]) if ages else None
