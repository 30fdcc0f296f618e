"""`python manage.py serve`: broker, web server and worker in one go, until Ctrl-C."""

import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from webapp.operations.broker import BrokerFailed
from webapp.operations.supervisor import CannotServe, Supervisor


class Command(BaseCommand):
    help = "Start broker, web server and worker together; print the address once all answer. Ctrl-C stops everything."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))

    def handle(self, *, port: int, **options: Any) -> None:
        call_command("collectstatic", interactive=False, verbosity=0)
        supervisor = Supervisor(
            var=settings.VAR_DIR, port=port, broker_url_file=settings.BROKER_URL_FILE, say=self._say
        )
        try:
            supervisor.run()
        except (CannotServe, BrokerFailed) as reason:
            raise CommandError(str(reason)) from reason

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
