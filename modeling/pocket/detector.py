"""Detector: what stands where in a picture, of which colour, in which scene. One small network, one look at a frame."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

STRIDE = 16  #: pixels of the picture to a cell of the maps


@dataclass(frozen=True)
class DetectorConfig:
    """The number of words of each kind, and the widths at 1/4, 1/8 and 1/16 of the picture."""

    objects: int
    colours: int
    places: int
    skies: int
    widths: tuple[int, int, int] = (32, 64, 128)


class Detector(nn.Module):
    """Frames `[B, 3, h, w]` in -1..1 to maps per cell and words per frame; see `forward`."""

    def __init__(self, config: DetectorConfig):
        super().__init__()
        near, middle, far = config.widths
        self.config = config
        self.eye = nn.Sequential(
            nn.PixelUnshuffle(2),
            *_layer(12, near, 1),
            *_layer(near, middle, 2),
            *_layer(middle, middle, 1),
            *_layer(middle, far, 2),
            *_layer(far, far, 1),
            *_layer(far, far, 1),
        )
        self.presence = nn.Conv2d(far, 1, 1)
        self.object = nn.Conv2d(far, config.objects, 1)
        self.colour = nn.Conv2d(far, config.colours, 1)
        self.box = nn.Conv2d(far, 4, 1)
        self.place = nn.Linear(2 * far, config.places)
        self.sky = nn.Linear(2 * far, config.skies)

    def forward(self, frames: Tensor) -> tuple[Tensor, ...]:
        return self.judge(F.avg_pool2d(frames, 2))

    def judge(self, halves: Tensor) -> tuple[Tensor, ...]:
        """The same for frames that are at half size already.

        Returns presence `[B, r, c]` (logit that an object has its centre in the cell), object `[B, n, r, c]`, colour `[B, n, r, c]`, box
        `[B, 4, r, c]` (left, top, right, bottom in pixels), place `[B, n]`, sky `[B, n]`, and two features of the frame for comparing
        frames: subject `[B, far]` (where objects are) and background `[B, far]` (everywhere else).
        """
        seen = self.eye(halves)
        presence = self.presence(seen).squeeze(1)
        whole = torch.cat([seen.mean((2, 3)), seen.amax((2, 3))], dim=1)
        share = presence.sigmoid().unsqueeze(1)
        words = self.object(seen), self.colour(seen), self._boxes(self.box(seen)), self.place(whole), self.sky(whole)
        return presence, *words, _describe(seen, share), _describe(seen, 1 - share)

    def _boxes(self, raw: Tensor) -> Tensor:
        """Offset of the centre from the middle of the cell, and the logarithm of half the sides in cells, to edges in pixels."""
        rows, columns = raw.shape[-2:]
        y = torch.arange(rows, dtype=raw.dtype).view(1, -1, 1) + 0.5 + raw[:, 1]
        x = torch.arange(columns, dtype=raw.dtype).view(1, 1, -1) + 0.5 + raw[:, 0]
        half_width, half_height = raw[:, 2].clamp(-4, 4).exp(), raw[:, 3].clamp(-4, 4).exp()
        return torch.stack([x - half_width, y - half_height, x + half_width, y + half_height], dim=1) * STRIDE


def _describe(seen: Tensor, share: Tensor) -> Tensor:
    """The mean of the cells by their share, around its own mean: so two pictures of different things have a cosine near zero."""
    mean = (seen * share).sum((2, 3)) / (share.sum((2, 3)) + 1e-4)
    return mean - mean.mean(1, keepdim=True)


def _layer(inputs: int, outputs: int, stride: int) -> tuple[nn.Module, ...]:
    return nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1), nn.GroupNorm(8, outputs), nn.SiLU()
