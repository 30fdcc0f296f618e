"""`python manage.py run_preset NAME`: a published design with simulated readers, in a folder of its own."""

import os
import shutil
import subprocess
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from readerstudy.demo.preset_site.figures import lines
from readerstudy.demo.preset_site.site import NothingToSimulate, Unsound, run_preset
from readerstudy.protocol import presets
from readerstudy.services.errors import NotReady, Refused
from readerstudy.simulation.fitting import ImpossibleTarget
from readerstudy.simulation.reader import SiteRefused
from readerstudy.truth.altered_aids import CannotAlter

LIST = "list"
SETTINGS = "webapp.settings.preset"
SEED = 20_250_303


class Command(BaseCommand):
    help = "Run a preset from an empty site to its locked, audited report, with simulated readers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help=f'a preset, or "{LIST}"')
        parser.add_argument("--share", type=float, default=1.0, help="of the preset's readers; default: all of them")
        parser.add_argument("--seed", type=int, default=SEED, help="decides every case, plan and answer")
        parser.add_argument("--processes", type=int, default=2, help="in which the readers read")

    def handle(self, *, name: str, share: float, seed: int, processes: int, **options: Any) -> None:
        if name == LIST:
            self.stdout.write("\n".join(presets.names()))
            return
        if name not in presets.names():
            raise CommandError(f'There is no preset "{name}". Use one of: {", ".join(presets.names())}.', returncode=2)
        if not 0 < share <= 1 or processes < 1:
            raise CommandError("--share must be above 0 and at most 1, and --processes at least 1.", returncode=2)
        folder = settings.BASE_DIR / "var" / "presets" / name
        if folder != settings.VAR_DIR:
            _on_a_site_of_its_own(folder, name, share, seed, processes)
            return
        try:
            self._run(folder, name, share=share, seed=seed, processes=processes)
        except NotReady as lacking:
            raise CommandError("\n".join([lacking.message, *lacking.details["faults"]])) from lacking
        except Refused as refused:
            raise CommandError(refused.message) from refused
        except (NothingToSimulate, Unsound, ImpossibleTarget, SiteRefused, CannotAlter) as fault:
            raise CommandError(f"{name}: {fault}") from fault

    def _run(self, folder: Path, name: str, *, share: float, seed: int, processes: int) -> None:
        started = time.monotonic()
        for database in settings.DATABASES:
            call_command("migrate", database=database, verbosity=0)
        done = run_preset(
            presets.load(name), folder, share=share, seed=seed, processes=processes, say=self.stdout.write
        )
        for line in lines(done.figures):
            self.stdout.write(line)
        took_s = time.monotonic() - started
        self.stdout.write(f"{done.readings} readings by {done.readers} simulated readers in {took_s:.0f} s: {folder}")


def _on_a_site_of_its_own(folder: Path, name: str, share: float, seed: int, processes: int) -> None:
    """Begin anew in the preset's folder: its settings must be there before Django is. Raises CommandError."""
    shutil.rmtree(folder, ignore_errors=True)
    here = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "TRUTH_DATABASE_URL")}
    arguments = [name, "--share", str(share), "--seed", str(seed), "--processes", str(processes)]
    done = subprocess.run(
        [sys.executable, str(settings.BASE_DIR / "manage.py"), "run_preset", *arguments],
        env={**here, "DERMINO_VAR": str(folder), "DJANGO_SETTINGS_MODULE": SETTINGS},
        check=False,
    )
    if done.returncode:
        raise CommandError(f"{name} was not finished. Its messages are above.", returncode=done.returncode)
