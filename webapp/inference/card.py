"""What a model card says about its model. The card is read without torch: pages and checks need no more than this."""

from typing import Any


def dataset_classes(card: dict[str, Any]) -> dict[str, list[str]]:
    """Class labels by data set name; empty for a model that names no diagnoses."""
    return {name: list(labels) for name, labels in card.get("datasets", {}).items()}


def dataset_names(card: dict[str, Any]) -> list[str]:
    return sorted(dataset_classes(card))
