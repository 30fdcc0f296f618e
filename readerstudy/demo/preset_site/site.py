"""A preset's study from an empty site to its locked, audited report, with simulated readers all the way."""

import json
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.management import call_command

from readerstudy.demo.preset_site.aids import freeze_outputs, shown_formats
from readerstudy.demo.preset_site.cases import import_simulated_cases
from readerstudy.demo.preset_site.figures import Figure, figures
from readerstudy.demo.preset_site.readers import readers_wanted, run_readers
from readerstudy.exchange import verify
from readerstudy.exchange.bundle import export_study
from readerstudy.models import Study
from readerstudy.protocol.design import Format
from readerstudy.protocol.presets import Preset
from readerstudy.protocol.targets import SimulationTargets
from readerstudy.services.launch import launch_study
from readerstudy.services.lock import lock_simulated_study
from readerstudy.services.study import close_study, create_study, edit_design
from readerstudy.truth.services import strata_of

BEGAN = datetime(2025, 3, 3, 8, tzinfo=UTC)  # a made-up Monday
REPORT, FIGURES, BUNDLE = "report.json", "figures.json", "bundle.zip"

Say = Callable[[str], None]


class NothingToSimulate(ValueError):
    """The preset does not say what simulated readers aim at."""


class Unsound(RuntimeError):
    """The bundle of a study does not prove what it holds."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A locked study with its report."""

    study: Study
    report: dict[str, Any]
    figures: list[Figure]
    readers: int
    readings: int


def run_preset(preset: Preset, folder: Path, *, share: float, seed: int, processes: int, say: Say) -> Finished:
    """Everything, on an empty site whose files go to `folder`.

    Raises NothingToSimulate, ImpossibleTarget, SiteRefused, Refused (a step of the study), Unsound,
    CommandError (the audit).
    """
    targets = preset.simulate
    if targets is None:
        raise NothingToSimulate(
            f'The preset "{preset.name}" has no [simulate] table. Say there what simulated readers aim at.'
        )
    study = _draft(preset, targets, folder, seed=seed, say=say)
    launch_study(study_id=study.pk, by=None, at=BEGAN, strata=strata_of(study.pk))
    study.refresh_from_db()
    count = readers_wanted(targets, study, share)
    say(f"{count} simulated readers read")
    ran = run_readers(study, targets, count=count, seed=seed, began=BEGAN, processes=processes)
    outcomes = sum((one.outcomes for one in ran.reports), Counter())
    say(", ".join(f"{number} {outcome}" for outcome, number in sorted(outcomes.items())))
    close_study(study_id=study.pk, by=None, at=ran.over_at + timedelta(hours=1))
    lock_simulated_study(study_id=study.pk, at=ran.over_at + timedelta(days=1))
    study.refresh_from_db()
    report = _published(study, folder, at=ran.over_at + timedelta(days=2))
    found = figures(study.design, targets, report)
    _write(folder / FIGURES, [one.as_dict() for one in found])
    readings = sum(number for outcome, number in outcomes.items() if outcome != "practice")
    return Finished(study, report, found, readers=count, readings=readings)


def _published(study: Study, folder: Path, *, at: datetime) -> dict[str, Any]:
    """The bundle, its report beside it, and the audit of both. Raises Unsound, CommandError."""
    export_study(study_id=study.pk, path=folder / BUNDLE, by=None, at=at)
    with zipfile.ZipFile(folder / BUNDLE) as bundle:
        report = json.loads(bundle.read(REPORT))
    _write(folder / REPORT, report)
    faults = verify.faults(folder / BUNDLE)
    if faults:
        raise Unsound(f"The bundle of {study.slug} does not verify: {' '.join(faults)}")
    call_command("verify_audit")
    return report


def _draft(preset: Preset, targets: SimulationTargets, folder: Path, *, seed: int, say: Say) -> Study:
    """The study with its cases and AI output, ready to be launched."""
    prepared = BEGAN - timedelta(days=7)
    study = create_study(
        title=f"{preset.title} (simulated readers)", preset=preset.name, seed=seed, by=None, at=prepared,
        slug=preset.name, simulated=True,
    )  # fmt: skip
    study = edit_design(study_id=study.pk, values=preset.design.as_dict(), by=None, at=prepared)
    say(f"Drawing and importing {targets.case_count} cases")
    masks = Format.MASK in shown_formats(study.design)
    import_simulated_cases(study, targets, folder / "drawn", masks=masks, seed=seed, at=prepared)
    shutil.rmtree(folder / "drawn")  # the site holds its own copies
    sources = freeze_outputs(study, targets, seed=seed, at=prepared)
    if sources:
        say(f"AI output is simulated and frozen: {', '.join(sources)}")
    return study


def _write(file: Path, values: Any) -> None:
    file.write_text(json.dumps(values, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
