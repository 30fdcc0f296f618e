"""Modalities that vary within a reader (by block, by batch, by period): accuracy of each, and paired differences."""

from itertools import combinations
from typing import Any

import numpy as np

from readerstudy.results.change import Floats, compared, paired
from readerstudy.results.grid import NO_ANSWER, Flags, Grid, Round
from readerstudy.results.groups import ALL
from readerstudy.results.lines import Measure
from readerstudy.statistics.mrmc import Comparison
from readerstudy.statistics.multiplicity import holm
from readerstudy.statistics.resampling import Draws

NO_COMMON_CASE = "no case was read in both modalities"


def modality_rows(grid: Grid, draws: Draws) -> list[dict[str, Any]]:
    """Accuracy by round, modality and group with the change from the first round; nothing where no reader has two."""
    if not _varies_within_readers(grid):
        return []
    return Measure(grid, draws, {one.number: one.outcome_JK for one in grid.rounds}, "share").lines()


def modality_differences(grid: Grid) -> list[dict[str, Any]]:
    """Second less first modality, readers and cases random, in each round and over all rounds; Holm over the pairs."""
    if not _varies_within_readers(grid):
        return []
    rows = []
    for number, rounds in _spans(grid):
        tables = {name: _first_of(rounds, name) for name in dict.fromkeys(n for one in rounds for n in one.modalities)}
        for group, readers_J in grid.reader_selections():
            of_group = [
                {
                    "round": number,
                    "group": group,
                    "first": first,
                    "second": second,
                    **_between(grid, rounds, tables[first], tables[second], kept_J),
                }
                for first, second in combinations(tables, 2)
                if (kept_J := _readers_of_both(tables[first], tables[second], readers_J)).any()
            ]
            adjusted = holm([row["p_value"] for row in of_group])
            rows += [{**row, "p_value_holm": p} for row, p in zip(of_group, adjusted, strict=True)]
    return rows


def _spans(grid: Grid) -> list[tuple[int | str, tuple[Round, ...]]]:
    """Each round that has several modalities; and all rounds together where a modality moves between them."""
    found: list[tuple[int | str, tuple[Round, ...]]] = [
        (one.number, (one,)) for one in grid.rounds if len(one.modalities) > 1
    ]
    return [*found, (ALL, grid.rounds)] if _moves_between_rounds(grid) else found


def _outcome(one: Round, modality: str) -> Floats:
    return np.where(one.modality_JK == modality, one.outcome_JK, np.nan)


def _first_of(rounds: tuple[Round, ...], modality: str) -> Floats:
    """The first round in which a reader read a case in that modality."""
    found_JK = np.full(rounds[0].outcome_JK.shape, np.nan)
    for one in rounds:
        found_JK = np.where(np.isfinite(found_JK), found_JK, _outcome(one, modality))
    return found_JK


def _between(
    grid: Grid, rounds: tuple[Round, ...], first_JK: Floats, second_JK: Floats, kept_J: Flags
) -> dict[str, Any]:
    """Over the readers who read in both modalities."""
    first_JK, second_JK = (np.where(kept_J[:, None], one_JK, np.nan) for one_JK in (first_JK, second_JK))
    comparison: Comparison = compared(paired(second_JK, first_JK))
    used_JK = np.isfinite(first_JK) | np.isfinite(second_JK)
    rows = np.concatenate([one.row_JK[used_JK & (one.row_JK != NO_ANSWER)] for one in rounds])
    unmatched = NO_COMMON_CASE if comparison.difference is None else None
    return {
        "readers": int(kept_J.sum()),
        "sessions": int(np.unique(grid.session_R[rows]).size),
        "cases": int(used_JK.any(axis=0).sum()),
        "readings": int(np.isfinite(first_JK).sum() + np.isfinite(second_JK).sum()),
        "difference": comparison.difference,
        "se": comparison.se,
        "df": comparison.df,
        "ci_low": comparison.ci_low,
        "ci_high": comparison.ci_high,
        "p_value": comparison.p_value,
        "method": comparison.method,
        "reason": unmatched or comparison.reason,
    }


def _readers_of_both(first_JK: Floats, second_JK: Floats, readers_J: Flags) -> Flags:
    return readers_J & np.isfinite(first_JK).any(axis=1) & np.isfinite(second_JK).any(axis=1)


def _varies_within_readers(grid: Grid) -> bool:
    """A reader read one round in two modalities, or readers met the modalities in another order of rounds."""
    return any(
        len(set(names_K[names_K != ""])) > 1 for one in grid.rounds for names_K in one.modality_JK
    ) or _moves_between_rounds(grid)


def _moves_between_rounds(grid: Grid) -> bool:
    """Two readers met the same two modalities in opposite order, as in a crossover."""
    met = {
        (first, second)
        for j in range(len(grid.readers))
        for earlier, later in combinations(grid.rounds, 2)
        for first in set(earlier.modality_JK[j]) - {""}
        for second in set(later.modality_JK[j]) - {"", first}
    }
    return any((second, first) in met for first, second in met)
