"""Figures of merit of a classifier, a mask and a caption. Shapes: M cases, C classes."""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from readerstudy.statistics.roc import placements


def macro_auroc(scores_MC: NDArray[np.floating], labels_M: NDArray[np.integer]) -> float:
    """Mean one-against-rest area over the classes that occur and are not all; nan where no class is."""
    areas = [
        float(placements(scores_MC[:, c], (labels_M == c).astype(int)).auc_C[0])
        for c in range(scores_MC.shape[1])
        if 0 < (labels_M == c).sum() < len(labels_M)
    ]
    return float(np.mean(areas)) if areas else math.nan


def macro_f1(predicted_M: NDArray[np.integer], labels_M: NDArray[np.integer]) -> float:
    """Mean F1 over the classes that occur or are predicted."""
    values = []
    for c in sorted(set(predicted_M.tolist()) | set(labels_M.tolist())):
        hits = int(((predicted_M == c) & (labels_M == c)).sum())
        values.append(2 * hits / int((predicted_M == c).sum() + (labels_M == c).sum()))
    return float(np.mean(values))


def dice(predicted: NDArray[np.bool_], truth: NDArray[np.bool_]) -> float:
    """Overlap of two masks of one image; 1 where both are empty."""
    total = int(predicted.sum() + truth.sum())
    return 2 * int((predicted & truth).sum()) / total if total else 1.0


def bleu4(hypotheses: Sequence[str], references: Sequence[str]) -> float:
    """Corpus BLEU-4 on words split at spaces, one reference each. Source: Papineni et al. 2002."""
    log_precision, hypothesis_words, reference_words = 0.0, 0, 0
    pairs = [(h.lower().split(), r.lower().split()) for h, r in zip(hypotheses, references, strict=True)]
    for n in range(1, 5):
        hits = total = 0
        for words, wanted in pairs:
            given, known = (Counter(zip(*(text[i:] for i in range(n)), strict=False)) for text in (words, wanted))
            hits += (given & known).total()
            total += given.total()
        if hits == 0:
            return 0.0
        log_precision += math.log(hits / total) / 4
    hypothesis_words, reference_words = sum(len(h) for h, _ in pairs), sum(len(r) for _, r in pairs)
    return math.exp(log_precision + min(0.0, 1 - reference_words / hypothesis_words))
