from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property

from readerstudy.models.case import Case, PracticeCase
from readerstudy.models.reader import Reader
from readerstudy.models.study import Round
from readerstudy.protocol.design import UNAIDED, Design, Modality, StageDesign
from readerstudy.protocol.questions import Question
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
    is_attention = models.BooleanField(default=False)  # a practice case hidden among the others
    counted = models.BooleanField(default=True)  # False: an attention check, or a first case that is only practice
    session = models.PositiveSmallIntegerField(default=1)  # which batch of the reader
    occurrence = models.PositiveSmallIntegerField(default=1)  # 2: the case comes again, unannounced
    modalities = models.JSONField(default=list)  # a name for each stage
    position = models.PositiveIntegerField()  # moves to the end once, after a technical failure
    state = models.CharField(max_length=10, choices=[(s.value, s.value) for s in State], default=State.PLANNED)
    stage = models.PositiveSmallIntegerField(default=1)
    limit_ms = models.PositiveIntegerField()  # of the stage that is open
    limit_is_hard = models.BooleanField(default=True)
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
            models.UniqueConstraint(
                fields=["reader", "round", "session", "case", "occurrence"], name="one_reading_per_case_and_round",
            ),
            models.UniqueConstraint(
                fields=["reader", "round", "session", "position"], condition=Q(is_practice=False),
                name="one_reading_per_position",
            ),
            models.UniqueConstraint(
                fields=["reader"], condition=Q(state__in=OPEN), name="one_open_reading_per_reader",
            ),
            models.CheckConstraint(
                condition=Q(is_practice=True, case__isnull=True, practice_case__isnull=False)
                | Q(is_practice=False, is_attention=False, case__isnull=False, practice_case__isnull=True)
                | Q(is_practice=False, is_attention=True, counted=False, case__isnull=True,
                    practice_case__isnull=False),
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
            hard=self.limit_is_hard,
        )

    @property
    def deadline(self) -> datetime:
        """Only of a reading that was started."""
        return self.time_rule.deadline(started_at=self.started_at, shown_at=self.shown_at)

    @cached_property
    def design(self) -> Design:
        """The study's design; `lock_reading` sets it without a query."""
        return self.reader.study.design

    @cached_property
    def round_number(self) -> int:
        return self.round.number

    @property
    def stage_design(self) -> StageDesign:
        return self.design.rounds[self.round_number - 1].stages[self.stage - 1]

    @property
    def shown_modality(self) -> Modality | None:
        """How AI output is shown in the open stage; None where none is."""
        modality = self.design.modality(self.modality) if self.modality else None
        return modality if modality is not None and modality.aided else None

    @property
    def questions(self) -> tuple[Question, ...]:
        """What the open stage asks. Practice and attention checks are read as the first stage of a study without AI."""
        design, stage = self.design, self.stage_design
        return design.stage_questions(stage, design.modality(self.modality) if self.modality else Modality(UNAIDED))

    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def modality(self) -> str:
        """Of the stage that is open, or was last; "" in practice."""
        return self.modalities[self.stage - 1] if self.modalities else ""


class PassedStage(models.Model):
    """How a stage before the last one ended. Rows are only ever added (trigger). The last is the Reading's."""

    reading = models.ForeignKey(Reading, on_delete=models.PROTECT, related_name="passed_stages")
    stage = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=[(s.value, s.value) for s in CLOSED])
    started_at = models.DateTimeField(null=True)
    shown_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reading", "stage"], name="one_outcome_per_stage")]
