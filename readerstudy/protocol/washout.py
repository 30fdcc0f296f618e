"""The break between two rounds, counted for each reader from that reader's own last reading."""

from datetime import datetime, timedelta


def opens_at(*, last_closed_at: datetime, washout_days: float) -> datetime:
    """When the next round opens: the last reading of the round before plus the washout."""
    return last_closed_at + timedelta(days=washout_days)
