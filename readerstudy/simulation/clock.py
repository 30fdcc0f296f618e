"""The clocks that a simulated reader may live by: the real one, or one of his own that costs no waiting."""

import time
from datetime import datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What a reader does with time."""

    def sleep(self, seconds: float) -> None:
        """Let a person's `seconds` pass."""

    def wait(self, seconds: float) -> None:
        """Let seconds of the site pass: what it shows later does not come sooner to a fast reader."""

    def reading(self) -> float:
        """Seconds on a stop watch that only runs forward."""

    def wait_until(self, moment: datetime) -> bool:
        """Come back at `moment`; False where nobody would wait so long."""


class RealClock:
    """The clock on the wall. `speed`: a person's seconds that pass in one of it."""

    def __init__(self, speed: float = 1.0) -> None:
        self._speed = speed

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds / self._speed)

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)

    def reading(self) -> float:
        return time.monotonic()

    def wait_until(self, moment: datetime) -> bool:
        return False


class VirtualClock:
    """A clock that jumps: sleeping takes no time. Only for readers in the process of the site itself."""

    def __init__(self, now: datetime) -> None:
        self._began = now
        self.now = now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    wait = sleep

    def reading(self) -> float:
        return (self.now - self._began).total_seconds()

    def wait_until(self, moment: datetime) -> bool:
        self.now = max(self.now, moment)
        return True
