"""`make demo-skip-washout`: open round 2 of the demo's live study now."""

import os
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from readerstudy.demo.washout import skip_washout


class Command(BaseCommand):
    help = "Open round 2 of the demo study for the demo reader, as if the washout were over."

    def handle(self, **options: Any) -> None:
        skipped = skip_washout(now=timezone.now())
        where = f"http://127.0.0.1:{os.environ.get('PORT') or 8000}/read/"
        if skipped.moved:
            self.stdout.write(f"Round 2 is open: {where} (the readings were dated back by {skipped.moved.days} days).")
        elif skipped.left_in_round_1:
            self.stdout.write(f"Round 1 comes first: {skipped.left_in_round_1} cases are left at {where}")
            self.stdout.write("Read them, then run this again.")
        else:
            self.stdout.write(f"Nothing to skip: go on at {where}")
