"""Settings of a training run, one frozen dataclass a table of the TOML file. Knows no torch.

A default is the DermINO paper's value (section 4.1) or, where the paper is silent, DINOv2's (arXiv:2304.07193); lengths
in epochs are given in steps of the paper's 211 an epoch. An unknown key is refused.
"""

import difflib
import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


class BadConfig(ValueError):
    """The file names a key or value that means nothing."""


@dataclass(frozen=True, slots=True)
class Data:
    """Where the images come from and how they are kept."""

    synthetic: int = 0  # images to draw when no manifest is given
    synthetic_side: int = 256  # pixels
    store_side: int = 512  # pixels, square, in memory
    held_out: float = 0.2  # share that no weight and no head sees
    calibration: float = 0.15  # share of the rest that only sets the temperatures


@dataclass(frozen=True, slots=True)
class Encoder:
    """The vision transformer; the paper's is ViT-B."""

    patch_size: int = 16
    width: int = 768
    depth: int = 12
    heads: int = 12
    layer_scale: float = 1e-5
    drop_path: float = 0.3


@dataclass(frozen=True, slots=True)
class Crops:
    """Views of an image. The blur shares are what DINOv2 really trains with: its code inverts the printed ones."""

    global_size: int = 224
    global_scale: tuple[float, float] = (0.32, 1.0)
    local_size: int = 96
    local_scale: tuple[float, float] = (0.05, 0.32)
    locals: int = 8
    jitter: tuple[float, float, float, float] = (0.4, 0.4, 0.2, 0.1)  # brightness, contrast, saturation, hue
    jitter_share: float = 0.8
    grey_share: float = 0.2
    blur_shares: tuple[float, float, float] = (0.0, 0.9, 0.5)  # first global, second global, local
    solarise_share: float = 0.2  # second global crop
    turns: bool = False  # quarter turns and vertical flips: right for dermoscopy, not in the paper


@dataclass(frozen=True, slots=True)
class Masking:
    """Which global crops are masked and how much of each."""

    share: float = 0.5
    ratios: tuple[float, float] = (0.1, 0.5)


@dataclass(frozen=True, slots=True)
class Head:
    """Projection heads of the image and patch losses."""

    prototypes: int = 65536
    hidden: int = 2048
    bottleneck: int = 256


@dataclass(frozen=True, slots=True)
class Loss:
    """Weights of the four losses."""

    image: float = 1.0
    patch: float = 1.0
    koleo: float = 0.1
    knowledge: float = 1.0
    reduction: Literal["labelled", "batch"] = "labelled"
    negatives: Literal["dataset", "all"] = "dataset"


@dataclass(frozen=True, slots=True)
class Prototypes:
    """Disease prototypes. The paper starts them from CODER embeddings of the names; here rows are drawn at random."""

    init: Literal["random"] = "random"
    norm: float = 1.0
    trainable: bool = True


@dataclass(frozen=True, slots=True)
class Teacher:
    """The moving average and the temperature of its targets."""

    momentum: float = 0.992
    final_momentum: float = 1.0
    temperature: float = 0.04
    final_temperature: float = 0.07
    temperature_warmup_steps: int = 6330


@dataclass(frozen=True, slots=True)
class Optimiser:
    """AdamW."""

    base_learning_rate: float = 2e-3
    scaling: Literal["sqrt", "none"] = "sqrt"  # of the whole batch to 1,024
    final_learning_rate: float = 1e-6
    warmup_steps: int = 2110
    weight_decay: float = 0.04
    final_weight_decay: float = 0.4
    layer_decay: float = 0.9
    patch_embed_factor: float = 0.2
    frozen_last_layer_steps: int = 211
    clip: float = 3.0


@dataclass(frozen=True, slots=True)
class Training:
    """How long, with what."""

    steps: int = 21100
    batch: int = 256  # images a rank
    seed: int = 0
    threads: int = 0  # 0: as many as torch takes
    checkpoint_every: int = 1000


@dataclass(frozen=True, slots=True)
class Heads:
    """Heads fitted on the frozen encoder afterwards."""

    linear_steps: int = 400
    linear_decay: float = 1e-3
    mask_steps: int = 400
    mask_side: int = 4  # cells of the mask along one patch
    caption_steps: int = 1000  # 0: no captions
    caption_width: int = 128
    caption_layers: int = 2
    caption_length: int = 96  # tokens at most
    batch: int = 64


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that a run is made of."""

    method: Literal["dermino"] = "dermino"
    data: Data = field(default_factory=Data)
    encoder: Encoder = field(default_factory=Encoder)
    crops: Crops = field(default_factory=Crops)
    masking: Masking = field(default_factory=Masking)
    head: Head = field(default_factory=Head)
    loss: Loss = field(default_factory=Loss)
    prototypes: Prototypes = field(default_factory=Prototypes)
    teacher: Teacher = field(default_factory=Teacher)
    optimiser: Optimiser = field(default_factory=Optimiser)
    training: Training = field(default_factory=Training)
    heads: Heads = field(default_factory=Heads)

    def __post_init__(self) -> None:
        for size in (self.crops.global_size, self.crops.local_size):
            if size % self.encoder.patch_size:
                raise BadConfig(f"A crop of {size} px has no whole number of {self.encoder.patch_size} px patches.")
        if self.training.batch < 2 and self.loss.koleo:
            raise BadConfig("training.batch = 1 leaves KoLeo nothing to compare: use 2 or more, or loss.koleo = 0.")
        if self.training.steps < 1:
            raise BadConfig(f"training.steps = {self.training.steps}: at least 1.")

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(json.dumps(self.as_dict(), sort_keys=True).encode()).hexdigest()


def read_config(path: Path) -> Config:
    """Raises BadConfig, naming key and nearest known key, and FileNotFoundError."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadConfig(f"{path.name}: {error}") from error
    try:
        return _table(Config, content, "")
    except BadConfig as error:
        raise BadConfig(f"{path.name}: {error}") from error


def _table(kind: type[T], content: Mapping[str, Any], prefix: str) -> T:
    types = get_type_hints(kind)
    known = [f.name for f in fields(kind)]  # type: ignore[arg-type]
    for key in content:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1, cutoff=0.0)[0]
            raise BadConfig(f"unknown key {prefix}{key}; the nearest known one is {prefix}{near}.")
    return kind(**{key: _value(types[key], value, f"{prefix}{key}") for key, value in content.items()})


def _value(wanted: Any, value: Any, key: str) -> Any:
    """The TOML value as the field's type, or BadConfig."""
    if is_dataclass(wanted):
        if not isinstance(value, dict):
            raise BadConfig(f"{key} is a table: write [{key}].")
        return _table(wanted, value, f"{key}.")  # type: ignore[arg-type]
    if get_origin(wanted) is Literal:
        if value not in get_args(wanted):
            raise BadConfig(f"{key} = {value!r}: choose {' or '.join(repr(choice) for choice in get_args(wanted))}.")
        return value
    if get_origin(wanted) is tuple:
        parts = get_args(wanted)
        if not isinstance(value, list) or len(value) != len(parts):
            raise BadConfig(f"{key} = {value!r}: a list of {len(parts)} numbers is wanted.")
        return tuple(_value(part, one, key) for part, one in zip(parts, value, strict=True))
    if wanted is float and type(value) is int:
        return float(value)
    if type(value) is not wanted:
        raise BadConfig(f"{key} = {value!r}: a value of type {wanted.__name__} is wanted.")
    return value
