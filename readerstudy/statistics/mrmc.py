"""Multi-reader multi-case comparison of modalities by Obuchowski and Rockette's model.

theta_ij = mu + tau_i + R_j + (tau R)_ij + e_ij for modality i and reader j, with errors correlated because all
readers read the same cases. Sources: Obuchowski & Rockette 1995, Commun Stat Simul 24:285; Hillis 2007, Stat Med
26:596 (degrees of freedom); Hillis, Berbaum & Metz 2008, Acad Radiol 15:647; Hillis 2014, Stat Med 33:330.

Shape letters: I modalities, J readers, K cases. Random what the conclusion shall reach beyond: RRRC readers and
cases, FRRC cases only, RRFC readers only.
"""

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from readerstudy.statistics.estimate import CONFIDENCE, ROUNDING, Estimate, quantile, two_sided_p
from readerstudy.statistics.proportions import clopper_pearson

Analysis = Literal["rrrc", "frrc", "rrfc"]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Components:
    """Variance components, unclamped: `negative` names those below 0. Error covariances cov1 (same reader, other
    modality), cov2 (same modality, other reader), cov3 (both other)."""

    reader: float | None
    treatment_reader: float | None
    error: float
    cov1: float | None
    cov2: float | None
    cov3: float | None

    @property
    def negative(self) -> tuple[str, ...]:
        values = {"reader": self.reader, "treatment_reader": self.treatment_reader}
        return tuple(name for name, value in values.items() if value is not None and value < 0)


@dataclass(frozen=True, slots=True)
class Comparison:
    """First minus second modality. None with a `reason` where something does not exist; df None: infinite."""

    difference: float | None
    se: float | None = None
    df: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    p_value: float | None = None
    readers_random: bool = True
    cases_random: bool = True
    analysis: Analysis = "rrrc"
    method: str | None = None
    components: Components | None = None
    readers: int = 0
    cases: int = 0
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """Figures of merit with the sums of squares and covariances that all analyses use."""

    theta_IJ: Floats
    covariance: str  # how the error covariance was estimated: jackknife, delong
    cases: int
    ms_reader_I: Floats  # mean square of readers within each modality; nan with one reader
    error_I: Floats
    cov2_I: Floats  # nan with one reader
    cov1: float
    cov3: float

    @property
    def modalities(self) -> int:
        return self.theta_IJ.shape[0]

    @property
    def readers(self) -> int:
        return self.theta_IJ.shape[1]

    @property
    def error(self) -> float:
        return float(self.error_I.mean())

    @property
    def cov2(self) -> float:
        return float(self.cov2_I.mean())

    @property
    def ms_treatment(self) -> float:
        return float(self.readers * self.theta_IJ.mean(axis=1).var(ddof=1))

    @property
    def ms_reader(self) -> float:
        return float(self.modalities * self.theta_IJ.mean(axis=0).var(ddof=1))

    @property
    def ms_treatment_reader(self) -> float:
        rows, columns = self.theta_IJ.mean(axis=1, keepdims=True), self.theta_IJ.mean(axis=0, keepdims=True)
        residual_IJ = self.theta_IJ - rows - columns + self.theta_IJ.mean()
        return float((residual_IJ**2).sum() / ((self.modalities - 1) * (self.readers - 1)))

    @property
    def between_readers(self) -> float:
        """x = max(cov2 - cov3, 0): what other readers' errors on the same cases add."""
        return max(self.cov2 - self.cov3, 0.0)

    @property
    def components(self) -> Components:
        if self.readers == 1:
            return Components(None, None, self.error, self.cov1, None, None)
        interaction = self.ms_treatment_reader - self.error + self.cov1 + self.between_readers
        reader = (self.ms_reader - self.ms_treatment_reader) / self.modalities - self.cov1 + self.cov3
        return Components(reader, interaction, self.error, self.cov1, self.cov2, self.cov3)


def accuracy_fit(outcomes_IJK: ArrayLike) -> Fit:
    """Fit of the proportion right, jackknife covariance. outcomes: 0 or 1, no gaps, K >= 2. Raises ValueError."""
    outcomes = _outcomes(outcomes_IJK)
    if np.isnan(outcomes).any():
        raise ValueError("outcomes has gaps: Obuchowski-Rockette needs every reader on every case.")
    cases = outcomes.shape[2]
    # the jackknife of a mean is the sample covariance of the outcomes over the number of cases
    covariance = np.atleast_2d(np.cov(outcomes.reshape(-1, cases), ddof=1)) / cases
    return fit(outcomes.mean(axis=2), covariance, covariance_name="jackknife", cases=cases)


def fit(theta_IJ: Floats, covariance: Floats, *, covariance_name: str, cases: int) -> Fit:
    """Reduce the IJ x IJ error covariance (modality-major) to its four averages."""
    modalities, readers = theta_IJ.shape
    blocks_IJIJ = covariance.reshape(modalities, readers, modalities, readers)
    same_reader = np.eye(readers, dtype=bool)
    within_IJJ = blocks_IJIJ[np.arange(modalities), :, np.arange(modalities), :]
    first, second = np.triu_indices(modalities, 1)
    across_PJJ = blocks_IJIJ[first, :, second, :]
    return Fit(
        theta_IJ=theta_IJ,
        covariance=covariance_name,
        cases=cases,
        ms_reader_I=theta_IJ.var(axis=1, ddof=1) if readers > 1 else np.full(modalities, np.nan),
        error_I=within_IJJ[:, same_reader].mean(axis=1),
        cov2_I=within_IJJ[:, ~same_reader].mean(axis=1) if readers > 1 else np.full(modalities, np.nan),
        cov1=float(across_PJJ[:, same_reader].mean()) if modalities > 1 else math.nan,
        cov3=float(across_PJJ[:, ~same_reader].mean()) if modalities > 1 and readers > 1 else math.nan,
    )


def compare(
    fitted: Fit, *, pair: tuple[int, int] = (0, 1), analysis: Analysis = "rrrc", confidence: float = CONFIDENCE
) -> Comparison:
    """First minus second modality of `pair`. With one reader only `frrc` is possible. Raises ValueError."""
    readers, modalities = fitted.readers, fitted.modalities
    if readers == 1 and analysis != "frrc":
        raise ValueError(f"analysis {analysis} needs two readers or more; use frrc.")
    x = 0.0 if readers == 1 else fitted.between_readers
    if analysis == "rrrc":
        ms_tr = fitted.ms_treatment_reader
        denominator = ms_tr + readers * x
        df = denominator**2 / (ms_tr**2 / ((modalities - 1) * (readers - 1))) if ms_tr > ROUNDING else None
    elif analysis == "rrfc":
        denominator, df = fitted.ms_treatment_reader, float((modalities - 1) * (readers - 1))
    else:
        denominator, df = fitted.error - fitted.cov1 + (readers - 1) * x, None
    first, second = pair
    difference = float(fitted.theta_IJ[first].mean() - fitted.theta_IJ[second].mean())
    comparison = Comparison(
        difference,
        df=df,
        readers_random=analysis != "frrc",
        cases_random=analysis != "rrfc",
        analysis=analysis,
        method=f"obuchowski_rockette_{fitted.covariance}_{analysis}",
        components=fitted.components,
        readers=readers,
        cases=fitted.cases,
        reason="one reader: readers fixed" if readers == 1 else None,
    )
    return tested(comparison, 2 * denominator / readers, confidence)


def tested(comparison: Comparison, variance: float, confidence: float = CONFIDENCE) -> Comparison:
    """Add se, interval and p; or say that there is no variation to test against, or no usable variance."""
    difference = comparison.difference
    if difference is None:
        return comparison
    if variance < -ROUNDING:
        return _with_reason(replace(comparison, df=None), "the estimated variance is negative")
    if variance <= ROUNDING:
        reason = "no variation" if difference == 0 else "no variation: the interval is not to be believed"
        p_value = 1.0 if difference == 0 else None
        flat = replace(comparison, se=0.0, df=None, ci_low=difference, ci_high=difference, p_value=p_value)
        return _with_reason(flat, reason)
    se = math.sqrt(variance)
    spread = quantile(comparison.df, confidence) * se
    p_value = two_sided_p(difference / se, comparison.df)
    return replace(comparison, se=se, ci_low=difference - spread, ci_high=difference + spread, p_value=p_value)


def single(fitted: Fit, modality: int, *, confidence: float = CONFIDENCE) -> Estimate:
    """One modality's mean over readers, readers and cases random (one reader: cases only), interval unclipped."""
    readers = fitted.readers
    value = float(fitted.theta_IJ[modality].mean())
    if readers == 1:
        se, df = math.sqrt(fitted.error_I[modality]), None
    else:
        ms_reader = fitted.ms_reader_I[modality]
        total = ms_reader + readers * max(fitted.cov2_I[modality], 0.0)
        se = math.sqrt(total / readers)
        df = float(total**2 / (ms_reader**2 / (readers - 1))) if ms_reader > ROUNDING else None
    reason = "one reader: readers fixed" if readers == 1 else None
    spread = quantile(df, confidence) * se
    method = f"obuchowski_rockette_{fitted.covariance}"
    return Estimate(value, se=se, df=df, ci_low=value - spread, ci_high=value + spread, method=method, reason=reason)


def logit_interval(estimate: Estimate, *, cases: int, confidence: float = CONFIDENCE) -> Estimate:
    """The same mean with its interval on the logit scale, which cannot leave [0, 1].

    At 0, at 1 or without variation the logit has no interval: Clopper-Pearson on the number of cases.
    """
    value, se = estimate.value, estimate.se
    if value is None or se is None:
        return estimate
    if se**2 <= ROUNDING or not 0 < value < 1:
        # rounded: with readers that all agree, value x cases is whole but for floating point
        exact = clopper_pearson(min(round(value * cases, 9), cases), cases, confidence=confidence)
        reason = "no variation: exact interval on the number of cases"
        method = "clopper_pearson_cases"
        return Estimate(value, se, estimate.df, exact.ci_low, exact.ci_high, method=method, reason=reason)
    centre = math.log(value / (1 - value))
    spread = quantile(estimate.df, confidence) * se / (value * (1 - value))
    low, high = (1 / (1 + math.exp(-(centre + sign * spread))) for sign in (-1, 1))
    method = "obuchowski_rockette_logit"
    return Estimate(value, se, estimate.df, low, high, method=method, reason=estimate.reason)


def obuchowski_rockette(
    outcomes_IJK: ArrayLike,
    *,
    pair: tuple[int, int] = (0, 1),
    analysis: Analysis = "rrrc",
    complete: Literal["cases"] | None = None,
    confidence: float = CONFIDENCE,
) -> Comparison:
    """Compare the accuracy of two modalities, first minus second. Outcomes are 0, 1 or nan (no reading).

    Gaps are refused by ValueError; complete="cases" drops cases not read by all readers in all modalities and says
    how many. One reader, one case, or no variation give what can be given, with the reason.
    """
    outcomes = _outcomes(outcomes_IJK)
    if outcomes.shape[0] < 2:
        raise ValueError("outcomes holds one modality; a comparison needs two.")
    if np.isnan(outcomes).all():
        return Comparison(None, reason="no readings")
    dropped = 0
    if complete == "cases":
        kept_K = ~np.isnan(outcomes).any(axis=(0, 1))
        dropped, outcomes = int((~kept_K).sum()), outcomes[:, :, kept_K]
    _, readers, cases = outcomes.shape
    if cases == 0:
        return Comparison(None, readers=readers, reason="no case was read by all readers in all modalities")
    if cases == 1:
        result = _one_case(outcomes[:, :, 0], pair, confidence)
    else:
        fitted = accuracy_fit(outcomes)
        result = compare(fitted, pair=pair, analysis="frrc" if readers == 1 else analysis, confidence=confidence)
    return _with_reason(result, f"{dropped} cases not read by all readers were left out" if dropped else None)


def _outcomes(outcomes_IJK: ArrayLike) -> Floats:
    outcomes = np.asarray(outcomes_IJK, dtype=float)
    if outcomes.ndim != 3 or 0 in outcomes.shape:
        raise ValueError(f"outcomes has shape {outcomes.shape}; it needs modalities x readers x cases.")
    if not (np.isnan(outcomes) | (outcomes == 0) | (outcomes == 1)).all():
        raise ValueError("outcomes must be 0, 1, or nan where there is no reading.")
    return outcomes


def _one_case(theta_IJ: Floats, pair: tuple[int, int], confidence: float) -> Comparison:
    """One case carries no error covariance: readers random, cases fixed."""
    modalities, readers = theta_IJ.shape
    if np.isnan(theta_IJ).any():
        raise ValueError("outcomes has gaps: Obuchowski-Rockette needs every reader on every case.")
    if readers == 1:
        reason = "one reader and one case: no variance can be estimated"
        difference = float(theta_IJ[pair[0], 0] - theta_IJ[pair[1], 0])
        return Comparison(difference, readers_random=False, cases_random=False, readers=1, cases=1, reason=reason)
    nothing = np.zeros((modalities * readers, modalities * readers))
    fitted = fit(theta_IJ, nothing, covariance_name="jackknife", cases=1)
    result = compare(fitted, pair=pair, analysis="rrfc", confidence=confidence)
    return _with_reason(replace(result, components=None), "one case: cases fixed")


def _with_reason(comparison: Comparison, reason: str | None) -> Comparison:
    reasons = [one for one in (comparison.reason, reason) if one]
    return replace(comparison, reason="; ".join(reasons) or None)
