"""One reading as one row of the tidy table."""

from dataclasses import dataclass
from datetime import datetime

from readerstudy.table.status import Status


@dataclass(frozen=True, slots=True)
class Row:
    """One reader, one case, one round. Fields are the columns; None is an empty cell; times are aware, in UTC."""

    study: str
    reader: str
    round: int
    modality: str
    case: str
    dataset: str
    truth: str | None  # None in a study without a reference standard: agreement only
    status: Status
    answer: str | None = None
    confidence: float | None = None
    ai_answer: str | None = None
    experience_years: float | None = None
    presented_at: datetime | None = None
    answered_at: datetime | None = None
    time_ms: float | None = None
    position: int | None = None
    group: str | None = None
    session: str | None = None
    arm: str | None = None
    stage: str | None = None
    answer_2: str | None = None
    answer_3: str | None = None
    answer_4: str | None = None
    answer_5: str | None = None
    management: str | None = None
    score: float | None = None
    extra: tuple[tuple[str, str], ...] = ()  # (column, cell) of every column that the definition does not know

    @property
    def ranked(self) -> tuple[str, ...]:
        """The reader's list, best first; a place left empty ends nothing: what stands after it moves up."""
        choices = (self.answer, self.answer_2, self.answer_3, self.answer_4, self.answer_5)
        return tuple(one for one in choices if one is not None)

    @property
    def key(self) -> tuple[str, str, str | None, int, str]:
        """What makes a row one of its kind."""
        return self.study, self.reader, self.session, self.round, self.case

    @property
    def correct(self) -> bool:
        """A reading without an answer or truth is not correct; whether it counts at all is a rule of the analysis."""
        return self.truth is not None and self.status is Status.ANSWERED and self.answer == self.truth

    @property
    def ai_correct(self) -> bool | None:
        """None where no AI answer or no truth is known."""
        return None if self.ai_answer is None or self.truth is None else self.ai_answer == self.truth
