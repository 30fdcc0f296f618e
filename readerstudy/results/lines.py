"""One line of the further sections: a share or a mean with its interval, how many stand behind it, and its change.

Every line carries readers, sessions, cases and readings, so that sessions are never taken for readers. Shape letters:
J readers, K cases.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from readerstudy.results.accuracy import pooled_accuracy
from readerstudy.results.change import NO_PAIR, Floats, compared, paired
from readerstudy.results.grid import Flags, Grid, Round
from readerstudy.statistics.estimate import Estimate
from readerstudy.statistics.mrmc import Comparison
from readerstudy.statistics.proportions import NO_READINGS
from readerstudy.statistics.resampling import METHOD, Draws, percentile, ratio_interval, totals

Kind = Literal["share", "mean"]
FIRST_ROUND = "the first round: there is nothing to compare it with"


@dataclass(frozen=True)
class Measure:
    """A number a reading in each round: 0 or 1 for a share, any number for a mean; nan where there is none."""

    grid: Grid
    draws: Draws
    layers: dict[int, Floats]  # round number -> J x K
    kind: Kind

    def lines(self, **said: Any) -> list[dict[str, Any]]:
        """A line for each round, modality and group that has readings, with the change from the first round."""
        first = self.grid.rounds[0]
        found = []
        for one in self.grid.rounds:
            for modality in one.modalities:
                for group, readers_J in self.grid.reader_selections():
                    used_JK = (one.modality_JK == modality) & readers_J[:, None]
                    if not np.isfinite(self.layers[one.number][used_JK]).any():
                        continue
                    where = {"round": one.number, "modality": modality, "group": group, **said}
                    found.append(where | self.line(one, used_JK) | self.change(first, one, used_JK))
        return found

    def line(self, one: Round, used_JK: Flags) -> dict[str, Any]:
        """value with its interval, and the sizes."""
        layer_JK = np.where(used_JK, self.layers[one.number], np.nan)
        estimate = self._estimate(layer_JK)
        return {
            **self.grid.sizes(one.row_JK, np.isfinite(layer_JK)),
            "value": estimate.value,
            "ci_low": estimate.ci_low,
            "ci_high": estimate.ci_high,
            "ci_method": estimate.method if estimate.ci_low is not None else None,
            "reason": estimate.reason,
        }

    def change(self, first: Round, later: Round, used_JK: Flags) -> dict[str, Any]:
        """Later less first round over the cases read in both; used_JK: the readings of the later round."""
        if first.number == later.number:
            return changed(Comparison(None, reason=FIRST_ROUND))
        after_JK, before_JK = self.layers[later.number], self.layers[first.number]
        both_JK = used_JK & np.isfinite(after_JK) & np.isfinite(before_JK)
        return changed(self.difference(np.where(both_JK, after_JK, np.nan), np.where(both_JK, before_JK, np.nan)))

    def difference(self, later_JK: Floats, first_JK: Floats) -> Comparison:
        """Later less first, readers and cases random."""
        if not (np.isfinite(later_JK).any() and np.isfinite(first_JK).any()):
            return Comparison(None, reason=NO_PAIR)
        if self.kind == "share":
            return compared(paired(later_JK, first_JK))
        return mean_difference(later_JK, first_JK, self.draws)

    def _estimate(self, layer_JK: Floats) -> Estimate:
        """A share by the MRMC analysis; by the bootstrap where few readings give it a variance that is not above 0."""
        if self.kind == "share":
            estimate = pooled_accuracy(layer_JK)
            if estimate.ci_low is not None or estimate.value is None:
                return estimate
        read_JK = np.isfinite(layer_JK)
        if not read_JK.any():
            return Estimate(None, reason=NO_READINGS)
        interval = ratio_interval(np.nan_to_num(layer_JK), read_JK.astype(float), self.draws)
        value = float(np.nanmean(layer_JK))
        return Estimate(value, ci_low=interval.low, ci_high=interval.high, method=METHOD, reason=interval.reason)


def changed(comparison: Comparison) -> dict[str, Any]:
    """A comparison as the columns of a line."""
    return {
        "change": comparison.difference,
        "change_ci_low": comparison.ci_low,
        "change_ci_high": comparison.ci_high,
        "change_p_value": comparison.p_value,
        "change_method": comparison.method,
        "change_reason": comparison.reason,
    }


def mean_difference(later_JK: Floats, first_JK: Floats, draws: Draws) -> Comparison:
    """Difference of the means of two tables by the two-way bootstrap, the same draw for both."""
    means_B = replicated_mean(later_JK, draws) - replicated_mean(first_JK, draws)
    interval = percentile(means_B)
    read_JK = np.isfinite(later_JK) | np.isfinite(first_JK)
    return Comparison(
        float(np.nanmean(later_JK) - np.nanmean(first_JK)),
        ci_low=interval.low,
        ci_high=interval.high,
        method=METHOD,
        readers=int(read_JK.any(axis=1).sum()),
        cases=int(read_JK.any(axis=0).sum()),
        reason=interval.reason,
    )


def replicated_mean(layer_JK: Floats, draws: Draws) -> Floats:
    """The mean of the readings in every bootstrap replicate; nan where none was drawn."""
    read_JK = np.isfinite(layer_JK)
    below_B = totals(read_JK.astype(float), draws)
    with np.errstate(invalid="ignore", divide="ignore"):
        return totals(np.nan_to_num(layer_JK), draws) / np.where(below_B > 0, below_B, np.nan)
