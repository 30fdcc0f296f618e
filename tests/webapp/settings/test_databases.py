import os
import subprocess
import sys

import psycopg
import pytest
from django.db import connection

from tests.services import ROOT
from webapp.settings.databases import TruthApart, database, journal_mode


def test_a_postgresql_url_becomes_settings():
    found = database("postgres://site:p%40ss@db.example.org:5433/study?sslmode=require")
    wanted = {"NAME": "study", "USER": "site", "PASSWORD": "p@ss", "HOST": "db.example.org", "PORT": "5433"}
    assert {key: found[key] for key in wanted} == wanted
    assert found["OPTIONS"] == {"sslmode": "require"}


def test_a_sqlite_url_names_a_file_and_makes_its_folder(tmp_path):
    found = database(f"sqlite:///{tmp_path}/new/site.sqlite3")
    assert found["NAME"] == f"{tmp_path}/new/site.sqlite3"
    assert (tmp_path / "new").is_dir()


@pytest.mark.parametrize("url", ["mysql://host/name", "sqlite://", "postgres://host/", "site.sqlite3"])
def test_a_url_that_names_no_database_is_refused(url):
    with pytest.raises(ValueError, match="names no database"):
        database(url)


@pytest.mark.parametrize(
    ("version", "mode"), [((3, 40, 1), "TRUNCATE"), ((3, 51, 2), "TRUNCATE"), ((3, 51, 3), "WAL"), ((4, 0, 0), "WAL")]
)
def test_write_ahead_logging_only_where_sqlite_is_free_of_the_reset_race(version, mode):
    assert journal_mode(version) == mode


@pytest.mark.django_db
def test_an_acknowledged_row_is_on_the_disk_on_sqlite():
    if connection.vendor != "sqlite":
        pytest.skip("asks SQLite; run with DERMINO_TEST_DB=sqlite")
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
        assert cursor.execute("PRAGMA recursive_triggers").fetchone() == (1,)


def test_truth_is_migrated_to_its_own_database_only():
    router = TruthApart()
    assert router.allow_migrate("truth", "truth") and router.allow_migrate("default", "readerstudy")
    assert not router.allow_migrate("default", "truth") and not router.allow_migrate("truth", "readerstudy")


@pytest.mark.parametrize(("role", "database"), [("site", "truth"), ("truth", "site")])
def test_neither_role_can_enter_the_other_s_database(postgresql, role, database):
    with psycopg.connect(postgresql.url(role, role)) as own:
        assert own.execute("SELECT 1").fetchone() == (1,)
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(postgresql.url(role, database))


def test_a_node_without_the_truth_serves_readers(tmp_path):
    """In a process of its own: settings are read once."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "webapp.settings.testing",
        "DERMINO_TEST_VAR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path}/site.sqlite3",
        "TRUTH_DATABASE_URL": "none",
    }
    code = (
        "import django; django.setup()\n"
        "from django.core.management import call_command\n"
        "call_command('migrate', verbosity=0)\n"
        "from django.test import Client\n"
        "from webapp.accounts.services import person_for\n"
        "client = Client(); client.force_login(person_for('reader@example.org'))\n"
        "print(client.get('/read/').status_code, client.get('/results/').status_code)\n"
        "import sys; print('readerstudy.truth.models' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.stdout.split() == ["200", "404", "False"], done.stderr
