"""Muon for matrices and kernels, AdamW for the rest, and a moving average of the weights.

Muon: Jordan et al. 2024, https://kellerjordan.github.io/posts/muon (Newton-Schulz coefficients from there).
"""

import torch
from torch import Tensor, nn

#: Products in bfloat16 only where the CPU has tiles for them. With AVX-512 alone a step takes 1.4 times as long as in float32.
HALF = torch.cpu._is_amx_tile_supported()
_NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)


class Muon(torch.optim.Optimizer):
    """Momentum whose update is made orthogonal; kernels `[out, in, k, k]` count as matrices `[out, in*k*k]`."""

    def __init__(self, parameters: list[Tensor], lr: float, momentum: float = 0.95, decay: float = 0.01):
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "decay": decay})

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            for matrices in _by_shape([p for p in group["params"] if p.grad is not None]).values():
                self._step_equal(matrices, group)

    def _step_equal(self, parameters: list[Tensor], group: dict) -> None:
        updates = []
        for p in parameters:
            momentum = self.state[p].setdefault("momentum", torch.zeros_like(p))
            momentum.lerp_(p.grad, 1 - group["momentum"])
            updates.append(torch.lerp(p.grad, momentum, group["momentum"]).flatten(1))
        stack = torch.stack(updates)
        rows, columns = stack.shape[1:]
        orthogonal = _orthogonalise(stack)
        for p, update in zip(parameters, orthogonal, strict=True):
            p.mul_(1 - group["lr"] * group["decay"])
            p.add_(update.reshape(p.shape), alpha=-group["lr"] * max(1.0, rows / columns) ** 0.5)


def _by_shape(parameters: list[Tensor]) -> dict[tuple[int, int], list[Tensor]]:
    groups: dict[tuple[int, int], list[Tensor]] = {}
    for p in parameters:
        groups.setdefault((p.shape[0], p[0].numel()), []).append(p)
    return groups


def _orthogonalise(stack: Tensor, steps: int = 5) -> Tensor:
    """`[N, rows, columns]` to the nearest matrices with singular values near one; the iteration bears half precision."""
    dtype = torch.bfloat16 if HALF else torch.float32
    a, b, c = _NEWTON_SCHULZ
    tall = stack.shape[1] > stack.shape[2]
    x = stack.mT if tall else stack
    x = (x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)).to(dtype)
    for _ in range(steps):
        gram = x @ x.mT
        x = a * x + (b * gram + c * (gram @ gram)) @ x
    return (x.mT if tall else x).to(stack.dtype)


class Optimizer:
    """Both optimisers under one learning-rate factor, clipping, and the moving average."""

    def __init__(self, module: nn.Module, muon_lr: float, adam_lr: float, average: float, plain: tuple[str, ...] = ()):
        """`plain` names (parts of) parameters that AdamW takes although they are matrices: embeddings, ends."""
        named = [(name, p) for name, p in module.named_parameters() if p.requires_grad]
        matrices = [p for n, p in named if p.ndim in (2, 4) and not any(part in n for part in plain)]
        chosen = set(map(id, matrices))
        self.parameters = [p for _, p in named]
        self._muon = Muon(matrices, muon_lr)
        self._adam = torch.optim.AdamW([p for p in self.parameters if id(p) not in chosen], lr=adam_lr, betas=(0.9, 0.98), weight_decay=0.0)
        self._base = {self._muon: muon_lr, self._adam: adam_lr}
        self._decay = average
        self.average = [p.detach().clone() for p in self.parameters]
        self._steps = 0

    def step(self, factor: float) -> None:
        """Apply the gradients with `factor` times the learning rates, then clear them."""
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        for optimiser, lr in self._base.items():
            optimiser.param_groups[0]["lr"] = lr * factor
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        self._steps += 1
        share = 1 - min(self._decay, (1 + self._steps) / (10 + self._steps))
        with torch.no_grad():
            torch._foreach_lerp_(self.average, [p.detach() for p in self.parameters], share)

    def state(self) -> dict:
        """Everything a later run needs to go on."""
        return {"muon": self._muon.state_dict(), "adam": self._adam.state_dict(), "average": self.average, "steps": self._steps}

    def load(self, state: dict) -> None:
        """Go on from `state()`."""
        self._muon.load_state_dict(state["muon"])
        self._adam.load_state_dict(state["adam"])
        with torch.no_grad():
            for mine, saved in zip(self.average, state["average"], strict=True):
                mine.copy_(saved)
        self._steps = state["steps"]

    @torch.no_grad()
    def restart_average(self) -> None:
        """Let the moving average begin at the present weights."""
        for mine, p in zip(self.average, self.parameters, strict=True):
            mine.copy_(p)

    def use_average(self) -> list[Tensor]:
        """Put the moving average into the module; returns the live weights for `restore`."""
        live = [p.detach().clone() for p in self.parameters]
        self.restore(self.average)
        return live

    @torch.no_grad()
    def restore(self, weights: list[Tensor]) -> None:
        """Put weights back into the module."""
        for p, w in zip(self.parameters, weights, strict=True):
            p.copy_(w)
