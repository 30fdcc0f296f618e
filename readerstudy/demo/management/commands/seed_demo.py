"""`python manage.py seed_demo`: make the demo site's content, then print the three sign-in links."""

import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from readerstudy.demo.site import seed_site, sign_in_links


class Command(BaseCommand):
    help = "Train or reuse a small model, seed the replica and a live study, print the sign-in links of three people."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))

    def handle(self, *, port: int, **options: Any) -> None:
        seed_site(say=self.stdout.write, at=timezone.now())
        self.stdout.write("\nSign-in links, each for one use (the front page has a button for each as well):")
        for role, path in sign_in_links().items():
            self.stdout.write(f"  {role:14} http://127.0.0.1:{port}{path}")
