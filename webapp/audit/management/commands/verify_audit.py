"""`python manage.py verify_audit`: exit 0 only where nothing was found."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from webapp.audit.chains import findings
from webapp.audit.models import Event


class Command(BaseCommand):
    help = "Recompute every chain of audit events and report each break."

    def handle(self, **options: Any) -> None:
        found = list(findings())
        for sentence in found:
            self.stderr.write(sentence)
        if found:
            raise CommandError(f"{len(found)} findings. Compare with the last backup that verified.", returncode=1)
        chains = Event.objects.values("chain").distinct().count()
        self.stdout.write(f"{Event.objects.count()} events in {chains} chains: all whole.")
