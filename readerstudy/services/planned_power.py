"""The planned power of a study, as it stands in the protocol: from stated variance components, never from results."""

from typing import Any

from readerstudy.models import Study
from readerstudy.statistics.mrmc import Components
from readerstudy.statistics.power import planned_power


def planned_power_of(study: Study) -> dict[str, Any] | None:
    """The power that the design states, with everything that it rests on; None where the design states none."""
    design = study.design
    stated = design.power
    if stated is None or design.planned_readers < 2:
        return None
    cases = sum(
        design.cases.draw.get(dataset.name, dataset.cases.count()) for dataset in study.datasets.order_by("name")
    )
    components = Components(
        reader=0.0,  # readers are their own controls: their spread does not enter a difference
        treatment_reader=stated.var_reader_by_test,
        error=stated.var_error,
        cov1=stated.cov1,
        cov2=stated.cov2,
        cov3=stated.cov3,
    )
    power = planned_power(
        readers=design.planned_readers, cases=cases, difference=stated.difference, components=components
    )
    return {
        "readers": design.planned_readers,
        "cases": cases,
        "difference": stated.difference,
        "components": {name: getattr(components, name) for name in components.__dataclass_fields__},
        "alpha": 0.05,
        "power": power,
        "method": "Obuchowski-Rockette with Hillis' degrees of freedom; Hillis, Obuchowski and Berbaum 2011",
    }
