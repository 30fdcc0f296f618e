"""Training as this site asks for it: which images, which must be left out, in how many processes.

Imports of `ml.pretraining` here pull no torch; it comes with the first step.
"""

import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from django.conf import settings
from django.utils.translation import gettext as _

from ml.data.manifest import BadManifest, Layout
from ml.pretraining import Overrides, Trained, train
from ml.pretraining.config import BadConfig
from ml.pretraining.errors import STOPPED, Diverged, Interrupted, ResumeRefused
from webapp.inference.errors import InferenceError
from webapp.inference.exclusions import images_of

TABLE = "cases.csv"


class TrainingFailed(InferenceError):
    """No model came out; the message says why."""

    exit_status = 2


class TrainingStopped(InferenceError):
    """Asked to stop. All is saved; the same command with --resume goes on."""

    exit_status = STOPPED


@dataclass(frozen=True, slots=True)
class Images:
    """What to learn from; drawn images where `source` is None. `exclude`: studies whose images are left out."""

    source: Path | None = None  # a CSV file, or the folder of a cases.csv
    layout: Layout = field(default_factory=Layout)
    exclude: Sequence[str] = ()


def train_model(
    config: Path, images: Images, *, output: Path, resume: bool, dry_run: bool, say: Callable[[str], object]
) -> Trained:
    """In this process, which may be one rank of several. Raises TrainingFailed, TrainingStopped, UnknownCollection."""
    try:
        return train(config, output=output, resume=resume, dry_run=dry_run, overrides=_overrides(images), say=say)
    except Interrupted as stopped:
        raise TrainingStopped(str(stopped)) from stopped
    except (BadConfig, BadManifest, Diverged, ResumeRefused, FileNotFoundError) as failed:
        raise TrainingFailed(str(failed)) from failed


def train_in_processes(count: int, arguments: Sequence[str]) -> None:
    """The same command in `count` processes, by torchrun. Raises TrainingFailed, TrainingStopped."""
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={count}"]
    group = subprocess.Popen([*launcher, str(settings.BASE_DIR / "manage.py"), "train_dermino", *arguments])
    stopped = False

    def pass_on(number: int, frame: FrameType | None) -> None:
        nonlocal stopped
        stopped = True
        group.send_signal(signal.SIGTERM)

    before = signal.signal(signal.SIGTERM, pass_on)
    try:
        status = group.wait()
    finally:
        signal.signal(signal.SIGTERM, before)
    if stopped:
        raise TrainingStopped(_("Stopped. Go on with --resume."))
    if status != 0:
        raise TrainingFailed(_("Training in %(n)d processes failed. Their messages are above.") % {"n": count})


def _overrides(images: Images) -> Overrides:
    """Left out by the hash of the original file, and by fingerprint where a file was saved anew."""
    left_out = [image for study in images.exclude for image in images_of(study)]
    if left_out and images.source is None:
        raise TrainingFailed(_("Drawn images are in no study: leave --exclude-study out, or name --data."))
    return Overrides(
        manifest=_table(images.source),
        layout=images.layout,
        exclude=frozenset(image.source_sha256 for image in left_out),
        exclude_fingerprints=frozenset(bytes(image.fingerprint) for image in left_out),
    )


def _table(source: Path | None) -> Path | None:
    return source / TABLE if source is not None and source.is_dir() else source
