"""Analyse a tidy readings table from a file: no database is opened."""

import argparse
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from readerstudy.analytics.html_file import html_file
from readerstudy.analytics.wording import headline
from readerstudy.results.context import Context
from readerstudy.results.report import report
from readerstudy.table import BadRows, Table, read_table

ORIGIN = ("readings_origin", "simulated")  # the column by which a simulated study's table says so


class Command(BaseCommand):
    help = "Analyse a tidy readings table (CSV) and write the report as JSON or as one HTML file."
    requires_system_checks: list[str] = []  # they would open the databases

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the table, columns as in docs/statistics.md")
        parser.add_argument("--groups", type=_bounds, default=(0.0, 3.0, 5.0), help="lower bounds in years: 0,3,5")
        parser.add_argument("--timeouts", choices=("incorrect", "exclude"), default="incorrect")
        parser.add_argument("--seed", type=int, default=0, help="of the bootstrap")
        parser.add_argument("--json", type=Path, help="write the report here")
        parser.add_argument("--html", type=Path, help="write a self-contained page here")

    def handle(self, *, file: Path, **options: Any) -> None:
        table = self._read(file)
        try:
            found = report(
                table.rows,
                groups=options["groups"],
                timeouts=options["timeouts"],
                seed=options["seed"],
                context=Context(simulated=any(ORIGIN in row.extra for row in table.rows)),
            )
        except ValueError as error:
            raise CommandError(f"{file}: {error} Nothing was written.", returncode=2) from error
        found["notes"] += [{"section": "table", "text": text} for text in _said_of(table)]
        text = json.dumps(found, indent=1, allow_nan=False, ensure_ascii=False)
        page = html_file(found) if options["html"] else None
        for target, content in ((options["json"], text), (options["html"], page)):
            if target is not None and content is not None:
                self._write(target, content)
        self.stdout.write(headline(found))
        for note in found["notes"]:
            self.stdout.write(f"Note: {note['text']}")

    def _read(self, file: Path) -> Table:
        try:
            return read_table(file)
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}. Nothing was written.", returncode=2) from error
        except BadRows as bad:
            self.stderr.write("\n".join(f"{file}:{row.line}: {row.reason}" for row in bad.rows))
            rows = "1 row" if len(bad.rows) == 1 else f"{len(bad.rows)} rows"
            raise CommandError(f"{rows} to correct. Nothing was written.", returncode=2) from bad

    def _write(self, target: Path, content: str) -> None:
        try:
            target.write_text(content + "\n", encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{target} cannot be written: {error.strerror}.", returncode=1) from error
        self.stdout.write(f"Wrote {target}.")


def _bounds(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f'"{text}" is no list of years such as 0,3,5') from None


def _said_of(table: Table) -> list[str]:
    said = []
    if table.unknown_columns:
        said.append(f"Columns of no definition, kept unread: {', '.join(table.unknown_columns)}.")
    if table.absent_columns:
        said.append(f"Columns that the file lacks, read as empty: {', '.join(table.absent_columns)}.")
    return said
