"""Cuts the object and its shadow out of a picture whose backdrop is known."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from modeling.pocket.ink import COLOURS, INK

_AROUND = (3, 7, 15)  #: spots a side over which differences are averaged
FEATURES = INK * (2 + len(_AROUND)) + INK + 3 * COLOURS + 1
_WIDTH = 64


class Cutter(nn.Module):
    """Where a picture differs from its backdrop, near and around, and how: marks of what the object covers, and of how dark its shadow is."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(FEATURES, _WIDTH, 1)
        self.second = nn.Conv2d(_WIDTH, _WIDTH, 1)
        self.last = nn.Conv2d(_WIDTH, 2, 1)

    def forward(self, ink: Tensor, plate: Tensor) -> Tensor:
        """Ink of pictures and of their backdrops, both `[N, INK, H, W]`, to marks `[N, 2, H, W]` of object and shadow."""
        return self.mark(compare(ink, plate))

    def mark(self, features: Tensor) -> Tensor:
        """Features `[N, FEATURES, H, W]` to marks."""
        return self.last(F.silu(self.second(F.silu(self.first(features)))))


def compare(ink: Tensor, plate: Tensor) -> Tensor:
    """How pictures differ from their backdrops, `[N, FEATURES, H, W]`; also from these in a shadow, and in the strongest difference around."""
    differs = ink - plate
    size = differs.abs()
    light, dark = plate[:, :COLOURS] + 1, ink[:, :COLOURS] + 1
    shade = ((dark * light).sum(1, keepdim=True) / (light.square().sum(1, keepdim=True) + 0.05)).clamp(0, 2)
    unshaded = dark - shade * light
    around = [F.avg_pool2d(size, k, 1, k // 2) for k in _AROUND]
    coloured = F.avg_pool2d(unshaded.abs(), 3, 1, 1)
    return torch.cat([differs, size, *around, F.max_pool2d(size, 3, 1, 1), unshaded, coloured, plate[:, :COLOURS], shade], dim=1)
