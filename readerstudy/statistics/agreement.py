"""Agreement among many raters on nominal categories.

Ratings are a table of category codes, -1 where a rater gave none: a time-out is a missing rating. Standard errors are
Gwet's linearisation over subjects (raters fixed); the interval beside is the two-way bootstrap, in which pairs of the
same original reader are left out. Sources: Fleiss 1971, Psychol Bull 76:378; Fleiss, Nee & Landis 1979, Psychol Bull
86:974; Conger 1980, Psychol Bull 88:322; Light 1971, Psychol Bull 76:365; Krippendorff 2011; Gwet 2008, Br J Math Stat
Psychol 61:29; Gwet 2021, Educ Psychol Meas 81:781. Shape letters: S subjects, R raters, C categories, B replicates.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from readerstudy.statistics import resampling
from readerstudy.statistics.estimate import Estimate
from readerstudy.statistics.resampling import Draws

Floats = NDArray[np.float64]
ONE_CATEGORY = "only one category used"
ONE_SUBJECT = "one subject: no standard error"
FEW_RATINGS = "fewer than two ratings a subject"


@dataclass(frozen=True, slots=True)
class Ratings:
    """Ratings of the subjects that were rated at all, as codes from 0, -1 where a rater gave none.

    Categories are those that were used. kept_S: which of the subjects handed in were rated. A table of every rater,
    subject and category would not fit into memory for hundreds of each: one category is unfolded at a time.
    """

    codes_SR: NDArray[np.int32]
    categories: int
    kept_S: NDArray[np.bool_]

    @property
    def subjects(self) -> int:
        return self.codes_SR.shape[0]

    @property
    def raters(self) -> int:
        return self.codes_SR.shape[1]

    @property
    def rated_SR(self) -> Floats:
        """1 where a rating was given."""
        return (self.codes_SR >= 0).astype(float)

    @property
    def counts_SC(self) -> Floats:
        """How many raters gave each subject each category."""
        return self._counted(axis=0)

    @property
    def given_RC(self) -> Floats:
        """How often each rater gave each category."""
        return self._counted(axis=1)

    def _counted(self, *, axis: int) -> Floats:
        places = np.nonzero(self.codes_SR >= 0)
        table = np.zeros((self.codes_SR.shape[axis], self.categories))
        np.add.at(table, (places[axis], self.codes_SR[places]), 1.0)
        return table

    def by_category(self) -> Iterator[Floats]:
        """For each category, 1 where that rater gave it to that subject, subjects x raters."""
        for category in range(self.categories):
            yield (self.codes_SR == category).astype(float)


def ratings(codes_SR: ArrayLike) -> Ratings:
    """From codes, -1 for no rating. Raises ValueError for a wrong shape."""
    codes = np.asarray(codes_SR)
    if codes.ndim != 2:
        raise ValueError(f"codes has shape {codes.shape}; it needs subjects x raters.")
    kept_S = np.asarray((codes >= 0).any(axis=1))
    used, places = np.unique(codes[codes >= 0], return_inverse=True)
    packed = np.full(codes.shape, -1, dtype=np.int32)
    packed[codes >= 0] = places.reshape(-1)
    return Ratings(packed[kept_S], used.size, kept_S)


def percent_agreement(rated: Ratings) -> Estimate:
    """Share of agreeing pairs of ratings, mean over the subjects with two or more."""
    agreed_S, subjects = _pair_agreement(rated), rated.subjects
    if np.isnan(agreed_S).all():
        return Estimate(None, reason=FEW_RATINGS)
    value = float(np.nanmean(agreed_S))
    scale = subjects / np.isfinite(agreed_S).sum()
    if subjects < 2:
        return Estimate(value, reason=ONE_SUBJECT)
    spread = ((scale * np.nan_to_num(agreed_S) - value) ** 2).sum()
    return Estimate(value, se=math.sqrt(spread / (subjects * (subjects - 1))))


def fleiss_kappa(rated: Ratings) -> Estimate:
    """Fleiss' kappa with its general standard error; chance from the pooled shares of the categories."""
    return _chance_corrected(rated, lambda share: float((share**2).sum()), lambda share_SC, share: share_SC @ share)


def gwet_ac1(rated: Ratings) -> Estimate:
    """Gwet's AC1 with its general standard error."""
    others = max(rated.categories - 1, 1)
    return _chance_corrected(
        rated,
        lambda share: float((share * (1 - share)).sum() / others),
        lambda share_SC, share: share_SC @ (1 - share) / others,
    )


def fleiss_null_se(rated: Ratings) -> float | None:
    """Standard error of Fleiss' kappa under no agreement beyond chance; only where all subjects have m ratings."""
    counts = rated.counts_SC
    raters = counts.sum(axis=1)
    if rated.categories < 2 or raters[0] < 2 or (raters != raters[0]).any():
        return None
    p = counts.sum(axis=0) / counts.sum()
    pq = p * (1 - p)
    spread = 2 * (pq.sum() ** 2 - (pq * (1 - 2 * p)).sum())
    return float(math.sqrt(spread / (len(counts) * raters[0] * (raters[0] - 1))) / pq.sum())


def conger_kappa(rated: Ratings) -> Estimate:
    """Chance from each rater's own shares, mean over pairs of raters."""
    if rated.raters < 2 or rated.categories == 0:
        return Estimate(None, reason=FEW_RATINGS)
    observed = percent_agreement(rated).value
    given_RC = rated.given_RC
    given_R = given_RC.sum(axis=1)
    share_RC = given_RC[given_R > 0] / given_R[given_R > 0, None]
    raters = len(share_RC)
    total = share_RC.sum(axis=0)
    if observed is None or raters < 2:
        return Estimate(None, reason=FEW_RATINGS)
    chance = float((total @ total - (share_RC**2).sum()) / (raters * (raters - 1)))
    if chance >= 1 or rated.categories < 2:
        return Estimate(None, reason=ONE_CATEGORY)
    return Estimate((observed - chance) / (1 - chance))


def mean_cohen_kappa(rated: Ratings) -> Estimate:
    """Light's kappa: mean of Cohen's kappa over pairs of raters; undefined pairs are left out and counted."""
    rated_SR = rated.rated_SR
    together_RR = rated_SR.T @ rated_SR  # subjects that both rated
    agreed_RR, chance_RR = np.zeros_like(together_RR), np.zeros_like(together_RR)
    for given_SR in rated.by_category():
        agreed_RR += given_SR.T @ given_SR
        beside_RR = given_SR.T @ rated_SR  # how often the first gave it where the second rated too
        chance_RR += beside_RR * beside_RR.T
    pairs = np.triu_indices(rated.raters, 1)
    together, agreed, chance = together_RR[pairs], agreed_RR[pairs], chance_RR[pairs]
    defined = chance < together**2
    undefined = int((~defined).sum())
    reason = f"{undefined} pairs of readers have no kappa and were left out" if undefined else None
    if not defined.any():
        return Estimate(None, reason=reason or FEW_RATINGS)
    observed, expected = agreed[defined] / together[defined], chance[defined] / together[defined] ** 2
    return Estimate(float(((observed - expected) / (1 - expected)).mean()), reason=reason)


def krippendorff_alpha(rated: Ratings) -> Estimate:
    """Nominal alpha, over the subjects with two or more ratings."""
    counts = rated.counts_SC[rated.counts_SC.sum(axis=1) >= 2]
    if len(counts) == 0:
        return Estimate(None, reason="no subject has two ratings")
    raters_S, total_C = counts.sum(axis=1), counts.sum(axis=0)
    n = total_C.sum()
    if (total_C > 0).sum() < 2:
        return Estimate(None, reason=ONE_CATEGORY)
    disagreeing = ((raters_S**2 - (counts**2).sum(axis=1)) / (raters_S - 1)).sum()
    return Estimate(float(1 - (n - 1) * disagreeing / (n**2 - (total_C**2).sum())))


def bootstrap(rated: Ratings, draws: Draws) -> dict[str, Floats]:
    """Replicates of percent, Fleiss' kappa and AC1. `draws`: a column for each subject handed in and each rater."""
    cases_BS = draws.cases_BK[:, rated.kept_S]
    given_RS = np.ascontiguousarray(rated.rated_SR.T)  # matmul is slow on a turned view
    ratings_BS = draws.readers_BJ @ given_RS
    # a reader drawn w times would agree with itself: all w^2 of its pairs are left out
    own_BS = (draws.readers_BJ**2) @ given_RS
    pairs_BS = ratings_BS**2 - own_BS
    agreeing_BS = -own_BS
    with np.errstate(invalid="ignore", divide="ignore"):
        weight_BS = np.where(ratings_BS > 0, cases_BS / ratings_BS, 0.0)
        shares = []
        for given_SR in rated.by_category():
            counts_BS = draws.readers_BJ @ np.ascontiguousarray(given_SR.T)
            shares.append(np.einsum("bs,bs->b", weight_BS, counts_BS))
            agreeing_BS += counts_BS**2
        share_BC = np.stack(shares, axis=1) / np.einsum("bs,bs->b", cases_BS, (ratings_BS > 0).astype(float))[:, None]
        paired_BS = np.where(pairs_BS > 0, cases_BS, 0.0)
        observed_B = np.einsum("bs,bs->b", paired_BS, agreeing_BS / np.maximum(pairs_BS, 1)) / paired_BS.sum(axis=1)
        fleiss_B = (share_BC**2).sum(axis=1)
        ac1_B = (share_BC * (1 - share_BC)).sum(axis=1) / max(rated.categories - 1, 1)
        return {
            "percent": observed_B,
            "fleiss_kappa": _corrected(observed_B, fleiss_B),
            "gwet_ac1": _corrected(observed_B, ac1_B),
        }


def with_interval(estimate: Estimate, replicates_B: Floats) -> Estimate:
    """The estimate with its two-way percentile interval."""
    if estimate.value is None:
        return estimate
    interval = resampling.percentile(replicates_B)
    reason = "; ".join(one for one in (estimate.reason, interval.reason) if one) or None
    method = resampling.METHOD
    return Estimate(estimate.value, estimate.se, None, interval.low, interval.high, method=method, reason=reason)


def _corrected(observed_B: Floats, chance_B: Floats) -> Floats:
    return np.where(chance_B < 1 - 1e-12, (observed_B - chance_B) / (1 - chance_B), np.nan)


def _pair_agreement(rated: Ratings) -> Floats:
    """Per subject the share of agreeing pairs; nan below two ratings."""
    counts = rated.counts_SC
    raters_S = counts.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(raters_S >= 2, ((counts**2).sum(axis=1) - raters_S) / (raters_S * (raters_S - 1)), np.nan)


def _chance_corrected(
    rated: Ratings, chance_of: Callable[[Floats], float], chance_by_subject: Callable[[Floats, Floats], Floats]
) -> Estimate:
    """(Po - Pe) / (1 - Pe) and its se. Subjects with one rating count in Pe, not in Po."""
    counts, agreed_S = rated.counts_SC, _pair_agreement(rated)
    if np.isnan(agreed_S).all():
        return Estimate(None, reason=FEW_RATINGS)
    if rated.categories < 2:
        return Estimate(None, reason=ONE_CATEGORY)
    share_SC = counts / counts.sum(axis=1, keepdims=True)
    share_C = share_SC.mean(axis=0)
    chance = chance_of(share_C)
    value = float((np.nanmean(agreed_S) - chance) / (1 - chance))
    subjects = len(counts)
    if subjects < 2:
        return Estimate(value, reason=ONE_SUBJECT)
    scale = subjects / np.isfinite(agreed_S).sum()
    own_S = np.where(np.isfinite(agreed_S), scale * (np.nan_to_num(agreed_S) - chance) / (1 - chance), 0.0)
    adjusted_S = own_S - 2 * (1 - value) * (chance_by_subject(share_SC, share_C) - chance) / (1 - chance)
    return Estimate(value, se=math.sqrt(((adjusted_S - value) ** 2).sum() / (subjects * (subjects - 1))))
