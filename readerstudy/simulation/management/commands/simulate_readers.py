from argparse import ArgumentParser
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from readerstudy.models import Reader, Study
from readerstudy.services.errors import Refused
from readerstudy.services.simulated_readers import enrol_simulated
from readerstudy.simulation.browser import Browser
from readerstudy.simulation.clock import RealClock
from readerstudy.simulation.fitting import ImpossibleTarget
from readerstudy.simulation.reader import Report, SimulatedReader, SiteRefused
from readerstudy.simulation.run import arrive, ready, seats, targets_for
from readerstudy.truth.services import strata_of

AT_ONCE = 8


class Command(BaseCommand):
    help = "Have simulated readers read everything that is open to them, over HTTP, through the readers' own pages."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("study", help="the study's short name, as in its address")
        parser.add_argument("--seed", type=int, required=True, help="decides every answer")
        parser.add_argument("--speed", type=float, default=1.0, metavar="X", help="read X times as fast as a person")
        parser.add_argument("--readers", type=int, metavar="N", help="how many there shall be; default: the preset's")
        parser.add_argument("--url", default="http://127.0.0.1:8000", help="where the site runs")

    def handle(self, *, study: str, seed: int, speed: float, readers: int | None, url: str, **options: Any) -> None:
        if speed <= 0 or (readers is not None and readers < 1):
            raise CommandError("--speed must be above 0 and --readers at least 1.", returncode=2)
        found = Study.objects.filter(slug=study).first()
        if found is None:
            there = ", ".join(Study.objects.values_list("slug", flat=True)) or "none yet"
            raise CommandError(f'There is no study "{study}". There are: {there}.', returncode=2)
        try:
            people = enrol_simulated(
                study_id=found.pk, wanted=readers or targets_for(found).readers, at=timezone.now(),
                strata=strata_of(found.pk),
            )  # fmt: skip
            reports = _run(found, people, seed=seed, speed=speed, url=url)
        except Refused as refused:
            raise CommandError(refused.message, returncode=2) from refused
        except ImpossibleTarget as impossible:
            raise CommandError(str(impossible), returncode=2) from impossible
        except SiteRefused as refused:
            raise CommandError(f"{refused} What was answered is saved; run the command again.") from refused
        except OSError as gone:
            raise CommandError(f"No site answers at {url} ({gone}). Start it, or name it with --url.") from gone
        self._tell(found, reports)

    def _tell(self, study: Study, reports: list[Report]) -> None:
        outcomes = sum((one.outcomes for one in reports), Counter())
        said = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items())) or "nothing to read"
        self.stdout.write(f"{study.title}: {len(reports)} simulated readers, {said}.")
        waiting = sorted(one.opens_at for one in reports if one.ended == "washout")
        if waiting:
            self.stdout.write(
                f"{len(waiting)} readers are in their washout until {waiting[0]} to {waiting[-1]}. "
                "Run this again then. A simulated study that shall not wait needs a washout of 0 days in its design."
            )
        done = sum(one.ended in ("end", "batch") for one in reports)
        self.stdout.write(f"{done} readers have read everything.")


def _run(study: Study, people: list[Reader], *, seed: int, speed: float, url: str) -> list[Report]:
    targets = targets_for(study)
    seated = seats(
        study, people, targets, seed=seed, clock=lambda reader: RealClock(speed), browser=lambda clock: Browser(url)
    )
    for one in seated:
        arrive(study, one)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(SimulatedReader.read, ready(study, seated, targets, seed=seed)))
