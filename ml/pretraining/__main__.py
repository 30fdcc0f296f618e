"""`python -m ml.pretraining --config FILE`: train a model without Django."""

import argparse
import subprocess
import sys
from pathlib import Path

from ml.data.manifest import BadManifest, Layout
from ml.pretraining.config import BadConfig
from ml.pretraining.errors import STOPPED, Diverged, Interrupted, ResumeRefused
from ml.pretraining.run import Overrides, train


def main(arguments: list[str]) -> int:
    """Returns the exit status: 0 done, 2 nothing was done, 75 stopped and saved."""
    options = _parser().parse_args(arguments)
    if options.nproc > 1:
        launcher = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={options.nproc}"]
        return subprocess.run(
            [sys.executable, *launcher, "-m", "ml.pretraining", *_without_nproc(arguments)]
        ).returncode
    try:
        train(
            options.config, output=options.output, resume=options.resume, dry_run=options.dry_run,
            overrides=_overrides(options), say=lambda text: print(text, flush=True),
        )  # fmt: skip
    except Interrupted as stopped:
        print(stopped, file=sys.stderr)
        return STOPPED
    except (BadConfig, BadManifest, Diverged, ResumeRefused, FileNotFoundError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ml.pretraining", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="a TOML file, such as ml/configs/demo.toml")
    parser.add_argument("--output", type=Path, help="the model's folder (default: var/models/NAME of the config)")
    parser.add_argument("--resume", action="store_true", help="go on from the latest checkpoint in the folder")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done and how long it takes")
    parser.add_argument("--nproc", type=int, default=1, help="processes that train together on this machine")
    parser.add_argument("--manifest", type=Path, help="a CSV file of images; without it, synthetic ones are drawn")
    parser.add_argument("--column", action="append", default=[], metavar="OURS=THEIRS", help="e.g. image=isic_id")
    parser.add_argument("--images", default="{}", help="where an image lies below the table, e.g. images/{}.jpg")
    parser.add_argument("--masks", help="where a mask lies below the table, e.g. masks/{}.png")
    parser.add_argument("--dataset", help="the name of the data set, for a table without that column")
    parser.add_argument("--exclude", type=Path, help="a text file of sha256 sums of images never to learn from")
    return parser


def _overrides(options: argparse.Namespace) -> Overrides:
    options.output = options.output or Path("var/models") / options.config.stem
    columns = dict(pair.split("=", 1) for pair in options.column if "=" in pair)
    excluded = options.exclude.read_text().split() if options.exclude else []
    layout = Layout(columns, options.images, options.masks, options.dataset)
    return Overrides(options.manifest, layout, frozenset(excluded))


def _without_nproc(arguments: list[str]) -> list[str]:
    kept, skip = [], False
    for argument in arguments:
        if skip:
            skip = False
        elif argument == "--nproc":
            skip = True
        elif not argument.startswith("--nproc="):
            kept.append(argument)
    return kept


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
