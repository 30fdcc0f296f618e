"""The unblinding log, for the lock page and for the report."""

from dataclasses import dataclass
from datetime import datetime

from readerstudy.models import Study
from readerstudy.models.signature import Unblinding


@dataclass(frozen=True, slots=True)
class UnblindingLine:
    """Who saw results before the lock, what kind of act it was, why and when."""

    by: str
    kind: str
    reason: str
    at: datetime


def unblinding_log(study: Study) -> list[UnblindingLine]:
    """Every act in its order. One query."""
    acts = Unblinding.objects.filter(study=study).select_related("signature")
    return [
        UnblindingLine(by=act.signature.printed_name, kind=act.kind, reason=act.reason, at=act.signature.signed_at)
        for act in acts
    ]
