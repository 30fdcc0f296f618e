from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import models
from django.db.models import Q

from readerstudy.models.case import Case, PracticeCase
from readerstudy.models.reader import Reader
from readerstudy.models.study import Round
from readerstudy.protocol.state import CLOSED, OPEN, State
from readerstudy.protocol.timing import TimeRule


class Reading(models.Model):
    """One reader reads one case in one round (or a practice case before them). Called a trial while its clock runs."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)  # tells neither order nor truth
    reader = models.ForeignKey(Reader, on_delete=models.PROTECT, related_name="readings")
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="readings")
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="readings")
    practice_case = models.ForeignKey(PracticeCase, null=True, on_delete=models.PROTECT, related_name="readings")
    is_practice = models.BooleanField(default=False)
    position = models.PositiveIntegerField()  # moves to the end once, after a technical failure
    state = models.CharField(max_length=10, choices=[(s.value, s.value) for s in State], default=State.PLANNED)
    stage = models.PositiveSmallIntegerField(default=1)
    limit_ms = models.PositiveIntegerField()
    grace_ms = models.PositiveIntegerField()
    shown_cap_ms = models.PositiveIntegerField()
    lease = models.UUIDField(null=True)  # changed on every "next": the newest window wins
    submit_key = models.UUIDField(null=True)
    issued_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    shown_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    onset_method = models.CharField(max_length=20, blank=True)
    reload_count = models.PositiveSmallIntegerField(default=0)
    technical_failures = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reader", "round", "case"], name="one_reading_per_case_and_round"),
            models.UniqueConstraint(
                fields=["reader", "round", "position"], condition=Q(is_practice=False),
                name="one_reading_per_position",
            ),
            models.UniqueConstraint(
                fields=["reader"], condition=Q(state__in=OPEN), name="one_open_reading_per_reader",
            ),
            models.CheckConstraint(
                condition=Q(is_practice=True, case__isnull=True, practice_case__isnull=False)
                | Q(is_practice=False, case__isnull=False, practice_case__isnull=True),
                name="a_reading_is_of_a_case_or_of_practice",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=CLOSED) | Q(closed_at__isnull=False), name="a_closed_reading_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(started_at__isnull=False), name="a_running_reading_says_since_when",
            ),
        ]  # fmt: skip

    @property
    def image_id(self) -> UUID:
        return (self.practice_case or self.case).image_id

    @property
    def classes(self) -> list[str]:
        """The diagnoses offered, in their fixed order."""
        return self.practice_case.classes if self.practice_case else self.case.dataset.classes

    @property
    def time_rule(self) -> TimeRule:
        return TimeRule(
            limit=timedelta(milliseconds=self.limit_ms),
            grace=timedelta(milliseconds=self.grace_ms),
            shown_cap=timedelta(milliseconds=self.shown_cap_ms),
        )

    @property
    def deadline(self) -> datetime:
        """Only of a reading that was started."""
        return self.time_rule.deadline(started_at=self.started_at, shown_at=self.shown_at)

    def is_open(self) -> bool:
        return self.state in OPEN
