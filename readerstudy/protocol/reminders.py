"""Which mails a reader is due now. Never in quiet hours, never twice; a mail that fell into them comes afterwards."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

OPENS = "opens"  # the washout is over and the round can begin


class UnknownTimezone(ValueError):
    """The name is in no time zone table."""


@dataclass(frozen=True, slots=True)
class ReminderRule:
    """Reminders after so many silent days; nothing is sent from `quiet_from` to `quiet_to` o'clock of that zone.

    Equal hours: there are no quiet ones.
    """

    after_days: Sequence[float] = (3.0, 7.0)
    quiet_from: int = 21
    quiet_to: int = 8
    timezone: str = "UTC"

    def quiet(self, at: datetime) -> bool:
        """Whether `at` lies in the quiet hours, which may run over midnight."""
        hour = at.astimezone(_zone(self.timezone)).hour
        if self.quiet_from <= self.quiet_to:
            return self.quiet_from <= hour < self.quiet_to
        return hour >= self.quiet_from or hour < self.quiet_to


def kind_after(days: float) -> str:
    """The name under which a reminder after so many days is remembered."""
    return f"after_{days:g}"


def due(
    rule: ReminderRule,
    *,
    now: datetime,
    silent_since: datetime | None,
    opened_at: datetime | None,
    sent: Collection[str],
) -> str | None:
    """The one mail that a reader gets now, or None.

    silent_since: the last sign of a reader who can read and has cases left; None for all others.
    opened_at: when the current round opened for this reader after a washout; None before that, and for a first round.
    sent: the kinds that this reader already got in this round. Of several missed reminders only the last is sent, and
    those before it are never made up for.
    """
    if rule.quiet(now):
        return None
    if opened_at is not None and OPENS not in sent and opened_at <= now:
        return OPENS
    reached = list(_reached(rule, now, silent_since))
    if not reached or kind_after(reached[-1]) in sent:
        return None
    return kind_after(reached[-1])


def _reached(rule: ReminderRule, now: datetime, silent_since: datetime | None) -> Iterator[float]:
    for days in sorted(rule.after_days):
        if silent_since is not None and now - silent_since >= timedelta(days=days):
            yield days


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as unknown:
        raise UnknownTimezone(
            f'"{name}" is no time zone. Write it as in the IANA table, such as Europe/Berlin.'
        ) from unknown
