"""Work that a test's worker knows beside the site's own: it sleeps, then leaves one line in a file."""

import os
import time
from pathlib import Path
from typing import Any

from webapp.work.services import handles


@handles("test.nap")
def nap(payload: dict[str, Any]) -> None:
    """Done already: returns at once, as every handler must. Twice at the same time: two lines, which a test sees."""
    result = Path(payload["file"])
    if result.exists():
        return
    time.sleep(payload["seconds"])
    with result.open("a") as file:
        file.write(f"{os.getpid()}\n")
