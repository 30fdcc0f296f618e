from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from readerstudy.exchange.aids import import_aids
from readerstudy.models import Study
from readerstudy.protocol.design import HONEST
from readerstudy.services.errors import Refused
from readerstudy.table.reading import BadRows
from webapp.imagery.errors import BadImage
from webapp.inference.models import ModelVersion


class Command(BaseCommand):
    help = "Freeze AI output from a CSV: probabilities, malignancy, votes, like cases (docs/administrators.md)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("study", help="the study's short name, as in its address")
        parser.add_argument("file", type=Path, metavar="FILE.csv")
        parser.add_argument(
            "--source", default=HONEST, help="which set of AI output of the design; default: the model's"
        )
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument(
            "--model", metavar="SHA256", help="the registered model that made it, by the start of its hash"
        )
        who.add_argument("--simulated", action="store_true", help="no model made it; every page says so")

    def handle(self, *, study: str, file: Path, source: str, model: str | None, **options: Any) -> None:
        found = Study.objects.filter(slug=study).first()
        if found is None:
            there = ", ".join(Study.objects.values_list("slug", flat=True)) or "none yet"
            raise CommandError(f'There is no study "{study}". There are: {there}.', returncode=2)
        try:
            count = import_aids(found, file, source=source, model=_model(model), by=None, at=timezone.now())
        except BadRows as bad:
            for row in bad.rows:
                self.stderr.write(f"{file}:{row.line}: {row.reason}" if row.line else f"{file}: {row.reason}")
            raise CommandError(f"Faults to correct: {len(bad.rows)}. Nothing was frozen.", returncode=2) from bad
        except (Refused, BadImage, OSError) as fault:
            raise CommandError(f"{fault} Nothing was frozen.", returncode=2) from fault
        self.stdout.write(f"The AI output of {count} cases is frozen.")


def _model(start: str | None) -> ModelVersion | None:
    if start is None:
        return None
    found = list(ModelVersion.objects.filter(sha256__startswith=start)[:2])
    if len(found) != 1:
        raise CommandError(f'"{start}" begins the hash of no model, or of several. See the page Models.', returncode=2)
    return found[0]
