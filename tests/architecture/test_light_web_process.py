"""Web processes start quickly and small: the model's libraries are a worker's."""

import os
import subprocess
import sys

from tests.architecture.conftest import ROOT

HEAVY = {"torch", "torchvision", "timm", "transformers", "scipy.stats"}
WEB = """
import webapp.wsgi, webapp.celery
from django.urls import get_resolver
get_resolver().url_patterns
"""
TASKS = """
import django
django.setup()
import webapp.celery
webapp.celery.app.loader.import_default_modules()
"""
PURE = "import readerstudy.statistics.agreement, readerstudy.protocol.timing, readerstudy.table.columns, ml"


def imported(code: str) -> set[str]:
    """The modules that a fresh process holds after `code`."""
    report = "import sys; print(*sys.modules)"
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "webapp.settings.testing"}
    command = [sys.executable, "-c", f"{code}\n{report}"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_web_process_holds_no_torch():
    assert not imported(WEB) & HEAVY


def test_a_worker_s_tasks_hold_no_torch_before_the_first_of_them_runs():
    assert not imported(TASKS) & HEAVY


def test_the_pure_rooms_need_no_django():
    assert "django" not in imported(PURE)


def test_a_planted_import_is_seen():
    assert "django" in imported(f"{PURE}\nimport django")
