"""Images a second of the worker's Predictor as a ratio to a plain timm forward of the same encoder at the same batch.

Ours: `Predictor.predict` (ml/serving/predictor.py) on decoded 256 px images, all heads but the caption: resize,
encoder, diagnosis, mask at the image's size, ranking. Baseline: `features = baseline.forward_features(tensors)` in
`plain` below, on tensors that are ready beforehand, so that all our extra work counts against us. ViT-S/16 at 224 px,
random weights, loaded into both and compared first. Run: python benchmarks/inference.py [--batch 16] [--times 9]
"""

import argparse
import inspect
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from PIL import Image

from benchmarks.machine import print_machine
from ml.data.store import squashed
from ml.models import registry
from ml.models.assembled import WEIGHTS, Assembled, Blueprint
from ml.models.pixels import from_bytes, normalised
from ml.serving.predictor import Predictor
from ml.torch_ready import torch

ENCODER = "vit_small_patch16_224"
DATASETS = {"MPL5": list("abcde"), "SID2": list("ab")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--times", type=int, default=9)
    options = parser.parse_args()
    import timm  # after ml.torch_ready

    print_machine()
    torch.manual_seed(0)
    model = Assembled(Blueprint(registry.architecture(ENCODER), DATASETS, mask_cells=4, captioner=None))
    predictor = Predictor(model, None, {"files": {WEIGHTS: "random"}}, batch=options.batch)
    baseline = timm.create_model(ENCODER, num_classes=0, init_values=1e-5).eval()
    weights = {name: value for name, value in model.encoder.state_dict().items() if name != "mask_token"}
    baseline.load_state_dict(weights)

    rng = np.random.default_rng(0)
    images = [Image.fromarray(rng.integers(0, 255, (256, 256, 3), dtype=np.uint8)) for _ in range(options.batch)]
    pixels = np.stack([np.asarray(squashed(image, 224)) for image in images])
    tensors = normalised(from_bytes(torch.from_numpy(pixels)))

    def plain() -> torch.Tensor:
        with torch.inference_mode():
            features = baseline.forward_features(tensors)
        return features

    def ours() -> object:
        return predictor.predict(images, dataset="MPL5", captions=False)

    with torch.inference_mode():
        gap = (plain()[:, 0] - model.encoder(tensors).cls_BD).abs().max().item()
    if gap > 1e-4:
        raise SystemExit(f"The two encoders differ by {gap}: the ratio would mean nothing.")
    seconds = interleaved({"ours": ours, "plain": plain}, options.times)
    for name, values in seconds.items():
        print(f"{name}: {options.batch / median(values):.1f} images/s at batch {options.batch}, {len(values)} times")
    print(f"baseline: benchmarks/inference.py:{inspect.getsourcelines(plain)[1] + 2}; torch {torch.__version__}, "
          f"{torch.get_num_threads()} threads; encoders differ by at most {gap:.1e}")  # fmt: skip
    print(f"inference ratio {median(p / o for p, o in zip(seconds['plain'], seconds['ours'], strict=True)):.3f}")


def interleaved(actions: dict[str, Callable[[], object]], times: int) -> dict[str, list[float]]:
    """Seconds of each action, taken in turn, so that noise hits all alike."""
    seconds: dict[str, list[float]] = {name: [] for name in actions}
    for name in actions:
        actions[name]()
    for _ in range(times):
        for name, action in actions.items():
            began = time.perf_counter()
            action()
            seconds[name].append(time.perf_counter() - began)
    return seconds


if __name__ == "__main__":
    main()
