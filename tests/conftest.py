"""What every test may ask for. The servers are in tests/services.py."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import TransactionTestCase
from hypothesis import settings

from tests.services import (  # noqa: F401 - fixtures
    _broker,
    _site,
    _worker,
    absent,
    broker,
    django_db_modify_db_settings,
    postgresql,
    site,
    worker,
)
from webapp.audit.append_only import lifted

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs in the test's own thread
settings.register_profile("untimed", deadline=None)  # the first example may load scipy; no test is of speed
settings.load_profile("untimed")


@pytest.fixture(scope="session", autouse=True)
def _flush_past_append_only() -> Iterator[None]:
    """A flush between transactional tests is the one deletion that append-only tables must let through."""
    tidy_up = TransactionTestCase._fixture_teardown

    def teardown(self: TransactionTestCase) -> None:
        with ExitStack() as protection:
            for alias in self._databases_names(include_mirrors=False):
                protection.enter_context(lifted(connections[alias]))
            tidy_up(self)

    TransactionTestCase._fixture_teardown = teardown
    yield
    TransactionTestCase._fixture_teardown = tidy_up


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any], browser_type: Any) -> dict[str, Any]:
    """Debian's Chromium where it is installed, so that nothing is downloaded; else Playwright's own."""
    chromium = shutil.which("chromium")
    if chromium is None and not Path(browser_type.executable_path).exists():
        absent("Chromium (Debian: apt-get install chromium; elsewhere: playwright install chromium)")
    quiet = ["--disable-background-networking", "--disable-component-update"]
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return browser_type_launch_args | {"executable_path": chromium, "args": [*quiet, *sandbox]}
