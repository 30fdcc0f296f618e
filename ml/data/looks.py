"""What the diagnoses of the synthetic data sets tend to show, and in which words a picture is described.

The looks overlap on purpose: every structure occurs in several diagnoses, so that no single sign decides. The
tendencies follow dermoscopy teaching (terms: the third consensus of the International Dermoscopy Society,
doi:10.1016/j.jaad.2015.11.038), the shares are invented: nothing learnt from these images says anything about patients.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np


class Structure(StrEnum):
    """A structure that may be drawn; the value is how a caption calls it."""

    REGULAR_NETWORK = "a regular pigment network"
    ATYPICAL_NETWORK = "an atypical pigment network"
    GLOBULES = "brown globules"
    STREAKS = "peripheral streaks"
    VEIL = "a blue-white veil"
    REGRESSION = "white scar-like areas"
    NESTS = "blue-grey ovoid nests"
    LEAVES = "leaf-like areas"
    ARBORIZING = "arborizing vessels"
    GLOMERULAR = "glomerular vessels"
    DOTTED = "dotted vessels"
    HAIRPIN = "hairpin vessels"
    ULCER = "an ulceration"
    KERATIN = "a central keratin mass"
    WHITE_SCALE = "white scale"
    YELLOW_SCALE = "yellowish scale"
    STRAWBERRY = "a red pseudonetwork around follicles"


@dataclass(frozen=True, slots=True)
class Look:
    """Tendencies of one diagnosis. melanin, blood: ranges of optical density over the lesion."""

    melanin: tuple[float, float]
    blood: tuple[float, float]
    structures: dict[Structure, float]  # how often each is drawn
    pigmented: float = 1.0  # share that has its melanin; the others have nearly none
    irregular: float = 0.4  # mean irregularity of the outline
    soft: tuple[float, float] = (0.05, 0.14)  # softness of the border, in lesion radii
    radius: tuple[float, float] = (0.22, 0.36)  # share of the side
    ages: tuple[float, float] = (65, 12)  # mean, deviation
    women: float = 0.5
    sites: tuple[str, ...] = ("face", "neck", "trunk", "upper extremity", "lower extremity")
    scalp: bool = False


S = Structure
MPL5 = "MPL5-synthetic"
SID2 = "SID2-synthetic"

LOOKS: dict[str, dict[str, Look]] = {
    MPL5: {
        "melanoma": Look(
            (0.55, 1.35), (0.05, 0.3), pigmented=0.88, irregular=0.75, radius=(0.24, 0.38), ages=(60, 15), women=0.45,
            structures={S.ATYPICAL_NETWORK: 0.8, S.REGULAR_NETWORK: 0.08, S.GLOBULES: 0.5, S.STREAKS: 0.42,
                        S.VEIL: 0.45, S.REGRESSION: 0.32, S.DOTTED: 0.2, S.ULCER: 0.07},
            sites=("trunk", "trunk", "upper extremity", "lower extremity", "face"),
        ),
        "Bowen disease": Look(
            (0.2, 0.7), (0.25, 0.6), pigmented=0.4, irregular=0.35, soft=(0.03, 0.09), ages=(70, 10), women=0.55,
            structures={S.GLOMERULAR: 0.88, S.DOTTED: 0.25, S.WHITE_SCALE: 0.55, S.YELLOW_SCALE: 0.12, S.GLOBULES: 0.2,
                        S.REGULAR_NETWORK: 0.1, S.ULCER: 0.08},
            sites=("lower extremity", "lower extremity", "upper extremity", "trunk", "face"),
        ),
        "squamous cell carcinoma": Look(
            (0.15, 0.5), (0.3, 0.7), pigmented=0.2, irregular=0.45, ages=(73, 10), women=0.4,
            structures={S.KERATIN: 0.78, S.HAIRPIN: 0.78, S.DOTTED: 0.15, S.ULCER: 0.35, S.WHITE_SCALE: 0.35,
                        S.YELLOW_SCALE: 0.2, S.GLOMERULAR: 0.15, S.STRAWBERRY: 0.1},
            sites=("face", "face", "upper extremity", "neck", "lower extremity"),
        ),
        "basal cell carcinoma": Look(
            (0.3, 0.9), (0.15, 0.4), pigmented=0.45, irregular=0.4, ages=(66, 12), women=0.48,
            structures={S.ARBORIZING: 0.85, S.NESTS: 0.52, S.LEAVES: 0.32, S.ULCER: 0.32, S.REGRESSION: 0.2,
                        S.GLOBULES: 0.15, S.DOTTED: 0.08, S.VEIL: 0.1},
            sites=("face", "face", "face", "neck", "trunk"),
        ),
        "actinic keratosis": Look(
            (0.2, 0.6), (0.25, 0.55), pigmented=0.4, irregular=0.45, soft=(0.14, 0.3), ages=(71, 10), women=0.45,
            structures={S.STRAWBERRY: 0.85, S.WHITE_SCALE: 0.45, S.YELLOW_SCALE: 0.2, S.DOTTED: 0.15, S.GLOMERULAR: 0.1,
                        S.ARBORIZING: 0.1, S.KERATIN: 0.12},
            sites=("face", "face", "face", "upper extremity", "neck"),
        ),
    },
    SID2: {
        "scalp psoriasis": Look(
            (0.0, 0.15), (0.35, 0.75), irregular=0.35, soft=(0.04, 0.12), radius=(0.32, 0.5), ages=(42, 14), scalp=True,
            structures={S.DOTTED: 0.85, S.GLOMERULAR: 0.4, S.WHITE_SCALE: 0.78, S.YELLOW_SCALE: 0.16,
                        S.ARBORIZING: 0.1},
            sites=("scalp",),
        ),
        "scalp seborrheic dermatitis": Look(
            (0.0, 0.18), (0.2, 0.55), irregular=0.5, soft=(0.1, 0.26), radius=(0.32, 0.5), ages=(38, 14), women=0.42,
            structures={S.ARBORIZING: 0.85, S.DOTTED: 0.15, S.YELLOW_SCALE: 0.72, S.WHITE_SCALE: 0.22},
            sites=("scalp",), scalp=True,
        ),
    },
}  # fmt: skip

DATASETS: dict[str, list[str]] = {dataset: list(looks) for dataset, looks in LOOKS.items()}


@dataclass(frozen=True, slots=True)
class Attributes:
    """What was really drawn in one picture; the caption says nothing else."""

    dataset: str
    diagnosis: str
    melanin: float
    blood: float
    irregularity: float
    softness: float
    radius: float
    structures: tuple[Structure, ...]
    age: int
    sex: str
    site: str

    @property
    def colour(self) -> str:
        """The main colour in words, from the densities of pigment and blood."""
        depth = next(
            word
            for limit, word in ((0.3, ""), (0.55, "light brown"), (0.9, "brown"), (9, "dark brown"))
            if self.melanin < limit
        )
        red = next(word for limit, word in ((0.22, ""), (0.45, "pink"), (9, "red")) if self.blood < limit)
        return " and ".join(word for word in (red, depth) if word) or "skin-coloured"

    @property
    def border(self) -> str:
        edge = "sharp" if self.softness < 0.1 else "blurred"
        form = "irregular" if self.irregularity > 0.5 else "regular"
        return f"{form}, {edge}"


def sample(dataset: str, diagnosis: str, rng: np.random.Generator) -> Attributes:
    """Draw what one picture of a diagnosis shows. Raises ValueError for a diagnosis that the data set lacks."""
    look = LOOKS.get(dataset, {}).get(diagnosis)
    if look is None:
        known = "; ".join(f"{name}: {', '.join(labels)}" for name, labels in DATASETS.items())
        raise ValueError(f"{diagnosis!r} of {dataset!r} cannot be drawn. Known are {known}.")
    pigmented = rng.random() < look.pigmented
    shown = [structure for structure, share in look.structures.items() if rng.random() < share]
    if S.ATYPICAL_NETWORK in shown and S.REGULAR_NETWORK in shown:
        shown.remove(S.REGULAR_NETWORK)
    if not shown:
        shown = [max(look.structures, key=lambda structure: look.structures[structure])]
    return Attributes(
        dataset=dataset,
        diagnosis=diagnosis,
        melanin=float(rng.uniform(*look.melanin) if pigmented else rng.uniform(0.02, 0.15)),
        blood=float(rng.uniform(*look.blood)),
        irregularity=float(np.clip(rng.normal(look.irregular, 0.2), 0.05, 1)),
        softness=float(rng.uniform(*look.soft)),
        radius=float(rng.uniform(*look.radius)),
        structures=tuple(shown),
        age=int(np.clip(rng.normal(*look.ages), 18, 95)),
        sex="female" if rng.random() < look.women else "male",
        site=str(rng.choice(look.sites)),
    )


def caption(seen: Attributes, rng: np.random.Generator) -> str:
    """One or two sentences on colour, border and structures, in varying words."""
    noun = str(rng.choice(["plaque", "patch"] if seen.dataset == SID2 else ["lesion", "lesion", "plaque"]))
    listed = [str(structure) for structure in rng.permutation([str(s) for s in seen.structures])]
    shown = listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} and {listed[-1]}"
    article = "an" if seen.colour[0] in "aeiou" else "a"
    size = "large " if seen.radius > 0.34 else "small " if seen.radius < 0.26 else ""
    if size:
        article = "a"
    forms = [
        f"{article} {size}{seen.colour} {noun} of the {seen.site} with {seen.border} borders. there are {shown}.",
        f"{seen.site}: {article} {size}{seen.colour} {noun} showing {shown}; the border is {seen.border}.",
        f"{shown} in {article} {size}{seen.colour} {noun} with {seen.border} margins.",
    ]
    text = str(rng.choice(forms))
    return text[0].upper() + text[1:].replace(". there", ". There")
