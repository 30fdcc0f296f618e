"""The embedded site as a person starts it: one command, in a folder of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services import ROOT, wait_for
from webapp.operations.broker import free_port

pytestmark = pytest.mark.slow


class Embedded:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.log = folder / "serve.log"
        keep_out = ("DATABASE_URL", "TRUTH_DATABASE_URL", "REDIS_URL", "DERMINO_TEST_VAR")
        self.environment = {k: v for k, v in os.environ.items() if k not in keep_out} | {
            "DJANGO_SETTINGS_MODULE": "webapp.settings.demo",
            "DERMINO_VAR": str(folder / "var"),
            "PORT": str(self.port),
        }
        for alias in ("default", "truth"):
            self.manage("migrate", "--verbosity", "0", "--database", alias)
        self.process: subprocess.Popen[bytes] | None = None

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True)

    def start(self) -> None:
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve"], cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )
        wait_for(lambda: self.says("ready: "), f"the site is ready; its log is {self.log}", seconds=320)

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def says(self, words: str) -> bool:
        return words in self.log.read_text()

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)

    def descendants(self) -> dict[int, str]:
        """Every living process below `serve`, by number, with its command."""
        listed = subprocess.run(["ps", "-A", "-ww", "-o", "pid=,ppid=,command="], capture_output=True, text=True).stdout
        rows = [line.split(maxsplit=2) for line in listed.splitlines()]
        below, found = {self.process.pid}, {}
        for _generation in range(4):
            for pid, parent, command in rows:
                if int(parent) in below and "<defunct>" not in command:
                    found[int(pid)] = command
            below |= set(found)
        return found


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """One folder for all tests of this file; a test that ends the site leaves it ended."""
    site = Embedded(tmp_path_factory.mktemp("embedded"))
    yield site
    if site.runs:
        site.end(signal.SIGTERM)


@pytest.fixture
def running(embedded: Embedded) -> Embedded:
    if not embedded.runs:
        embedded.start()
    return embedded


def test_a_taken_port_is_named_with_a_way_out(embedded):
    with socket.socket() as other:
        other.bind(("127.0.0.1", embedded.port))
        other.listen()
        refused = embedded.manage("serve")
    assert refused.returncode == 1
    assert f"Port {embedded.port} is in use" in refused.stderr
    assert "PORT=" in refused.stderr


def test_a_killed_worker_is_started_again_without_leftovers(running):
    workers = [pid for pid, command in running.descendants().items() if "celery" in command]
    os.kill(min(workers), signal.SIGKILL)
    wait_for(lambda: running.says("The worker ended; starting it again"), "the death is noticed")
    wait_for(lambda: not any(_alive(pid) for pid in workers), "the dead worker's own processes are gone")
    wait_for(lambda: _complete(running.port), "the new worker answers", seconds=60)


def test_a_second_site_in_the_same_folder_is_refused(running):
    second = running.manage("serve", "--port", str(free_port()))
    assert second.returncode == 1
    assert "already runs from this folder" in second.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_everything_that_was_started_ends_with_it(running, number):
    started = running.descendants()
    commands = " ".join(started.values())
    assert all(name in commands for name in ("granian", "celery", "-server"))  # valkey-server, or redis-server
    assert running.end(number) == 0
    assert not _answers(running.port)
    assert [pid for pid in started if _alive(pid)] == []


def _answers(port: int) -> bool:
    with socket.socket() as knock:
        return knock.connect_ex(("127.0.0.1", port)) == 0


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _complete(port: int) -> bool:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10) as reply:
        return json.load(reply)["complete"]
