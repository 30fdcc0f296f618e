"""How long readers took, by round and group."""

from typing import Any

import numpy as np

from readerstudy.results.grid import Grid
from readerstudy.statistics.timing import timing


def timing_rows(grid: Grid) -> list[dict[str, Any]]:
    """The contract's timing[]: answered readings; time-outs are counted beside."""
    rows = []
    for one in grid.rounds:
        for group, readers_J in grid.reader_selections():
            times = one.time_ms_JK[readers_J]
            found = timing(times[np.isfinite(times)], timeouts=int(one.timed_out_JK[readers_J].sum()))
            rows.append(
                {
                    "round": one.number,
                    "group": group,
                    "readings": found.readings,
                    "timeouts": found.timeouts,
                    "median_ms": found.median_ms,
                    "q1_ms": found.q1_ms,
                    "q3_ms": found.q3_ms,
                    "reason": found.reason,
                }
            )
    return rows
