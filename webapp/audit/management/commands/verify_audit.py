"""`python manage.py verify_audit`: exit 0 only where every chain is whole."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from webapp.audit.chains import breaks, remarks
from webapp.audit.models import Event


class Command(BaseCommand):
    help = "Recompute every chain of audit events, report each break, and say what else is odd but harmless."

    def handle(self, **options: Any) -> None:
        for sentence in remarks():
            self.stdout.write(sentence)
        found = list(breaks())
        for sentence in found:
            self.stderr.write(sentence)
        if found:
            raise CommandError(f"{len(found)} breaks. Compare with the last backup that verified.", returncode=1)
        chains = Event.objects.values("chain").distinct().count()
        self.stdout.write(f"{Event.objects.count()} events in {chains} chains: all whole.")
