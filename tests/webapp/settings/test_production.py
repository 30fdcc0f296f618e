"""What must never be on a site with real readers."""

import os
import subprocess
import sys

import pytest

from tests.services import ROOT

ASK = """
import django, json
django.setup()
from django.apps import apps
from django.conf import settings
from django.urls import resolve, Resolver404
try:
    door = resolve("/enter/administrator/").view_name
except Resolver404:
    door = None
print(json.dumps([apps.is_installed("readerstudy.demo"), door, settings.DEBUG]))
"""


def asked(module: str, tmp_path) -> str:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": module,
        "DERMINO_VAR": str(tmp_path),
        "DATABASE_URL": "postgres://site@127.0.0.1:1/site",
        "TRUTH_DATABASE_URL": "postgres://truth@127.0.0.1:1/truth",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SECRET_KEY": "x" * 40,
        "ALLOWED_HOSTS": "study.example.org",
    }
    done = subprocess.run([sys.executable, "-c", ASK], env=environment, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("settings", "answer"),
    [
        ("webapp.settings.production", "[false, null, false]"),
        ("webapp.settings.demo", '[true, "demo:enter", false]'),  # the same question finds the door where it is
    ],
)
def test_the_demos_open_door_is_on_no_site_with_real_readers(settings, answer, tmp_path):
    assert asked(settings, tmp_path) == answer
