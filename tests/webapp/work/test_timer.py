"""What a worker rings for by its own timer."""

from types import SimpleNamespace

import pytest

from webapp import celery


class Timer:
    def __init__(self) -> None:
        self.every: dict[str, float] = {}

    def call_repeatedly(self, seconds: float, send: object, arguments: tuple[str]) -> None:
        self.every[arguments[0]] = seconds


def test_the_sweep_rings_each_minute_and_the_reminders_each_hour(monkeypatch: pytest.MonkeyPatch):
    rung: list[str] = []
    monkeypatch.setattr(celery.app, "send_task", rung.append)
    timer = Timer()
    celery.Sweeper.start(SimpleNamespace(), SimpleNamespace(timer=timer))
    assert timer.every == {"webapp.work.sweep": 60, "readerstudy.remind": 3600}
    assert rung == ["webapp.work.sweep"]
