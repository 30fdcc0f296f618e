"""A model of every head with random weights, in a folder as training leaves it: quick to make, useless to ask."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

CLASSES = {"scalp": ["dermatitis", "psoriasis"], "tumours": ["melanoma", "nevus"]}


def write_tiny_model(folder: Path, *, seed: int = 0, classes: Mapping[str, Sequence[str]] = CLASSES) -> Path:
    from ml.models import assembled  # torch: only where a test wants it
    from ml.models.captioner import Captioner, CaptionerShape, train_tokenizer
    from ml.models.vision_transformer import Architecture
    from ml.torch_ready import torch

    torch.manual_seed(seed)
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = train_tokenizer(["a dark patch with a veil"])
    shape = CaptionerShape(tokenizer.get_vocab_size(), 24, width=16, layers=1, heads=2, length=8)
    architecture = Architecture(image_size=24, patch_size=12, width=24, depth=1, heads=2)
    model = assembled.Assembled(assembled.Blueprint(architecture, dict(classes), 4, shape))
    model.captioner = Captioner(shape)
    files = assembled.write(folder, model.eval(), tokenizer)
    card = {"name": "tiny", "synthetic": True, "datasets": dict(classes), "files": files}
    (folder / assembled.CARD).write_text(json.dumps(card))
    return folder
