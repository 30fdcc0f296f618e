"""What a worker runs when the bell rings. Imported by workers only."""

from uuid import UUID

from celery import Task, shared_task
from celery.signals import worker_ready
from django.db import connections
from django.utils import timezone

from webapp.work import services


@shared_task(name="webapp.work.run", bind=True, acks_late=True, soft_time_limit=120, time_limit=150)
def run(self: Task, work_id: str) -> None:
    services.perform(UUID(work_id), worker=self.request.hostname)


@shared_task(name="webapp.work.sweep", time_limit=60, expires=60)
def sweep() -> None:
    services.sweep(at=timezone.now())


@worker_ready.connect
def recover(sender: object, **signal: object) -> None:
    services.recover(worker=sender.hostname)
    connections.close_all()  # else the pool's children inherit the socket
