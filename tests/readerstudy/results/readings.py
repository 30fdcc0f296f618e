"""Small made-up studies for tests of the report."""

import numpy as np

from readerstudy.table import Row, Status

CLASSES = {"A": ("nevus", "melanoma", "wart"), "B": ("psoriasis", "eczema")}


def study(
    *,
    years: tuple[float | None, ...] = (0, 1, 2, 3, 4, 4, 6, 8, 9),
    cases: int = 16,
    rounds: tuple[str, ...] = ("unaided", "aided"),
    ai: bool = True,
    seed: int = 4,
) -> list[Row]:
    """Every reader reads every case in every round; even cases belong to A, odd ones to B."""
    rng = np.random.default_rng(seed)
    truths = [str(rng.choice(CLASSES["AB"[k % 2]])) for k in range(cases)]
    advice = [str(rng.choice(CLASSES["AB"[k % 2]])) for k in range(cases)]
    return [
        Row(
            study="s",
            reader=f"r{j}",
            round=number,
            modality=modality,
            case=f"c{k:02d}",
            dataset="AB"[k % 2],
            truth=truths[k],
            status=Status.ANSWERED,
            answer=str(rng.choice([truths[k], *CLASSES["AB"[k % 2]]])),
            ai_answer=advice[k] if ai else None,
            experience_years=experience,
            time_ms=float(rng.integers(2_000, 20_000)),
            position=k + 1,
        )
        for number, modality in enumerate(rounds, start=1)
        for j, experience in enumerate(years)
        for k in range(cases)
    ]
