"""What a worker does for studies when the hour rings. Imported by workers only."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from readerstudy.services.reminders import remind as send_reminders


@shared_task(name="readerstudy.remind", acks_late=True, soft_time_limit=120, time_limit=150, expires=3600)
def remind() -> None:
    """Mails by rule. May run twice: (reader, round, kind) is unique."""
    send_reminders(site=settings.SITE_ADDRESS, now=timezone.now())
