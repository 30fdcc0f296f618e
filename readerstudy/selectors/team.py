"""Who has, or had, a part in a study besides its readers."""

from dataclasses import dataclass
from datetime import datetime

from readerstudy.models import Study, StudyRole


@dataclass(frozen=True, slots=True)
class TeamLine:
    """One role of one person."""

    id: int
    person: str
    email: str
    role: str
    granted_by: str
    granted_at: datetime
    ended_at: datetime | None


def team(study: Study) -> list[TeamLine]:
    """Roles that are held first, then those that ended. One query."""
    rows = StudyRole.objects.filter(study=study).select_related("person", "granted_by")
    lines = [
        TeamLine(
            id=row.pk,
            person=str(row.person),
            email=row.person.email,
            role=row.get_role_display(),
            granted_by=str(row.granted_by),
            granted_at=row.granted_at,
            ended_at=row.ended_at,
        )
        for row in rows
    ]
    return sorted(lines, key=lambda line: line.ended_at is not None)
