"""Adding to a chain."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from webapp.audit.models import START, Event, digest


def record(
    kind: str,
    *,
    chain: str,
    at: datetime,
    about: UUID | None = None,
    by: str = "",
    data: dict[str, Any] | None = None,
) -> Event:
    """Append one event: one SELECT, one INSERT.

    The caller holds a row lock on what the chain belongs to (the reader, the study), inside its own transaction.
    Where it does not, two events want the same index and the second raises IntegrityError.
    `data` must be JSON without NaN (ValueError otherwise).
    """
    last = Event.objects.filter(chain=chain).order_by("-index").values_list("index", "hash").first()
    index, previous_hash = (last[0] + 1, last[1]) if last else (0, START)
    content = json.dumps(data or {}, sort_keys=True, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    fields = {
        "chain": chain,
        "index": index,
        "at": at,
        "kind": kind,
        "about": about,
        "by": by,
        "content": content,
        "previous_hash": previous_hash,
    }
    return Event.objects.create(**fields, hash=digest(**fields))
