"""The cases of a study as an administrator sees them: how many, from where, and of whom."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q

from readerstudy.models import Case, Study


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


def some_cases(study: Study, *, at_most: int) -> list[UUID]:
    """Ids of cases to show as thumbnails: an order that tells nothing."""
    return list(study.cases.order_by("id").values_list("id", flat=True)[:at_most])


def some_practice_cases(study: Study, *, at_most: int) -> list[UUID]:
    return list(study.practice_cases.order_by("id").values_list("id", flat=True)[:at_most])


def _spread(texts: Sequence[str]) -> tuple[float, float, float] | None:
    ages = sorted(float(text) for text in texts if text.replace(".", "", 1).isdigit())
    return (ages[0], ages[len(ages) // 2], ages[-1]) if ages else None
