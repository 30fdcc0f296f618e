import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from ml.data.manifest import Layout
from webapp.inference.errors import InferenceError
from webapp.inference.services import promote, register
from webapp.inference.training import Images, train_in_processes, train_model

REPORT = "model_card.md"


class Command(BaseCommand):
    help = "Trains a DermINO model from a config file and registers it as a candidate. SIGTERM: saves and exits 75."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--config", type=Path, required=True, help="a TOML file, such as ml/configs/demo.toml")
        parser.add_argument("--output", type=Path, help="the model's folder; else var/models/NAME of the config")
        parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint in the folder")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done and how long it takes")
        parser.add_argument("--nproc", type=int, default=1, help="processes that train together on this machine")
        parser.add_argument("--no-register", action="store_true", help="leave the model in its folder only")
        parser.add_argument("--promote", action="store_true", help="let the second look ask the new model")
        parser.add_argument("--name", help="how people call the model; else as its card says")
        images = parser.add_argument_group("images to learn from (without --data they are drawn)")
        images.add_argument("--data", type=Path, help="a CSV file, or a folder with cases.csv")
        images.add_argument("--column", action="append", default=[], metavar="OURS=THEIRS", help="e.g. image=isic_id")
        images.add_argument("--images", default="{}", help="where an image lies below the table, e.g. images/{}.jpg")
        images.add_argument("--masks", help="where a mask lies below the table, e.g. masks/{}.png")
        images.add_argument("--dataset", help="the name of the data set, for a table without that column")
        images.add_argument(
            "--exclude-study", action="append", default=[], metavar="SLUG",
            help="learn from no image of this study, nor from a near copy of one",
        )  # fmt: skip

    def handle(self, *, config: Path, output: Path | None, nproc: int, **options: Any) -> None:
        output = output or settings.VAR_DIR / "models" / config.stem
        try:
            if nproc > 1:
                train_in_processes(nproc, _arguments(config, output, options))
                finished = not options["dry_run"]
            else:
                trained = train_model(
                    config, _images(options), output=output, resume=options["resume"], dry_run=options["dry_run"],
                    say=self._say,
                )  # fmt: skip
                # A rank under torchrun leaves the rest to the command that started it.
                finished = trained.card is not None and "RANK" not in os.environ
            if finished:
                self._take(output, options)
        except InferenceError as error:
            raise CommandError(str(error), returncode=getattr(error, "exit_status", 2)) from error

    def _take(self, folder: Path, options: dict[str, Any]) -> None:
        self._say((folder / REPORT).read_text(encoding="utf-8"))
        if options["no_register"]:
            self._say(f"The model is in {folder}. It is not registered.")
            return
        now = timezone.now()
        model = register(folder, name=options["name"], at=now)
        if options["promote"]:
            model = promote(model, at=now)
        self._say(f"Registered: {model}, {model.get_state_display().lower()}, sha256 {model.sha256}")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def _images(options: dict[str, Any]) -> Images:
    columns = {}
    for pair in options["column"]:
        ours, equals, theirs = pair.partition("=")
        if not equals:
            raise CommandError(f"--column {pair}: write OURS=THEIRS, such as image=isic_id.", returncode=2)
        columns[ours] = theirs
    layout = Layout(columns, options["images"], options["masks"], options["dataset"])
    return Images(options["data"], layout, options["exclude_study"])


def _arguments(config: Path, output: Path, options: dict[str, Any]) -> list[str]:
    """The same command for one rank: it trains with the others and registers nothing."""
    given = ["--config", str(config), "--output", str(output), "--images", options["images"], "--no-register"]
    for name in ("data", "masks", "dataset"):
        if options[name] is not None:
            given += [f"--{name}", str(options[name])]
    for name in ("resume", "dry_run"):
        if options[name]:
            given.append("--" + name.replace("_", "-"))
    for name in ("column", "exclude_study"):
        given += [f"--{name.replace('_', '-')}={value}" for value in options[name]]
    return given
