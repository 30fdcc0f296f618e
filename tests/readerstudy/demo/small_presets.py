"""Runs presets made small, one after another on one site of its own, and writes what came of each as JSON.

A process of its own, as `make preset` is: SQLite in a folder, no server, no transaction around it all.
"""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from readerstudy.protocol import presets
from readerstudy.protocol.design import Balance, Design
from readerstudy.protocol.presets import Preset
from readerstudy.protocol.targets import SimulationTargets
from readerstudy.simulation.browser import Sent

CASES, BATCH, READERS = 14, 6, 4  # about so many, where the design allows
SEED = 3
EVERY = 20  # replies between two searches for names of the site
SECRET = {
    "truth", "arm", "arms", "modality", "modalities", "source", "altered", "occurrence", "counted", "is_attention",
    "session", "dataset", "case", "case_id", "stratum",
}  # fmt: skip


def small(preset: Preset) -> Preset:
    """The same design on few cases, with batches to fit; targets stay."""
    targets, design = preset.simulate, preset.design
    scale = CASES / targets.case_count
    cases = {
        dataset: {label: max(2 if len(counts) < 12 else 1, round(scale * count)) for label, count in counts.items()}
        for dataset, counts in targets.cases.items()
    }
    targets = replace(targets, cases=cases)
    return replace(preset, simulate=targets, design=_fitting(design, targets))


def _fitting(design: Design, targets: SimulationTargets) -> Design:
    per_reader = design.cases.per_reader
    if per_reader is not None:
        strata = len(next(iter(targets.cases.values())))
        per_reader = min(per_reader, max(BATCH, strata if design.cases.balance == Balance.EQUAL else 0))
    cases = replace(
        design.cases, per_reader=per_reader, per_reader_most=design.cases.per_reader_most and per_reader + 4,
        repeat_gap=min(design.cases.repeat_gap, 5), batches=min(design.cases.batches, 3), draw={},
    )  # fmt: skip
    split = design.split and replace(design.split, block=min(design.split.block, 3))
    return replace(design, cases=cases, split=split)


class Listener:
    """Hears every JSON reply that readers get, and keeps what should not be in it."""

    def __init__(self) -> None:
        self.told, self.leaks = 0, []

    def hear(self, path: str, body: bytes) -> None:
        if "/api/" not in path or not body:
            return
        self.told += 1
        reply = json.loads(body)
        self.leaks += [f"{name} in {path}" for name in SECRET & set(_keys(reply))]
        self.leaks += [f"{name} in {path}" for name in self._names() if f'"{name}"'.encode() in body]

    def _names(self) -> list[str]:
        """Data sets and cases by the names that only the site knows."""
        from readerstudy.models import Case, Dataset

        if self.told % EVERY:
            return []
        ids = [str(one) for one in Case.objects.values_list("pk", flat=True)]
        return [*ids, *Dataset.objects.values_list("name", flat=True)]


def _keys(reply: object) -> list[str]:
    if isinstance(reply, dict):
        return [*reply, *(key for value in reply.values() for key in _keys(value))]
    return [key for value in reply for key in _keys(value)] if isinstance(reply, list) else []


def listening(listener: Listener) -> type:
    """The browser of the readers, with somebody who listens."""
    from readerstudy.simulation.in_process import InProcessBrowser

    class Listening(InProcessBrowser):
        def _exchange(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Sent:
            sent = super()._exchange(method, path, body, headers)
            listener.hear(path, sent.body)
            return sent

    return Listening


def run_all(names: list[str], folder: Path) -> None:
    from django.core.management import call_command

    from readerstudy.demo.preset_site import readers
    from readerstudy.demo.preset_site.site import run_preset

    for database in ("default", "truth"):
        call_command("migrate", database=database, verbosity=0)
    for name in names:
        preset = small(presets.load(name))
        own = folder / name
        own.mkdir()
        listener = Listener()
        readers.InProcessBrowser = listening(listener)
        try:
            done = run_preset(
                preset, own, share=min(1.0, READERS / preset.simulate.readers), seed=SEED, processes=1, say=print
            )
            told = {
                "figures": [one.as_dict() for one in done.figures],
                "readers": done.readers,
                "readings": done.readings,
                "state": done.study.state,
                "simulated": done.study.simulated,
                "told": listener.told,
                "leaks": listener.leaks[:20],
            }
        except Exception as fault:  # noqa: BLE001 - the test of this preset tells it
            told = {"fault": f"{type(fault).__name__}: {fault} {getattr(fault, 'details', '')}"}
        (own / "outcome.json").write_text(json.dumps(told))


if __name__ == "__main__":
    import django

    django.setup()
    run_all(sys.argv[1].split(","), Path(os.environ["DERMINO_VAR"]))
