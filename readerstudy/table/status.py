"""How a reading ended, as written in the column `status`."""

from enum import StrEnum


class Status(StrEnum):
    """The four ends of a reading. Only an answered one carries an answer."""

    ANSWERED = "answered"
    TIMEOUT = "timeout"  # the limit passed first: wrong by default, no rating in agreement
    TECHNICAL = "technical"  # the site failed, not the reader: left out
    MISSING = "missing"  # never read: left out
