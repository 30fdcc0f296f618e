from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from webapp.inference.errors import ModelRefused
from webapp.inference.services import promote, register


class Command(BaseCommand):
    help = "Registers a trained model from its folder as a candidate; --promote lets the second look ask it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="holds model.safetensors, config.json and model_card.json")
        parser.add_argument("--name", help="how people call it; else as its card says")
        parser.add_argument("--promote", action="store_true")

    def handle(self, *, folder: Path, name: str | None, **options: Any) -> None:
        now = timezone.now()
        try:
            model = register(folder, name=name, at=now)
        except ModelRefused as refused:
            raise CommandError(f"{refused} Nothing was registered.") from refused
        if options["promote"]:
            model = promote(model, at=now)
        self.stdout.write(f"{model}: {model.state}, sha256 {model.sha256}")
