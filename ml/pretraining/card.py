"""The model card: what was trained on what, and what it reached, as JSON and as a page to read. Knows no torch."""

import json
from pathlib import Path
from typing import Any

from ml.pretraining.config import Config

WINDOW = 0.1  # first and last share of the steps that are compared


def loss_fall(metrics: Path) -> dict[str, dict[str, float]]:
    """Mean of each loss in the first and the last tenth of the steps."""
    rows = [json.loads(line) for line in metrics.read_text(encoding="utf-8").splitlines()]
    count = max(1, round(len(rows) * WINDOW))
    names = [name for name in rows[0] if name not in ("step", "rate", "seconds")]
    means = {}
    for name in names:
        start, end = (sum(row[name] for row in part) / count for part in (rows[:count], rows[-count:]))
        means[name] = {"start": round(start, 4), "end": round(end, 4)}
    return means


def warnings(config: Config, *, synthetic: bool, captions: bool) -> list[str]:
    """What a reader of the card must know before trusting the model."""
    notes = ["Research use only. Not a medical device; not tested on patients."]
    if synthetic:
        notes.append("Trained and measured on synthetic images: its figures say nothing about real lesions.")
    if config.prototypes.init == "random":
        notes.append("Disease prototypes started from random rows, not from text embeddings of the disease names.")
    if not captions:
        notes.append("The training images have no captions: the model writes no description.")
    return notes


def as_markdown(card: dict[str, Any]) -> str:
    """The page for people."""
    data, counts = card["data"], card["parameters"]
    lines = [
        f"# {card['name']}",
        "",
        *(f"> {note}" for note in card["warnings"]),
        "",
        f"- Images: {data['fit']} to learn from, {data['calibration']} for temperatures, {data['held_out']} held out"
        f"{'; all synthetic' if card['synthetic'] else ''}; {data['left_out']} left out as study images or near copies",
        f"- Encoder: {counts['encoder']:,} parameters; with all heads {counts['all']:,}",
        f"- Training: {card['training']['steps']} steps of {card['training']['batch']} images, seed "
        f"{card['training']['seed']}, {card['training']['seconds']:.0f} s",
        f"- sha256 of the weights: `{card['files']['model.safetensors']}`",
        "",
        "## Losses: mean of the first and of the last tenth of the steps",
        "| loss | start | end |",
        "|---|---|---|",
        *(f"| {name} | {loss['start']:.4f} | {loss['end']:.4f} |" for name, loss in card["losses"].items()),
        "",
        "## Diagnosis on held-out images",
        "| data set | features | method | accuracy | macro AUROC | macro F1 | images |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, spaces in card["figures"]["diagnosis"].items():
        for space, ways in spaces.items():
            for way in ("linear", "retrieval"):
                f = ways[way]
                lines.append(
                    f"| {name} | {space.replace('_', ' ')} | {way} | {f['accuracy']:.3f} | {f['macro_auroc']:.3f} "
                    f"| {f['macro_f1']:.3f} | {ways['images']} |"
                )
    lines += ["", "## Other heads on held-out images"]
    for head in ("scope", "mask", "caption"):
        if head in card["figures"]:
            numbers = {k: v for k, v in card["figures"][head].items() if k != "examples"}
            lines.append(f"- {head}: " + ", ".join(f"{key} {value}" for key, value in numbers.items()))
    lines += ["", "## Classes", *(f"- {name}: {', '.join(labels)}" for name, labels in card["datasets"].items()), ""]
    return "\n".join(lines)
