"""One training run: steps, progress, checkpoints, a loss curve and sample sheets. Stopping and starting again goes on.

Under `python -m torch.distributed.run --nproc_per_node 2 -m modeling.train.…` the batch is shared by processes of one thread each. On two
busy cores that is faster than one process of two threads (1.4 s instead of 2.5 s a step), because no operation waits for another thread.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import torch
import torch.distributed as dist
from torch import Tensor, nn
from tqdm import tqdm

from modeling.train.optimizer import HALF, Optimizer

CACHE = Path(os.environ.get("SHOTLINE_CACHE", Path.home() / ".cache" / "shotline")) / "train"


PROCESSES = int(os.environ.get("WORLD_SIZE", "1"))
RANK = int(os.environ.get("RANK", "0"))
THREADS = int(os.environ.get("OMP_NUM_THREADS", "2"))  #: of all processes together


def set_up(seed: int) -> None:
    """Fix the seed and the threads of this process, and meet the other processes if there are any."""
    torch.manual_seed(seed)
    torch.set_num_threads(max(1, THREADS // PROCESSES))
    if PROCESSES > 1:
        dist.init_process_group("gloo")


def share(batch: int) -> int:
    """What this process takes of a batch."""
    return batch // PROCESSES


def save_whole(saved: object, path: Path) -> None:
    """Write a file that other processes see whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{RANK}.part")
    torch.save(saved, part)
    part.replace(path)


def half_precision() -> torch.autocast:
    """Forward passes of training run under this, 1.6 times as fast where the CPU has tiles for bfloat16; weights, losses and sums stay float32."""
    return torch.autocast("cpu", torch.bfloat16, enabled=HALF)


@dataclass
class Schedule:
    """Learning-rate factor over a stage: a short warm-up, full, then a straight line down to `final`."""

    steps: int
    warm_up: int = 40
    hold: float = 0.5
    final: float = 0.02

    def factor(self, step: int) -> float:
        """The factor for a step, 0..steps-1."""
        fall = max(0.0, (step / self.steps - self.hold) / (1 - self.hold))
        return min(1.0, (step + 1) / self.warm_up) * (self.final + (1 - self.final) * (1 - fall))


@dataclass
class Run:
    """A named run of one module; its files are `CACHE/<name>.pt`, `.json` (losses) and `.png` (curve)."""

    name: str
    module: nn.Module
    optimizer: Optimizer
    log: list[dict] = field(default_factory=list)
    step: int = 0

    @property
    def path(self) -> Path:
        return CACHE / f"{self.name}.pt"

    def resume(self) -> bool:
        """Go on from the checkpoint of this name, if there is one; one made by `modeling.train.restore` has weights alone and starts at step 0."""
        if not self.path.exists():
            return False
        saved = torch.load(self.path, weights_only=True)
        if "optimizer" not in saved:
            self.module.load_state_dict(saved["average"])
            self.optimizer.restart_average()
            return True
        self.module.load_state_dict(saved["live"])
        self.optimizer.load(saved["optimizer"])
        self.step, self.log = saved["step"], saved["log"]
        return True

    def save(self) -> None:
        """Write checkpoint, losses and curve; the checkpoint holds live weights and their moving average."""
        live = self.optimizer.use_average()
        average = {k: v.clone() for k, v in self.module.state_dict().items()}
        self.optimizer.restore(live)
        saved = {"live": self.module.state_dict(), "average": average, "optimizer": self.optimizer.state(), "step": self.step, "log": self.log}
        save_whole(saved, self.path)
        self.path.with_suffix(".json").write_text(json.dumps(self.log))
        _draw_curve(self.log, self.path.with_suffix(".png"), self.name)

    def train(self, schedule: Schedule, loss: Callable[[], Tensor], every: int = 100, sample: Callable[[], None] | None = None) -> None:
        """Train up to `schedule.steps`; every `every` steps log and save, and call `sample` with the average in place."""
        torch.manual_seed(torch.initial_seed() + 1_000_003 * RANK + self.step)
        total, count = 0.0, 0
        bar = tqdm(range(self.step, schedule.steps), desc=self.name, initial=self.step, total=schedule.steps, mininterval=10, disable=RANK > 0)
        for step in bar:
            with half_precision():
                value = loss()
            value.backward()
            self._average_gradients()
            self.optimizer.step(schedule.factor(step))
            total, count = total + value.item(), count + 1
            self.step = step + 1
            if RANK == 0 and (self.step % every == 0 or self.step == schedule.steps):
                self.log.append({"step": self.step, "loss": total / count})
                bar.set_postfix(loss=f"{self.log[-1]['loss']:.4f}")
                total, count = 0.0, 0
                self.save()
                if sample:
                    live = self.optimizer.use_average()
                    torch.set_num_threads(THREADS)
                    with torch.no_grad():
                        sample()
                    torch.set_num_threads(max(1, THREADS // PROCESSES))
                    self.optimizer.restore(live)

    def _average_gradients(self) -> None:
        """Give every process the mean of all gradients."""
        if PROCESSES == 1:
            return
        gradients = [p.grad if p.grad is not None else torch.zeros_like(p) for p in self.optimizer.parameters]
        flat = torch.cat([g.flatten() for g in gradients])
        dist.all_reduce(flat)
        for p, part in zip(self.optimizer.parameters, (flat / PROCESSES).split([g.numel() for g in gradients]), strict=True):
            p.grad = part.view_as(p)


def load_average(name: str) -> dict[str, Tensor]:
    """The averaged weights of a run."""
    return torch.load(CACHE / f"{name}.pt", weights_only=True)["average"]


def _draw_curve(log: list[dict], path: Path, title: str) -> None:
    figure, axes = plt.subplots(figsize=(6, 3))
    axes.plot([entry["step"] for entry in log], [entry["loss"] for entry in log])
    axes.set(xlabel="step", ylabel="loss", title=title, yscale="log")
    figure.tight_layout()
    figure.savefig(path)
    plt.close(figure)
