"""Write a locked study as one bundle."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from readerstudy.exchange.bundle import export_study
from readerstudy.models import Study
from readerstudy.services.errors import Refused


class Command(BaseCommand):
    help = "Write a locked study as one zip: readings, codebook, protocol, events, report, hashes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("study", help="the study's short name, as in its address")
        parser.add_argument("--output", type=Path, required=True, metavar="BUNDLE.zip")

    def handle(self, *, study: str, output: Path, **options: Any) -> None:
        found = Study.objects.filter(slug=study).first()
        if found is None:
            known = ", ".join(Study.objects.order_by("slug").values_list("slug", flat=True)) or "none"
            raise CommandError(f'There is no study "{study}". Known: {known}. Nothing was written.', returncode=2)
        try:
            bundle = export_study(study_id=found.pk, path=output, by=None, at=timezone.now())
        except Refused as error:
            raise CommandError(f"{error} Nothing was written.", returncode=2) from error
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error.strerror}.", returncode=1) from error
        self.stdout.write(f"Wrote {output}: {len(bundle.files)} files, {bundle.readings} readings.")
        self.stdout.write(f"SHA-256 {bundle.sha256}")
