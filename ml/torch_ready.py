"""torch, ready for use: every module of `ml` takes it from here, so that the torchvision trap is disarmed first.

Where pip pairs a CPU build of torch with a CUDA build of torchvision, importing torchvision (and so timm,
transformers or peft) ends with "operator torchvision::nms does not exist". Declaring the two operators lets the import
pass; they are never called here. Matching builds are left as they are.

Threads that wait for one another sleep instead of spinning: on cores shared with a web server and a worker, spinning
made a training step many times slower. It must be said before torch loads.
"""

import os
import sys

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch

__all__ = ["torch"]

try:
    import torchvision  # noqa: F401 - imported to learn whether it can be
except ImportError:
    pass
except RuntimeError as broken:
    if "torchvision::nms" not in str(broken):
        raise
    for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
        del sys.modules[name]
    OPERATORS = torch.library.Library("torchvision", "FRAGMENT")  # lives as long as this module
    for name in ("nms", "qnms"):
        OPERATORS.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
