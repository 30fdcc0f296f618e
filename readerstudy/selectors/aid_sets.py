"""Which sets of AI output are frozen in a study, and the model's own."""

from readerstudy.models import FrozenAid, Study
from readerstudy.protocol.design import HONEST


def frozen_sources(study: Study) -> frozenset[str]:
    """The names of the sets that are there. One query."""
    return frozenset(FrozenAid.objects.filter(case__study=study).values_list("source", flat=True))


def own_aids(study: Study) -> list[FrozenAid]:
    """The model's own output of every case, with the case's data set. One query."""
    return list(FrozenAid.objects.filter(case__study=study, source=HONEST).select_related("case__dataset"))
