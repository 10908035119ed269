"""Noise schedule and sampling (DDIM, DPM-Solver++ 2M), as the manifest says them; `v` prediction (Salimans and Ho 2022, arXiv 2202.00512).

Notation: alpha_bar share of signal power, x0 clean, x noisy, v = alpha * noise - sigma * x0.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor

TRAIN_STEPS = 1000


def alphas_bar(shift: float = 2.0) -> Tensor:
    """`[TRAIN_STEPS]` float64, the shifted cosine schedule of `docs/model-packages.md`; the last is 0."""
    u = torch.arange(1, TRAIN_STEPS + 1, dtype=torch.float64) / TRAIN_STEPS
    bar = 1 / (1 + shift**2 * torch.tan(torch.pi * u / 2) ** 2)
    bar[-1] = 0
    return bar


def mix(x0: Tensor, noise: Tensor, timestep: Tensor, bar: Tensor) -> tuple[Tensor, Tensor]:
    """Noisy latents and the v to predict; `timestep` `[B]`, latents `[B, ...]`."""
    alpha = bar[timestep].sqrt().float().view(-1, *[1] * (x0.ndim - 1))
    sigma = (1 - bar[timestep]).sqrt().float().view_as(alpha)
    return alpha * x0 + sigma * noise, alpha * noise - sigma * x0


def stratified_timesteps(count: int) -> Tensor:
    """`[count]` timesteps, one from each of `count` equal parts of 0..TRAIN_STEPS-1, in random order."""
    spot = (torch.randperm(count) + torch.rand(count)) / count
    return (spot * TRAIN_STEPS).long().clamp(max=TRAIN_STEPS - 1)


def trailing_timesteps(steps: int) -> list[int]:
    """Evenly spaced from TRAIN_STEPS - 1 downwards (Lin et al. 2023, arXiv 2305.08891)."""
    return [round(TRAIN_STEPS - k * TRAIN_STEPS / steps) - 1 for k in range(steps)]


@torch.no_grad()
def sample_ddim(predict: Callable[[Tensor, Tensor], Tensor], noise: Tensor, steps: int) -> Tensor:
    """DDIM without noise; `predict(x, timestep [1])` gives v (guidance is its business)."""
    bar, x = alphas_bar(), noise
    timesteps = trailing_timesteps(steps)
    for here, below in zip(timesteps, [*timesteps[1:], None], strict=True):
        alpha, sigma = bar[here].sqrt().item(), (1 - bar[here]).sqrt().item()
        v = predict(x, torch.tensor([here]))
        x0, eps = alpha * x - sigma * v, sigma * x + alpha * v
        alpha, sigma = (1.0, 0.0) if below is None else (bar[below].sqrt().item(), (1 - bar[below]).sqrt().item())
        x = alpha * x0 + sigma * eps
    return x


@torch.no_grad()
def sample_dpmpp(predict: Callable[[Tensor, Tensor], Tensor], noise: Tensor, steps: int) -> Tensor:
    """DPM-Solver++ (2M) (Lu et al. 2022, arXiv 2211.01095, algorithm 2); the first and the last step are of first order."""
    bar, x, before, h_before = alphas_bar(), noise, None, torch.inf
    timesteps = trailing_timesteps(steps)
    for here, below in zip(timesteps, [*timesteps[1:], None], strict=True):
        clean = bar[here].sqrt().item() * x - (1 - bar[here]).sqrt().item() * predict(x, torch.tensor([here]))
        if below is None:
            return clean
        h = (bar[below].logit() - bar[here].logit()).item() / 2
        slope = 0 if before is None else h / h_before / 2
        towards = clean + slope * (clean - before) if slope else clean
        share = ((1 - bar[below]) / (1 - bar[here])).sqrt().item()
        x = share * x - bar[below].sqrt().item() * math.expm1(-h) * towards
        before, h_before = clean, h
    return x


def sample(kind: str, predict: Callable[[Tensor, Tensor], Tensor], noise: Tensor, steps: int) -> Tensor:
    """The solver that a manifest names."""
    return {"ddim": sample_ddim, "dpmpp-2m": sample_dpmpp}[kind](predict, noise, steps)


def guided(
    predict: Callable[[Tensor, Tensor, Tensor], Tensor], context: Tensor, empty: Tensor, guidance: float
) -> Callable[[Tensor, Tensor], Tensor]:
    """Classifier-free guidance as one call of twice the batch: u + guidance * (c - u)."""

    def both(x: Tensor, timestep: Tensor) -> Tensor:
        if guidance == 1:
            return predict(x, timestep.expand(len(x)), context)
        v = predict(torch.cat([x, x]), timestep.expand(2 * len(x)), torch.cat([empty, context]))
        without, with_words = v.chunk(2)
        return without + guidance * (with_words - without)

    return both
