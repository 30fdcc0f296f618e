"""Agreement on each question: between readers, and of readers with themselves on hidden repeats."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from readerstudy.results.change import Floats
from readerstudy.results.context import QuestionValue
from readerstudy.statistics import agreement
from readerstudy.statistics.estimate import Estimate
from readerstudy.statistics.resampling import METHOD, Draws, percentile, ratio_interval, totals, two_way_draws

BETWEEN = {
    "percent": agreement.percent_agreement,
    "fleiss_kappa": agreement.fleiss_kappa,
    "krippendorff_alpha": agreement.krippendorff_alpha,
}
MANY_VALUES = 10  # more different numbers than this are a scale: chance-corrected agreement on names says nothing
A_SCALE = "a scale of numbers: see its mean"
NO_INTERVAL = "no interval is computed for this coefficient"
ONE_ANSWER = "only one answer was used"


def question_rows(values: Sequence[QuestionValue], *, seed: int, replicates: int) -> list[dict[str, Any]]:
    """percent, Fleiss' kappa, Krippendorff's alpha (nominal) and a scale's mean by question, round and stage.

    intra_percent and intra_kappa compare the first reading of a case with the same reader's hidden repeat of it.
    """
    by_question: dict[tuple[str, int, str | None], list[QuestionValue]] = defaultdict(list)
    for value in values:
        by_question[value.question, value.round, value.stage].append(value)
    rows = []
    for question, number, stage in sorted(by_question, key=lambda key: (key[0], key[1], key[2] or "")):
        asked = _Asked(by_question[question, number, stage], seed=seed, replicates=replicates)
        where = {"question": question, "round": number, "stage": stage}
        rows += [{**where, "statistic": name, **found} for name, found in asked.statistics().items()]
    return rows


class _Asked:
    """One question of one round and stage as tables: readers x cases, first occurrence and repeat."""

    def __init__(self, values: Sequence[QuestionValue], *, seed: int, replicates: int) -> None:
        self.values = values
        self.readers = {name: at for at, name in enumerate(sorted({one.reader for one in values}))}
        self.cases = {name: at for at, name in enumerate(sorted({one.case for one in values}))}
        self.names = {name: at for at, name in enumerate(sorted({one.value for one in values}))}
        self.first_JK, self.again_JK = self._codes(first=True), self._codes(first=False)
        self.draws = two_way_draws(
            ["all"] * len(self.readers), ["all"] * len(self.cases), seed=seed, replicates=replicates
        )

    def statistics(self) -> dict[str, dict[str, Any]]:
        numbers = _numbers(list(self.names))
        scale = numbers is not None and len(self.names) > MANY_VALUES
        found = self._between(scale)
        if numbers is not None and len(self.names) > 2:
            found["mean"] = self._mean(numbers)
        if (self.again_JK >= 0).any():
            found |= self._within(scale)
        return {name: self._line(estimate, repeats=name.startswith("intra")) for name, estimate in found.items()}

    def _between(self, scale: bool) -> dict[str, Estimate]:
        if scale:
            return dict.fromkeys(BETWEEN, Estimate(None, reason=A_SCALE))
        rated = agreement.ratings(self.first_JK.T)
        found = {name: coefficient(rated) for name, coefficient in BETWEEN.items()}
        if found["percent"].value is None:
            return found
        replicated = agreement.bootstrap(rated, self.draws)
        for name, estimate in found.items():
            if name in replicated:
                found[name] = agreement.with_interval(estimate, replicated[name])
            elif estimate.value is not None:
                found[name] = Estimate(estimate.value, reason=NO_INTERVAL)
        return found

    def _mean(self, numbers: list[float]) -> Estimate:
        read_JK = self.first_JK >= 0
        number_JK = np.where(read_JK, np.array(numbers)[self.first_JK], 0.0)
        interval = ratio_interval(number_JK, read_JK.astype(float), self.draws)
        value = float(number_JK.sum() / read_JK.sum())
        return Estimate(value, ci_low=interval.low, ci_high=interval.high, method=METHOD, reason=interval.reason)

    def _within(self, scale: bool) -> dict[str, Estimate]:
        """Cohen's kappa over all pairs of a first reading and its repeat, chance from the two margins."""
        both_JK = (self.first_JK >= 0) & (self.again_JK >= 0)
        if scale or not both_JK.any():
            reason = A_SCALE if scale else "no case was read twice"
            return dict.fromkeys(("intra_percent", "intra_kappa"), Estimate(None, reason=reason))
        same_JK = (both_JK & (self.first_JK == self.again_JK)).astype(float)
        observed_B, chance_B = self._kappa_parts(both_JK, same_JK, self.draws)
        once = Draws(np.ones((1, len(self.readers))), np.ones((1, len(self.cases))))
        (observed,), (chance,) = self._kappa_parts(both_JK, same_JK, once)
        share = percentile(observed_B)
        percent = Estimate(float(observed), ci_low=share.low, ci_high=share.high, method=METHOD, reason=share.reason)
        if chance >= 1 - 1e-12:
            return {"intra_percent": percent, "intra_kappa": Estimate(None, reason=ONE_ANSWER)}
        with np.errstate(invalid="ignore", divide="ignore"):
            kappa_B = np.where(chance_B < 1 - 1e-12, (observed_B - chance_B) / (1 - chance_B), np.nan)
        limits, value = percentile(kappa_B), float((observed - chance) / (1 - chance))
        kappa = Estimate(value, ci_low=limits.low, ci_high=limits.high, method=METHOD, reason=limits.reason)
        return {"intra_percent": percent, "intra_kappa": kappa}

    def _kappa_parts(self, both_JK: NDArray[np.bool_], same_JK: Floats, draws: Draws) -> tuple[Floats, Floats]:
        n_B = totals(both_JK.astype(float), draws)
        n_B = np.where(n_B > 0, n_B, np.nan)
        chance_B = np.zeros_like(n_B)
        for code in range(len(self.names)):
            first_B = totals((both_JK & (self.first_JK == code)).astype(float), draws)
            chance_B += first_B * totals((both_JK & (self.again_JK == code)).astype(float), draws) / n_B**2
        return totals(same_JK, draws) / n_B, chance_B

    def _codes(self, *, first: bool) -> NDArray[np.int64]:
        table = np.full((len(self.readers), len(self.cases)), -1)
        for one in self.values:
            j, k = self.readers[one.reader], self.cases[one.case]
            if (one.occurrence == 1) == first and table[j, k] < 0:
                table[j, k] = self.names[one.value]
        return table

    def _line(self, estimate: Estimate, *, repeats: bool) -> dict[str, Any]:
        used_JK = (self.first_JK >= 0) & (self.again_JK >= 0) if repeats else self.first_JK >= 0
        readers, cases = list(self.readers), list(self.cases)
        used = {(readers[j], cases[k]) for j, k in np.argwhere(used_JK)}
        sessions = {(one.reader, one.session) for one in self.values if (one.reader, one.case) in used}
        return {
            "readers": int(used_JK.any(axis=1).sum()),
            "sessions": len(sessions),
            "cases": int(used_JK.any(axis=0).sum()),
            "readings": int(used_JK.sum()),
            "value": estimate.value,
            "ci_low": estimate.ci_low,
            "ci_high": estimate.ci_high,
            "ci_method": estimate.method if estimate.ci_low is not None else None,
            "reason": estimate.reason,
        }


def _numbers(names: list[str]) -> list[float] | None:
    """The names as numbers, or None where one is none."""
    try:
        return [float(name) for name in names]
    except ValueError:
        return None
