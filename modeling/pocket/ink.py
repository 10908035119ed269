"""Latents as ink: a grid four times as fine, where moving and cutting are what they are in pictures.

A cell of latents holds sixteen by sixteen pixels, and half of one beside half of another is not their mean. So latents are spread out into ink,
laid together there, and gathered again.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

FINE = 4  #: spots of ink to a cell, along each side
INK = 8  #: channels of a spot
COLOURS = 3  #: the first of them, the mean colour of its pixels in -1..1; the others are what the decoder makes details of
_WIDTH = 96


class Ink(nn.Module):
    """Spreads latents, and gathers what was laid together."""

    def __init__(self, channels: int):
        super().__init__()
        self.spread_in = nn.Conv2d(channels, _WIDTH, 3, padding=1)
        self.spread_out = nn.Conv2d(_WIDTH, INK * FINE**2, 3, padding=1)
        self.gather_in = nn.Conv2d((INK + 1) * FINE**2, _WIDTH, 3, padding=1)
        self.gather_out = nn.Conv2d(_WIDTH, channels, 3, padding=1)

    def spread(self, latents: Tensor) -> Tensor:
        """`[N, C, h, w]` to ink `[N, INK, 4h, 4w]`."""
        return F.pixel_shuffle(self.spread_out(F.silu(self.spread_in(latents))), FINE)

    def gather(self, ink: Tensor, covered: Tensor) -> Tensor:
        """Ink, and how much of each spot it covers `[N, 1, 4h, 4w]`, to latents."""
        cells = F.pixel_unshuffle(torch.cat([ink, covered], dim=1), FINE)
        return self.gather_out(F.silu(self.gather_in(cells)))
