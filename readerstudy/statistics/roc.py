"""Areas under the ROC curve of many readers and modalities at once, with their covariance.

AUC = P(S1 > S0) + P(S1 = S0)/2 by midranks. Sources: DeLong, DeLong & Clarke-Pearson 1988, Biometrics 44:837; Sun & Xu
2014, IEEE SPL 21:1389. Shape letters: I modalities, J readers, K cases, C = I x J curves, P positives, N negatives.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy  # scipy.stats loads with its first use: it takes a second, and a web process starts without it
from numpy.typing import ArrayLike, NDArray

from readerstudy.statistics.estimate import Estimate
from readerstudy.statistics.mrmc import Fit, fit

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Placements:
    """Per curve, the share of negatives below each positive and of positives above each negative (ties a half)."""

    above_CP: Floats
    below_CN: Floats

    @property
    def auc_C(self) -> Floats:
        return self.above_CP.mean(axis=1)


def placements(scores_CK: ArrayLike, truth_K: ArrayLike) -> Placements:
    """truth: 1 positive, 0 negative. Raises ValueError on gaps, other labels, unequal lengths or one class only."""
    scores, truth = np.atleast_2d(np.asarray(scores_CK, dtype=float)), np.asarray(truth_K)
    if scores.shape[1] != truth.size:
        raise ValueError(f"scores has {scores.shape[1]} cases and truth {truth.size}.")
    if np.isnan(scores).any():
        raise ValueError("scores has gaps.")
    if not np.isin(truth, (0, 1)).all():
        raise ValueError("truth must be 0 or 1.")
    positive, negative = scores[:, truth == 1], scores[:, truth == 0]
    if 0 in (positive.shape[1], negative.shape[1]):
        raise ValueError("only one class")
    ranks = scipy.stats.rankdata(scores, axis=1)
    above = (ranks[:, truth == 1] - scipy.stats.rankdata(positive, axis=1)) / negative.shape[1]
    below = 1 - (ranks[:, truth == 0] - scipy.stats.rankdata(negative, axis=1)) / positive.shape[1]
    return Placements(above, below)


def auc(score_K: ArrayLike, truth_K: ArrayLike) -> Estimate:
    """One curve's area with its DeLong standard error. One class only: None with the reason."""
    truth = np.asarray(truth_K)
    if np.isin(truth, (0, 1)).all() and np.unique(truth).size < 2:
        return Estimate(None, reason="only one class")
    placed = placements(score_K, truth)
    value = float(placed.auc_C[0])
    if 1 in (placed.above_CP.shape[1], placed.below_CN.shape[1]):
        return Estimate(value, reason="one case of a class: no variance can be estimated")
    se = float(np.sqrt(max(delong_covariance(placed)[0, 0], 0.0)))
    reason = "perfect separation: the DeLong variance is 0, so no interval" if value in (0.0, 1.0) else None
    return Estimate(value, se=se, method="delong", reason=reason)


def delong_covariance(placed: Placements) -> Floats:
    """C x C covariance of the areas. Needs two cases of each class. Raises ValueError."""
    positives, negatives = _two_of_each(placed)
    return _covariance(placed.above_CP) / positives + _covariance(placed.below_CN) / negatives


def jackknife_covariance(placed: Placements) -> Floats:
    """C x C covariance of the areas from leaving out each case in turn: (K-1)/K times the sum of products."""
    positives, negatives = _two_of_each(placed)
    area = placed.auc_C[:, None]
    without_positive = (positives * area - placed.above_CP) / (positives - 1)
    without_negative = (negatives * area - placed.below_CN) / (negatives - 1)
    left_out_CK = np.concatenate([without_positive, without_negative], axis=1)
    centred = left_out_CK - left_out_CK.mean(axis=1, keepdims=True)
    cases = positives + negatives
    return (cases - 1) / cases * centred @ centred.T


def auc_fit(
    scores_IJK: ArrayLike, truth_K: ArrayLike, *, covariance: Literal["jackknife", "delong"] = "jackknife"
) -> Fit:
    """Obuchowski-Rockette fit of areas: every reader rated every case in every modality. Raises ValueError."""
    scores = np.asarray(scores_IJK, dtype=float)
    if scores.ndim != 3:
        raise ValueError(f"scores has shape {scores.shape}; it needs modalities x readers x cases.")
    modalities, readers, cases = scores.shape
    placed = placements(scores.reshape(-1, cases), truth_K)
    matrix = (jackknife_covariance if covariance == "jackknife" else delong_covariance)(placed)
    return fit(placed.auc_C.reshape(modalities, readers), matrix, covariance_name=covariance, cases=cases)


def _two_of_each(placed: Placements) -> tuple[int, int]:
    positives, negatives = placed.above_CP.shape[1], placed.below_CN.shape[1]
    if min(positives, negatives) < 2:
        raise ValueError(f"{positives} positive and {negatives} negative cases: a covariance needs two of each.")
    return positives, negatives


def _covariance(values_CN: Floats) -> Floats:
    return np.atleast_2d(np.cov(values_CN, ddof=1))
