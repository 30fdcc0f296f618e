"""The states of one reading (reader x case x round)."""

from enum import StrEnum


class State(StrEnum):
    """Where a reading stands. The last three never change again."""

    PLANNED = "planned"  # drawn, not yet given to the reader
    ISSUED = "issued"  # the reader's browser may fetch the image; no clock runs
    RUNNING = "running"  # the clock runs
    ANSWERED = "answered"
    TIMEOUT = "timeout"
    TECHNICAL = "technical"


OPEN = (State.ISSUED, State.RUNNING)
CLOSED = (State.ANSWERED, State.TIMEOUT, State.TECHNICAL)
