"""Washouts that differ from the design's, for pages."""

from collections.abc import Mapping
from uuid import UUID

from readerstudy.models import Study, WashoutOverride


def washout_overrides(study: Study) -> Mapping[tuple[UUID, int], float]:
    """Days by (reader, round number); the latest of each. One query."""
    rows = WashoutOverride.objects.filter(round__study=study).order_by("pk")
    return {
        (reader, number): days for reader, number, days in rows.values_list("reader", "round__number", "washout_days")
    }
