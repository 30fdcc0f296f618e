"""Imported by workers only: which work this room does."""

from celery.signals import worker_init

from webapp.inference.batches import KIND
from webapp.inference.loading import share_cores
from webapp.inference.predicting import predict_batch
from webapp.work.services import handles

handles(KIND)(predict_batch)


@worker_init.connect
def note_processes(sender: object, **signal: object) -> None:
    share_cores(sender.concurrency)
