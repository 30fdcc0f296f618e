"""Real worker processes, killed by their process numbers."""

import os
import signal
from pathlib import Path

import pytest

from tests.services import Process, wait_for
from webapp.operations.broker import Broker
from webapp.work.models import Work
from webapp.work.services import enqueue

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "truth"])


class Naps:
    """Asks for naps and counts what came of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def ask_for(self, number: int, *, seconds: float) -> None:
        for index in range(number):
            enqueue("test.nap", f"nap:{index}", {"seconds": seconds, "file": str(self.folder / str(index))})

    @property
    def done(self) -> int:
        return Work.objects.filter(state=Work.State.DONE).count()

    def wait_until_done(self, number: int) -> None:
        wait_for(lambda: self.done >= number, f"{number} rows done", seconds=120)

    def results(self) -> list[int]:
        """How many results each nap has."""
        return [len(file.read_text().splitlines()) for file in self.folder.iterdir()]


@pytest.fixture
def naps(tmp_path: Path) -> Naps:
    return Naps(tmp_path)


def test_a_real_worker_does_what_was_asked_for(worker: Process, naps: Naps):
    naps.ask_for(1, seconds=0.01)
    naps.wait_until_done(1)
    assert naps.results() == [1]


@pytest.mark.slow
def test_three_kills_lose_no_task_and_do_none_twice(worker: Process, naps: Naps):
    naps.ask_for(200, seconds=0.15)
    for reached in (30, 80, 130):
        naps.wait_until_done(reached)
        worker.kill()
        worker.start()
    naps.wait_until_done(200)
    assert naps.results() == [1] * 200


@pytest.mark.slow
def test_a_killed_pool_process_loses_no_task(worker: Process, naps: Naps):
    naps.ask_for(40, seconds=0.15)
    naps.wait_until_done(5)
    os.kill(worker.children()[0], signal.SIGKILL)
    naps.wait_until_done(40)
    assert naps.results() == [1] * 40


@pytest.mark.slow
def test_work_waits_while_the_broker_is_gone(worker: Process, broker: Broker, naps: Naps):
    broker.stop()
    naps.ask_for(1, seconds=0.01)
    assert Work.objects.get().state == Work.State.QUEUED
    Work.objects.update(rung_at="2000-01-01T00:00Z")  # so that it has waited long enough for the sweep
    broker.start()
    naps.wait_until_done(1)
