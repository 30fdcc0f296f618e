"""The model in a worker's memory: loaded after the fork, once a process, checked against its registered hash."""

import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from webapp.inference.errors import ModelRefused
from webapp.inference.models import ModelVersion

if TYPE_CHECKING:
    from ml.serving.predictor import Predictor

_processes = 1  # that share this machine's cores


def share_cores(processes: int) -> None:
    """Called before the pool forks: two processes with every core each were slower than with one half each."""
    global _processes
    _processes = max(1, processes)


def loaded(model: ModelVersion) -> "Predictor":
    """Raises ModelRefused where the files are not those that were registered."""
    return _load(model.path, model.sha256)


@lru_cache(maxsize=2)  # the promoted model, and that of a study
def _load(folder: Path, sha256: str) -> "Predictor":
    import torch  # seconds and 300 MB: only in a worker

    from ml.models import assembled
    from ml.serving import predictor

    torch.set_num_threads(max(1, (os.cpu_count() or 1) // _processes))
    try:
        found = predictor.Predictor.load(folder)
    except assembled.ModelRefused as refused:
        raise ModelRefused(str(refused)) from refused
    if found.sha256 != sha256:
        raise ModelRefused(
            _("%(folder)s holds another model than the one registered (%(found)s, not %(said)s). Register it anew.")
            % {"folder": folder, "found": found.sha256[:16], "said": sha256[:16]}
        )
    return found
