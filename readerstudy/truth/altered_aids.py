"""AI output made false, or right, on purpose. Pure: aids and truth in, aids out; no database.

An altered aid is altered in all its parts, and no part looks unlike an honest one: probabilities are those of the
case itself in another order, description and like cases come whole from a case that the AI calls by the new label.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any
from uuid import UUID

from readerstudy.protocol.design import FalseRule
from readerstudy.protocol.random_stream import stream

BORROWED = ("description", "similar")  # parts that only another case can give


class CannotAlter(ValueError):
    """The set cannot be made as the design wants it; the message names the case or the number."""


@dataclass(frozen=True, slots=True)
class Aid:
    """One case's AI output as it is frozen. ranked: (label, probability), the best first."""

    case_id: UUID
    dataset: str
    ranked: tuple[tuple[str, float], ...]
    description: str = ""
    mask_id: UUID | None = None
    malignancy: float | None = None
    similar: tuple[Mapping[str, Any], ...] = ()
    crowd: Mapping[str, int] | None = None

    @property
    def label(self) -> str:
        return self.ranked[0][0]


@dataclass(frozen=True, slots=True)
class AlteredAids:
    """A finished set, which cases are altered in it, and which parts no aid of it has so that absence tells nothing."""

    aids: tuple[Aid, ...]
    altered: frozenset[UUID]
    dropped: tuple[str, ...]


def falsified(
    aids: Sequence[Aid], truth: Mapping[UUID, str], *, rule: FalseRule, share: float, seed: int, source: str,
    malignant: Sequence[str] = (),
) -> AlteredAids:  # fmt: skip
    """The AI is wrong on a random share of the cases; on the others it says what it said. Raises CannotAlter."""
    rng = stream(seed, "false aids", source)
    ordered = sorted(aids, key=lambda aid: aid.case_id)
    chosen = rng.sample(ordered, round(share * len(ordered)))
    labels = {aid.case_id: _wrong(aid, truth[aid.case_id], rule, rng, frozenset(malignant)) for aid in chosen}
    return _with_labels(ordered, labels, rng, frozenset(malignant))


def boosted(
    aids: Sequence[Aid], truth: Mapping[UUID, str], *, target: float, seed: int, source: str,
    malignant: Sequence[str] = (),
) -> AlteredAids:  # fmt: skip
    """Random wrong outputs are made right until a share `target` of the cases is right. Raises CannotAlter."""
    rng = stream(seed, "boosted aids", source)
    ordered = sorted(aids, key=lambda aid: aid.case_id)
    wrong = [aid for aid in ordered if aid.label != truth[aid.case_id]]
    lacking = round(target * len(ordered)) - (len(ordered) - len(wrong))
    if lacking < 0:
        right = (len(ordered) - len(wrong)) / max(1, len(ordered))
        raise CannotAlter(f"The AI is right on {right:.3f} of the cases already, more than {target}. Raise the share.")
    labels = {aid.case_id: truth[aid.case_id] for aid in rng.sample(wrong, lacking)}
    return _with_labels(ordered, labels, rng, frozenset(malignant))


def _wrong(aid: Aid, truth: str, rule: FalseRule, rng: Random, malignant: frozenset[str]) -> str:
    """The false label of one case."""
    others = [label for label, _share in aid.ranked if label != truth]
    if rule == FalseRule.FLIPPED:
        others = [label for label in others if (label in malignant) != (truth in malignant)]
        if not others:
            kind = "benign" if truth in malignant else "malignant"
            raise CannotAlter(f"Case {aid.case_id}: {aid.dataset} has no {kind} class to give instead of {truth}.")
    if not others:
        raise CannotAlter(f"Case {aid.case_id}: the AI names no diagnosis but {truth}, so it cannot be made wrong.")
    return rng.choice(sorted(others)) if rule == FalseRule.RANDOM else others[0]


def _with_labels(
    aids: Sequence[Aid], labels: Mapping[UUID, str], rng: Random, malignant: frozenset[str]
) -> AlteredAids:
    """The set with new leading labels; a part that cannot be borrowed for one case is dropped for all."""
    made, without = [], set()
    for aid in aids:
        label = labels.get(aid.case_id, aid.label)
        if label == aid.label:
            made.append(aid)
            continue
        donor = _donor(aid, label, aids, rng)
        if donor is None:
            without |= {part for part in BORROWED if getattr(aid, part)}
        made.append(_relabelled(aid, label, donor, malignant))
    bare = {part: "" if part == "description" else () for part in without}
    return AlteredAids(tuple(replace(aid, **bare) for aid in made), frozenset(labels), tuple(sorted(without)))


def _donor(aid: Aid, label: str, aids: Sequence[Aid], rng: Random) -> Aid | None:
    """A case of the same data set that the AI itself calls by the new label, and that is not like this very case."""
    fit = [
        other
        for other in aids
        if other.label == label
        and other.dataset == aid.dataset
        and all(bool(getattr(other, part)) == bool(getattr(aid, part)) for part in BORROWED)
        and not any(str(aid.case_id) in map(str, near.values()) for near in other.similar)
    ]
    return rng.choice(fit) if fit else None


def _relabelled(aid: Aid, label: str, donor: Aid | None, malignant: frozenset[str]) -> Aid:
    shares = dict(aid.ranked)
    if label not in shares:
        raise CannotAlter(f"Case {aid.case_id}: the AI gives no probability of {label}. Freeze all probabilities.")
    shares[label], shares[aid.label] = shares[aid.label], shares[label]
    ranked = sorted(shares.items(), key=lambda pair: -pair[1])
    ranked.sort(key=lambda pair: pair[0] != label)  # leads even where two shares are equal
    crowd = dict(aid.crowd) if aid.crowd is not None else None
    if crowd is not None:
        most = max(crowd, key=lambda name: crowd[name], default=label)
        crowd[label], crowd[most] = crowd.get(most, 0), crowd.get(label, 0)
    return replace(
        aid,
        ranked=tuple(ranked),
        description=donor.description if donor else "",
        similar=donor.similar if donor else (),
        malignancy=_malignancy(aid, ranked, donor, malignant),
        crowd=crowd,
    )


def _malignancy(
    aid: Aid, ranked: Sequence[tuple[str, float]], donor: Aid | None, malignant: frozenset[str]
) -> float | None:
    if aid.malignancy is None:
        return None
    if donor is not None and donor.malignancy is not None:
        return donor.malignancy
    return sum(share for label, share in ranked if label in malignant)
