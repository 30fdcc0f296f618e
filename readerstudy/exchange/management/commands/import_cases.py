import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from readerstudy.exchange.cases import Choice, Imported, import_cases
from readerstudy.exchange.layout import BadLayout, Layout
from readerstudy.models import Study
from readerstudy.services.errors import Refused
from readerstudy.table.reading import BadRow, BadRows
from webapp.imagery.errors import StorageFull

SHOWN_AT_MOST = 20  # of warnings; faults are all printed


class Command(BaseCommand):
    help = "Import the cases of a study from a folder with one CSV (image, dataset, diagnosis[, mask, age, sex, site])."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("study", help="the study's short name, as in its address")
        parser.add_argument("place", type=Path, metavar="FOLDER_OR_CSV")
        parser.add_argument("--practice", action="store_true", help="the rows are practice cases with public answers")
        parser.add_argument("--column", action="append", default=[], metavar="OURS=THEIRS",
                            help="the file's name of a column, such as image=isic_id; may be repeated")  # fmt: skip
        parser.add_argument("--images", default="", metavar="TEMPLATE", help='where a picture lies: "images/{}.jpg"')
        parser.add_argument("--masks", default="", metavar="TEMPLATE", help='where a mask lies: "masks/{}.png"')
        parser.add_argument("--dataset", default="", help="the data set, where no column names it")
        parser.add_argument("--classes", action="append", default=[], metavar="[DATASET=]A,B,C",
                            help="every diagnosis to be offered; may be repeated for several data sets")  # fmt: skip
        parser.add_argument("--split", default="", metavar="NAME",
                            help='only rows whose column "split" says so, such as test')  # fmt: skip
        parser.add_argument("--only", type=Path, metavar="FILE", help="import the images named there, one a line")
        parser.add_argument("--limit", type=int, metavar="N", help="draw N rows, each diagnosis in its share")
        parser.add_argument("--stratify", type=int, default=0, metavar="SEED", help="the seed of that draw")
        parser.add_argument("--copies", choices=["refuse", "first"], default="refuse",
                            help="a picture that stands twice with one diagnosis: a fault, or its first")  # fmt: skip

    def handle(self, *, study: str, place: Path, **options: Any) -> None:
        started = time.monotonic()
        try:
            layout = Layout.from_options(
                columns=options["column"], images=options["images"], masks=options["masks"], dataset=options["dataset"]
            )
            done = import_cases(_study(study), place, layout, _choice(options), by=None, at=timezone.now())
        except BadRows as bad:
            self._list(str(place), bad.rows, self.stderr)
            raise CommandError(f"Faults to correct: {len(bad.rows)}. Nothing was imported.", returncode=2) from bad
        except (BadLayout, Refused, StorageFull, OSError) as error:
            raise CommandError(f"{error} Nothing was imported.", returncode=2) from error
        self._tell(done, seconds=time.monotonic() - started)

    def _tell(self, done: Imported, *, seconds: float) -> None:
        self._list(done.file, done.left_out, self.stdout)
        self._list(done.file, done.warnings[:SHOWN_AT_MOST], self.stdout)
        if len(done.warnings) > SHOWN_AT_MOST:
            self.stdout.write(f"... and {len(done.warnings) - SHOWN_AT_MOST} more pictures that look alike.")
        if done.ignored_columns:
            self.stdout.write(f"Not imported: the columns {', '.join(done.ignored_columns)}.")
        for dataset, counts in done.mix.items():
            mix = ", ".join(f"{diagnosis} {count}" for diagnosis, count in counts.items())
            self.stdout.write(f"{dataset}: {mix}")
        copies = f", {len(done.left_out)} left out as copies" if done.left_out else ""
        self.stdout.write(f"{done.added} cases imported, {done.already} already there{copies} ({seconds:.1f} s).")

    def _list(self, file: str, rows: list[BadRow], out: Any) -> None:
        for row in rows:
            where = f"{file}:{row.line}" if row.line else file
            out.write(f"{where}: {row.reason}")


def _study(slug: str) -> Study:
    study = Study.objects.filter(slug=slug).first()
    if study is None:
        there = ", ".join(Study.objects.values_list("slug", flat=True)) or "none yet: create one first"
        raise CommandError(f'There is no study "{slug}". There are: {there}.', returncode=2)
    return study


def _choice(options: dict[str, Any]) -> Choice:
    classes = {}
    for text in options["classes"]:
        dataset, equals, names = text.rpartition("=")
        classes[dataset if equals else ""] = [name.strip() for name in names.split(",") if name.strip()]
    return Choice(
        practice=options["practice"],
        only=options["only"],
        split=options["split"],
        limit=options["limit"],
        seed=options["stratify"],
        classes=classes,
        keep_first_of_copies=options["copies"] == "first",
    )
