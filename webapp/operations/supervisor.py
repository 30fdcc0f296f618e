"""Broker, web server and worker of the embedded site: started together, restarted when one dies, ended together."""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

from webapp.operations.broker import Broker

STOP_WITHIN_S = 8  # then kill -9: work is rows, and an answer is committed or was never acknowledged
READY_WITHIN_S = 300  # seconds on an idle machine; minutes where others compute too
LOOK_EVERY_S = 0.3


class CannotServe(Exception):
    """The site cannot start; str() says what to do."""


class Stop(Exception):
    """Somebody asked the site to end."""


@dataclass(slots=True)
class Child:
    """One process and its descendants, in a group of their own so that none of them outlives it."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    keep_open: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    died_at: list[float] = field(default_factory=list)

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env=self.environment,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                process_group=0,
                pass_fds=self.keep_open,
            )

    def has_died(self) -> bool:
        return self.process.poll() is not None

    def restart(self) -> None:
        """Orphans of the dead process go first: they would do the same work beside the new one."""
        _end_group(self.process.pid)
        self.died_at = [*self.died_at[-4:], time.monotonic()]
        if len(self.died_at) == 5 and self.died_at[-1] - self.died_at[0] < 60:
            raise CannotServe(f"The {self.name} died five times within a minute. Its log is {self.log}.")
        self.start()

    def ask_to_end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def end(self, deadline: float) -> None:
        if self.process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.1, deadline - time.monotonic()))
        _end_group(self.process.pid)
        self.process.wait()


@dataclass(slots=True)
class Supervisor:
    """Runs until SIGINT, SIGTERM or SIGHUP."""

    var: Path
    port: int
    broker_url_file: Path
    say: Callable[[str], None]
    children: list[Child] = field(default_factory=list)
    broker: Broker | None = None

    def run(self) -> None:
        """Raises CannotServe. Whatever happens, nothing that was started is left behind."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _stop)
        (self.var / "log").mkdir(parents=True, exist_ok=True)
        with _only_one(self.var / "run" / "site.lock") as lock:
            _require_free(self.port)
            try:
                self._start(lock)
                self._wait_until_ready()
                self.say(f"ready: http://127.0.0.1:{self.port}/   (Ctrl-C stops everything)")
                self._watch()
            except Stop:
                self.say("stopping")
            finally:
                self._end_all()

    def _start(self, lock: IO[str]) -> None:
        environment = dict(os.environ)
        if "REDIS_URL" not in environment:
            self.broker = Broker.in_folder(self.var / "broker")
            self.broker.start()
            environment["REDIS_URL"] = self.broker.url
        self.broker_url_file.touch(mode=0o600)
        self.broker_url_file.write_text(environment["REDIS_URL"])
        for name, command in (("web server", _web(self.port)), ("worker", _worker())):
            log = self.var / "log" / f"{name.replace(' ', '-')}.log"
            child = Child(name, command, environment, log, keep_open=(lock.fileno(),))
            self.children.append(child)
            child.start()
        pids = " ".join(str(child.process.pid) for child in self.children)
        lock.truncate(0)
        lock.write(pids)
        lock.flush()

    def _wait_until_ready(self) -> None:
        end = time.monotonic() + READY_WITHIN_S
        while not _complete(self.port):
            self._look_after_all()
            if time.monotonic() > end:
                raise CannotServe(f"Not ready within {READY_WITHIN_S} s. The logs are in {self.var / 'log'}.")
            time.sleep(LOOK_EVERY_S)

    def _watch(self) -> None:
        while True:
            self._look_after_all()
            time.sleep(LOOK_EVERY_S)

    def _look_after_all(self) -> None:
        for child in self.children:
            if child.has_died():
                self.say(f"The {child.name} ended; starting it again. Its log is {child.log}.")
                child.restart()
        if self.broker is not None and self.broker.process.poll() is not None:
            self.say("The broker ended; starting it again. Work waits as rows meanwhile.")
            self.broker.start()

    def _end_all(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not leave half of them running
        deadline = time.monotonic() + STOP_WITHIN_S
        for child in self.children:
            child.ask_to_end()
        for child in self.children:
            child.end(deadline)
        if self.broker is not None:
            self.broker.stop()
        self.broker_url_file.unlink(missing_ok=True)


def _web(port: int) -> list[str]:
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    return [*command, "--workers", "2", "--blocking-threads", "2", "--no-ws", "webapp.wsgi:application"]


def _worker() -> list[str]:
    """Its node name stays the same, so that a new worker finds what a dead one had claimed. Nice: pages come first."""
    command = ["nice", "-n", "5", sys.executable, "-m", "celery", "-A", "webapp", "worker", "-n", "work@embedded"]
    processes = str(min(2, os.cpu_count() or 1))
    return [*command, "-c", processes, "--without-gossip", "--without-mingle", "--loglevel", "info"]


def _stop(number: int, frame: FrameType | None) -> None:
    raise Stop


def _only_one(path: Path) -> IO[str]:
    """A lock that the children hold too: after a kill -9 of this process, theirs still stands."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as held:
        lock.seek(0)
        groups = " ".join(f"-{pid}" for pid in lock.read().split())
        lock.close()
        raise CannotServe(
            f"A site already runs from this folder. Stop it with Ctrl-C, or end what is left of it: kill -- {groups}"
        ) from held
    return lock


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as taken:
            raise CannotServe(
                f"Port {port} is in use by another program. Choose one: PORT={port + 1} make demo"
            ) from taken


def _complete(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10) as reply:
            return json.load(reply)["complete"]
    except (OSError, urllib.error.HTTPError, ValueError):
        return False


def _end_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # macOS says so of a group of zombies
        return
