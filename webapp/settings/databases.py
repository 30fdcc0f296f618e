"""Where rows live: a URL becomes Django's settings, and truth stays in a database of its own."""

import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

# Releases before this one have a rare race between two processes that write and checkpoint at once,
# and the site runs a web process and a worker. Source: sqlite.org/wal.html, "The WAL-reset bug".
WAL_IS_SAFE_FROM = (3, 51, 3)


def journal_mode(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> str:
    return "WAL" if version >= WAL_IS_SAFE_FROM else "TRUNCATE"


def database(url: str) -> dict[str, Any]:
    """Django's settings for `postgres://user:password@host:port/name?option=value` or `sqlite:///path`.

    Raises ValueError for any other scheme, or without a name.
    """
    parts = urlsplit(url)
    if parts.scheme in ("postgres", "postgresql"):
        return _postgresql(url)
    if parts.scheme == "sqlite" and len(parts.path) > 1:
        return _sqlite(Path(unquote(parts.path[1:])))
    raise ValueError(f"{parts.scheme}:// names no database. Use postgres://user:password@host/name or sqlite:///path.")


def _postgresql(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    name = unquote(parts.path.lstrip("/"))
    if not name:
        raise ValueError("The database URL names no database. Write postgres://user:password@host/NAME.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": dict(parse_qsl(parts.query)),
        "CONN_MAX_AGE": 60,  # a connection per request was nine times slower
        "CONN_HEALTH_CHECKS": True,
    }


def _sqlite(path: Path) -> dict[str, Any]:
    path.parent.mkdir(parents=True, exist_ok=True)
    pragmas = (
        f"PRAGMA journal_mode={journal_mode()}",
        "PRAGMA synchronous=FULL",  # an acknowledged answer is on the disk
        "PRAGMA recursive_triggers=ON",  # else INSERT OR REPLACE deletes an append-only row unseen
    )
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "TEST": {"NAME": str(path.with_name(f"test_{path.name}"))},  # a file, so that other processes see it
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": ";".join(pragmas)},
    }


class TruthApart:
    """Rows of the app `truth` go to the alias `truth`, all others to `default`; no relation crosses."""

    def db_for_read(self, model: type, **hints: Any) -> str:
        return self._alias(model._meta.app_label)

    def db_for_write(self, model: type, **hints: Any) -> str:
        return self._alias(model._meta.app_label)

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        return self._alias(one._meta.app_label) == self._alias(other._meta.app_label)

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == self._alias(app_label)

    def _alias(self, app_label: str) -> str:
        return "truth" if app_label == "truth" else "default"
