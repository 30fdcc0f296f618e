"""The training loop. It knows no method: networks, views and losses come from outside."""

import json
import math
import signal
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from torch import Tensor, nn

from ml.models import checkpoint
from ml.pretraining import distributed
from ml.pretraining.config import Config
from ml.pretraining.errors import Diverged, Interrupted, ResumeRefused
from ml.pretraining.optimiser import Factors, build_optimiser, set_rates
from ml.pretraining.schedules import Cosine, Frozen
from ml.torch_ready import torch


class Method(Protocol):
    """What a method offers to the loop."""

    def __call__(self, batch: Any, step: int) -> dict[str, Tensor]: ...
    def update_teacher(self, step: int) -> None: ...
    def clipped_parts(self) -> Sequence[nn.Module]: ...
    def factors(self) -> Iterable[tuple[nn.Parameter, Factors]]: ...
    def state_dict(self) -> dict[str, Tensor]: ...
    def load_state_dict(self, state: dict[str, Tensor]) -> object: ...


@dataclass(frozen=True, slots=True)
class Rates:
    """Learning rates and weight decay by step."""

    rate: Cosine
    last_layer: Frozen
    decay: Cosine

    @classmethod
    def of(cls, config: Config) -> "Rates":
        o, steps = config.optimiser, config.training.steps
        factor = math.sqrt(config.training.batch * distributed.ranks() / 1024) if o.scaling == "sqrt" else 1.0
        rate = Cosine(o.base_learning_rate * factor, o.final_learning_rate, steps, o.warmup_steps)
        decay = Cosine(o.weight_decay, o.final_weight_decay, steps)
        return cls(rate, Frozen(rate, o.frozen_last_layer_steps), decay)


class Run:
    """One run's state: method, optimiser, next step; saved under `folder`/checkpoints with the run's identity."""

    def __init__(self, method: Method, config: Config, folder: Path, identity: str) -> None:
        self.method, self.config, self.folder, self.identity = method, config, folder, identity
        self.optimiser = build_optimiser(method.factors())
        self.step = 0

    def resume(self) -> bool:
        """Go back to the latest checkpoint; False if there is none. Raises ResumeRefused for another run's."""
        found = checkpoint.load_latest(self.folder / "checkpoints")
        if found is None:
            return False
        tensors, facts = found
        if facts["identity"] != self.identity:
            raise ResumeRefused(
                f"The checkpoint in {self.folder} is of other settings, images or code ({str(facts['identity'])[:12]}, "
                f"now {self.identity[:12]}). Leave --resume out or name another --output."
            )
        self.method.load_state_dict(_under(tensors, "method."))
        for name, parameter in self._trained():
            moments = _under(tensors, f"optimiser.{name}.")
            if moments:
                self.optimiser.state[parameter] = moments
        self.step = int(str(facts["step"]))
        return True

    def save(self) -> None:
        """Write a checkpoint of the state before `step`."""
        if distributed.rank():
            return
        tensors = {f"method.{name}": tensor for name, tensor in self.method.state_dict().items()}
        for name, parameter in self._trained():
            for key, value in self.optimiser.state.get(parameter, {}).items():
                tensors[f"optimiser.{name}.{key}"] = value
        checkpoint.save_step(self.folder / "checkpoints", self.step, tensors, {"identity": self.identity})

    def _trained(self) -> Iterator[tuple[str, nn.Parameter]]:
        for index, (parameter, _factors) in enumerate(self.method.factors()):
            yield f"{index:05d}", parameter


def train(run: Run, batches: Iterable[Any]) -> None:
    """Train from `run.step` to the last step. Raises Diverged, and Interrupted after SIGTERM once all is saved."""
    steps, rates = run.config.training.steps, Rates.of(run.config)
    with _stop_signal() as asked_to_stop, _metrics(run.folder, run.step) as write:
        for step, batch in zip(range(run.step, steps), batches, strict=False):
            began = time.perf_counter()
            set_rates(
                run.optimiser, rate=rates.rate(step), last_layer_rate=rates.last_layer(step), decay=rates.decay(step)
            )
            losses = run.method(batch, step)
            total = torch.stack(list(losses.values())).sum()
            report = {name: loss.item() for name, loss in losses.items()}
            _require_finite(step, report)
            total.backward()
            parts = run.method.clipped_parts()
            distributed.average_gradients(parts)
            norms = [nn.utils.clip_grad_norm_(part.parameters(), run.config.optimiser.clip) for part in parts]
            _require_finite(step, {"gradient": float(sum(norms))})
            run.optimiser.step()
            run.optimiser.zero_grad(set_to_none=True)
            run.method.update_teacher(step)
            run.step = step + 1
            write(
                {"step": step, **report, "total": total.item(), "rate": rates.rate(step)}, time.perf_counter() - began
            )
            if asked_to_stop():
                run.save()
                raise Interrupted(f"Stopped after step {step}; saved. Go on with --resume.")
            if run.step % run.config.training.checkpoint_every == 0 or run.step == steps:
                run.save()


def _require_finite(step: int, values: dict[str, float]) -> None:
    for name, value in values.items():
        if not math.isfinite(value):
            raise Diverged(f"Step {step}: {name} is {value}. Lower the learning rate; the last checkpoint is kept.")


@contextmanager
def _stop_signal() -> Iterator[Any]:
    """A question whether SIGTERM came; the second one ends the process at once."""
    came: list[int] = []

    def note(number: int, _frame: object) -> None:
        came.append(number)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)

    try:
        before = signal.signal(signal.SIGTERM, note)
    except ValueError:  # not the main thread: nobody can be asked
        yield lambda: False
        return
    try:
        yield lambda: bool(distributed.total(torch.tensor(float(bool(came)))))
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _metrics(folder: Path, start: int) -> Iterator[Any]:
    """A function that adds a line to metrics.jsonl; lines from `start` on of an earlier try are dropped first."""
    path = folder / "metrics.jsonl"
    kept = [line for line in path.read_text().splitlines() if json.loads(line)["step"] < start] if path.exists() else []
    if distributed.rank():
        yield lambda _facts, _seconds: None
        return
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in kept)

        def write(facts: dict[str, float], seconds: float) -> None:
            file.write(json.dumps({**facts, "seconds": round(seconds, 4)}) + "\n")
            file.flush()

        yield write


def _under(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
