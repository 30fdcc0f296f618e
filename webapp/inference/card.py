"""What a model card says about its model. The card is read without torch: pages and checks need no more than this."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

Card = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Figure:
    """One way of telling diagnoses apart, measured on held-out images. Shares from 0 to 1, None where not measured."""

    dataset: str
    features: str
    ours: bool
    images: int
    linear_accuracy: float | None
    linear_auroc: float | None
    retrieval_accuracy: float | None

    @property
    def linear_percent(self) -> str:
        return _percent(self.linear_accuracy)

    @property
    def retrieval_percent(self) -> str:
        return _percent(self.retrieval_accuracy)


@dataclass(frozen=True, slots=True)
class OtherFigure:
    """What another head reached on held-out images."""

    head: str
    measure: str
    value: float
    images: int


@dataclass(frozen=True, slots=True)
class Summary:
    """A card as its page shows it. losses: (name, mean at the start, mean at the end)."""

    warnings: list[str]
    synthetic: bool
    figures: list[Figure]
    others: list[OtherFigure]
    losses: list[tuple[str, float, float]]
    facts: list[tuple[str, Any]]
    classes: dict[str, list[str]]
    files: dict[str, str]

    @property
    def best(self) -> list[Figure]:
        """This model's own rows, one a data set."""
        return [figure for figure in self.figures if figure.ours]


def dataset_classes(card: Card) -> dict[str, list[str]]:
    """Class labels by data set name; empty for a model that names no diagnoses."""
    return {name: list(labels) for name, labels in card.get("datasets", {}).items()}


def dataset_names(card: Card) -> list[str]:
    return sorted(dataset_classes(card))


def summary(card: Card) -> Summary:
    """A part that the card lacks is empty: a model from elsewhere may not have measured it."""
    return Summary(
        warnings=list(card.get("warnings", [])),
        synthetic=bool(card.get("synthetic")),
        figures=_diagnosis(card.get("figures", {}).get("diagnosis", {})),
        others=_others(card.get("figures", {})),
        losses=[(name, loss["start"], loss["end"]) for name, loss in card.get("losses", {}).items()],
        facts=_facts(card),
        classes=dataset_classes(card),
        files=dict(card.get("files", {})),
    )


def _percent(share: float | None) -> str:
    """One digit: a few hundred held-out images deserve no more."""
    return "" if share is None else f"{100 * share:.1f}"


def _diagnosis(diagnosis: Card) -> list[Figure]:
    features = {
        "trained": _("This model"),
        "untrained": _("The same encoder, untrained"),
        "colour_histogram": _("Colour histogram"),
    }
    return [
        Figure(
            dataset=dataset,
            features=features.get(space, space),
            ours=space == "trained",
            images=ways["images"],
            linear_accuracy=ways.get("linear", {}).get("accuracy"),
            linear_auroc=ways.get("linear", {}).get("macro_auroc"),
            retrieval_accuracy=ways.get("retrieval", {}).get("accuracy"),
        )
        for dataset, spaces in diagnosis.items()
        for space, ways in spaces.items()
    ]


def _others(figures: Card) -> list[OtherFigure]:
    named = {
        "scope": (_("Which data set an image belongs to"), "accuracy", _("accuracy")),
        "mask": (_("Outline of the lesion"), "dice", "Dice"),
        "caption": (_("Description"), "bleu4", "BLEU-4"),
    }
    return [
        OtherFigure(head, measure, figures[key][value], figures[key]["images"])
        for key, (head, value, measure) in named.items()
        if figures.get(key, {}).get(value) is not None
    ]


def _facts(card: Card) -> list[tuple[str, Any]]:
    data, parameters, training = (card.get(part, {}) for part in ("data", "parameters", "training"))
    facts = [
        (_("Images to learn from"), data.get("fit")),
        (_("Images for calibration"), data.get("calibration")),
        (_("Images held out"), data.get("held_out")),
        (_("Left out as study images or near copies"), data.get("left_out")),
        (_("Parameters of the encoder"), parameters.get("encoder")),
        (_("Parameters with all heads"), parameters.get("all")),
        (_("Method"), training.get("method")),
        (_("Steps"), training.get("steps")),
        (_("Images a step"), training.get("batch")),
        (_("Seed"), training.get("seed")),
        (_("Seconds"), training.get("seconds")),
        (_("Finished"), training.get("finished_at")),
    ]
    return [(label, f"{value:,}" if isinstance(value, int) else value) for label, value in facts if value is not None]
