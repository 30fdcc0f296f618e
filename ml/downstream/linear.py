"""A linear classifier on frozen features, with a temperature. Shapes: N images, F features, C classes."""

from torch import Tensor, nn
from torch.nn import functional as F

from ml.models.heads import LinearHead
from ml.torch_ready import torch


def fit_linear(
    features_NF: Tensor, labels_N: Tensor, classes: int, *, steps: int, decay: float, rate: float = 5e-3
) -> LinearHead:
    """Cross-entropy over all images at once, classes weighted alike, Adam with a cosine; features are standardised."""
    mean_F, deviation_F = features_NF.mean(dim=0), features_NF.std(dim=0).clamp(min=1e-6)
    x_NF = (features_NF - mean_F) / deviation_F
    counts_C = torch.bincount(labels_N, minlength=classes).clamp(min=1)
    weights_C = len(labels_N) / (classes * counts_C)
    linear = nn.Linear(x_NF.shape[1], classes)
    nn.init.zeros_(linear.weight)
    nn.init.zeros_(linear.bias)
    optimiser = torch.optim.Adam(linear.parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(steps):
        loss = F.cross_entropy(linear(x_NF), labels_N, weight=weights_C) + decay * linear.weight.square().sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    head = LinearHead(x_NF.shape[1], classes).requires_grad_(False)
    with torch.no_grad():
        head.linear.weight.copy_(linear.weight / deviation_F)  # so that the head takes features as they come
        head.linear.bias.copy_(linear.bias - head.linear.weight @ mean_F)
    return head


def calibrate(head: LinearHead, features_NF: Tensor, labels_N: Tensor) -> None:
    """Set the temperature that makes images not used for fitting most probable. Source: Guo et al. 2017."""
    scores_NC = head.linear(features_NF).detach()
    log_temperature = torch.zeros((), requires_grad=True)
    optimiser = torch.optim.LBFGS([log_temperature], max_iter=50, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        value = F.cross_entropy(scores_NC / log_temperature.exp(), labels_N)
        value.backward()
        return value

    optimiser.step(loss)
    head.temperature.copy_(log_temperature.detach().exp().clamp(0.05, 20))
