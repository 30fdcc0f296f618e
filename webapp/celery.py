"""The Celery application. Web processes send by name; only workers import the rooms' tasks.py."""

import os
from typing import Any

from celery import Celery, bootsteps

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings.demo")

SWEEP_EVERY_S = 60
REMIND_EVERY_S = 3600


class Sweeper(bootsteps.StartStopStep):
    """Rings for the sweep, and hourly for reminders, from the worker's own timer.

    A step of the consumer, because a lost broker clears every timer and starts the steps anew. Not beat: its process
    is not started again when it is killed.
    """

    requires = {"celery.worker.consumer.tasks:Tasks"}

    def start(self, consumer: Any) -> None:
        app.send_task("webapp.work.sweep")  # rows may have waited while the broker was gone
        consumer.timer.call_repeatedly(SWEEP_EVERY_S, app.send_task, ("webapp.work.sweep",))
        consumer.timer.call_repeatedly(REMIND_EVERY_S, app.send_task, ("readerstudy.remind",))


app = Celery("dermino")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.set_default()  # threads of the web server have no current app of their own
app.steps["consumer"].add(Sweeper)
app.autodiscover_tasks()  # when a worker starts, not on import
