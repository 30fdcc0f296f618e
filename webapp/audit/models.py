"""What happened, in chains that nobody can rewrite unseen."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import models

START = "0" * 64


class Event(models.Model):
    """One link of a chain: its hash covers its content and the hash before it. Rows are only ever added."""

    chain = models.CharField(max_length=100)
    index = models.PositiveIntegerField()
    at = models.DateTimeField()
    kind = models.CharField(max_length=60)
    about = models.UUIDField(null=True)
    by = models.CharField(max_length=100, blank=True)
    content = models.TextField(default="{}")  # JSON as it was hashed: jsonb would write some numbers anew
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain", "index"], name="a_chain_has_one_event_per_index")]

    def __str__(self) -> str:
        return f"{self.chain} {self.index}: {self.kind}"

    @property
    def data(self) -> dict[str, Any]:
        return json.loads(self.content)

    def digest(self) -> str:
        """The hash that this row's content ought to have."""
        return digest(
            chain=self.chain,
            index=self.index,
            at=self.at,
            kind=self.kind,
            about=self.about,
            by=self.by,
            content=self.content,
            previous_hash=self.previous_hash,
        )


def digest(
    *,
    chain: str,
    index: int,
    at: datetime,
    kind: str,
    about: UUID | None,
    by: str,
    content: str,
    previous_hash: str,
) -> str:
    when = at.astimezone(UTC).isoformat(timespec="microseconds")
    parts = [chain, index, when, kind, str(about or ""), by, content, previous_hash]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()
