"""Probe: what a clip shows, by kind of word. A small network per frame, then one look at all frames together."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True)
class ProbeConfig:
    """Widths at 1/8 and 1/16 of the picture, features per frame, frames, and the number of words per kind."""

    kinds: tuple[tuple[str, int], ...]
    widths: tuple[int, int] = (32, 64)
    features: int = 96
    spots: int = 16
    frames: int = 16


class Probe(nn.Module):
    """Frames `[B, 16, 3, h, w]` in -1..1 to logits `[B, n]` per kind of word, in the order of the config."""

    def __init__(self, config: ProbeConfig):
        super().__init__()
        near, far = config.widths
        self.config = config
        self.eye = nn.Sequential(
            nn.PixelUnshuffle(2),
            nn.Conv2d(12, near, 3, stride=2, padding=1),
            nn.GroupNorm(4, near),
            nn.SiLU(),
            nn.Conv2d(near, far, 3, padding=1),
            nn.GroupNorm(8, far),
            nn.SiLU(),
            nn.Conv2d(far, far, 3, stride=2, padding=1),
            nn.GroupNorm(8, far),
            nn.SiLU(),
            nn.Conv2d(far, far, 3, padding=1),
            nn.GroupNorm(8, far),
            nn.SiLU(),
        )
        self.where = nn.Conv2d(far, config.spots, 1)
        self.frame = nn.Linear(2 * far + 2 * config.spots + far * config.spots, config.features)
        self.film = nn.Sequential(nn.SiLU(), nn.Linear(config.features * config.frames, 256), nn.SiLU())
        self.heads = nn.ModuleList(nn.Linear(256 + config.features, words) for _, words in config.kinds)

    def forward(self, frames: Tensor) -> tuple[Tensor, ...]:
        return self.judge(F.avg_pool2d(frames.flatten(0, 1), 2).unflatten(0, frames.shape[:2]))

    def judge(self, halves: Tensor) -> tuple[Tensor, ...]:
        """The same for frames that are at half size already."""
        batch, count = halves.shape[:2]
        seen = self.eye(halves.flatten(0, 1))
        each = self.frame(self._describe(seen)).unflatten(0, (batch, count))
        whole = torch.cat([self.film(each.flatten(1)), F.silu(each).mean(1)], dim=1)
        return tuple(head(whole) for head in self.heads)

    def _describe(self, seen: Tensor) -> Tensor:
        """Mean and maximum of the features, and where and what each of a few attended spots is."""
        rows, columns = seen.shape[-2:]
        weight = self.where(seen).flatten(2).softmax(-1)  # [N, spots, rows * columns]
        y = torch.linspace(-1, 1, rows).view(-1, 1).expand(rows, columns).flatten()
        x = torch.linspace(-1, 1, columns).view(1, -1).expand(rows, columns).flatten()
        spots = torch.einsum("nsp,ncp->nsc", weight, seen.flatten(2)).flatten(1)
        return torch.cat([seen.mean((2, 3)), seen.amax((2, 3)), weight @ y, weight @ x, spots], dim=1)
