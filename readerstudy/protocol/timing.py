"""The clock of one reading. Times are the server's; see docs/protocol.md, "The clock"."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from readerstudy.protocol.state import State


@dataclass(frozen=True, slots=True)
class TimeRule:
    """When a reading ends, and what an arrival at the server is worth."""

    limit: timedelta = timedelta(seconds=20)
    shown_cap: timedelta = timedelta(seconds=3)  # all that a withheld "shown" event can gain
    grace: timedelta = timedelta(milliseconds=1500)  # pays for the uplink only: an honest client froze at the limit
    rt_slack: timedelta = timedelta(milliseconds=50)  # a client's own clock may round
    sweep_slack: timedelta = timedelta(seconds=2)  # a submit may still wait for its lock when the sweep looks
    least_resumed: timedelta = timedelta(seconds=1)  # a refresh with less left would only flash the image
    hard: bool = True  # False: the limit is only told, or there is none; whatever arrives counts

    def shown(self, *, started_at: datetime, arrived_at: datetime) -> datetime:
        """The moment that counts as "on screen" for a "shown" event that arrived at `arrived_at`."""
        return min(arrived_at, started_at + self.shown_cap)

    def deadline(self, *, started_at: datetime, shown_at: datetime | None) -> datetime:
        """The last moment at which an honest client may still decide."""
        latest = started_at + self.shown_cap
        return min(shown_at or latest, latest) + self.limit

    def state(self, *, arrived_at: datetime, deadline: datetime, client_rt: timedelta) -> State:
        """ANSWERED only if the answer arrived by deadline + grace and its own reaction time is within the limit."""
        in_time = not self.hard or arrived_at <= deadline + self.grace
        honest = timedelta(0) <= client_rt and (not self.hard or client_rt <= self.limit + self.rt_slack)
        return State.ANSWERED if in_time and honest else State.TIMEOUT

    def expired(self, *, now: datetime, deadline: datetime) -> bool:
        """Nobody can answer in time any more, so the reading may be closed without the reader."""
        return self.hard and now > deadline + self.grace + self.sweep_slack

    def resumable(self, *, now: datetime, deadline: datetime) -> bool:
        """After a refresh: enough time is left to show the image again."""
        return not self.hard or now <= deadline - self.least_resumed
