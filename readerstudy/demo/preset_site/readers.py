"""Simulated readers in the process of the site, each by a clock of its own: the same requests, without the waiting."""

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connections

from readerstudy.models import Reader, Study
from readerstudy.protocol.targets import SimulationTargets
from readerstudy.services.simulated_readers import enrol_simulated
from readerstudy.simulation.clock import VirtualClock
from readerstudy.simulation.in_process import InProcessBrowser
from readerstudy.simulation.reader import Report, SimulatedReader
from readerstudy.simulation.run import arrive, ready, seats
from readerstudy.truth.services import strata_of

APART = timedelta(minutes=7)  # between the arrivals of two readers

_waiting: list[SimulatedReader] = []  # what a forked process reads: it inherits them, nothing is sent


@dataclass(frozen=True, slots=True)
class Ran:
    """What all readers did, and when the last of them was done."""

    reports: Sequence[Report]
    over_at: datetime


def readers_wanted(targets: SimulationTargets, study: Study, share: float) -> int:
    """A share of the preset's readers, but at least two of every group in every arm."""
    least = 2 * max(1, len(targets.groups)) * len(study.design.arms)
    return max(round(share * targets.readers), min(least, targets.readers))


def run_readers(
    study: Study, targets: SimulationTargets, *, count: int, seed: int, began: datetime, processes: int
) -> Ran:
    """Enrol `count` readers and have them read to their end. Raises ImpossibleTarget, SiteRefused, Refused."""
    enrolled = enrol_simulated(study_id=study.pk, wanted=count, at=began, strata=strata_of(study.pk))
    seated = seats(
        study, enrolled, targets, seed=seed, clock=lambda reader: _clock(reader, began), browser=InProcessBrowser
    )
    for one in seated:
        arrive(study, one)
    simulated = ready(study, seated, targets, seed=seed, pictures=False)
    if processes == 1:
        outcomes = [_read(one) for one in simulated]
    else:
        outcomes = _in_parallel(simulated, processes)
    return Ran([report for report, _at in outcomes], max(at for _report, at in outcomes))


def _clock(reader: Reader, began: datetime) -> VirtualClock:
    return VirtualClock(began + reader.number * APART)


def _read(one: SimulatedReader) -> tuple[Report, datetime]:
    return one.read(), one.clock.now


def _in_parallel(simulated: list[SimulatedReader], processes: int) -> list[tuple[Report, datetime]]:
    """Several readers at once. A reader's answers hang on the seed alone, so who reads beside whom changes nothing."""
    connections.close_all()  # a connection must not be shared across a fork
    _waiting[:] = simulated
    try:
        with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("fork")) as pool:
            return list(pool.map(_read_waiting, range(len(simulated)), chunksize=4))
    finally:
        _waiting.clear()


def _read_waiting(at: int) -> tuple[Report, datetime]:
    return _read(_waiting[at])
