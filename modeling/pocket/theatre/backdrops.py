"""The backdrops that the theatre owns: every place under every sky, as latents, and which spots of them are land, clouds, and disc."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from modeling.pocket.ink import FINE

SKIES, PLACES, CAMERAS = 4, 5, 3
BACKDROPS = SKIES * PLACES * CAMERAS
HEIGHT, WIDTH = 9, 16  #: cells
BEHIND = 3  #: pictures of each: whole; its sky without land; its air, without clouds and disc
TOLD = SKIES + PLACES + 3 + 1  #: sky, place, tint of the ground, camera
_FAR = 1.0  #: how much a cell that differs shows of a backdrop falls to nothing here, in mean square
_NEAR = 0.3  #: a cell that differs by less shows it
_LEAST = 0.55  #: so much of a picture shows its backdrop, or the theatre does not own it
_SHARP = 400.0


@dataclass(frozen=True)
class Backdrop:
    """Of pictures: latents `[N, 3, C, h, w]`, what land, clouds and disc cover `[N, 3, 4h, 4w]`, facts `[N, TOLD]`, and whether it is ours `[N]`."""

    behind: Tensor
    covers: Tensor
    told: Tensor
    owned: Tensor


class Backdrops(nn.Module):
    """Finds the backdrop of a picture: the one that most of its cells show."""

    def __init__(self, channels: int):
        super().__init__()
        self.behind = nn.Parameter(torch.zeros(BACKDROPS, BEHIND, channels, HEIGHT, WIDTH), requires_grad=False)
        self.covers = nn.Parameter(torch.zeros(BACKDROPS, 3, HEIGHT * FINE, WIDTH * FINE), requires_grad=False)
        self.told = nn.Parameter(torch.zeros(BACKDROPS, TOLD), requires_grad=False)

    def forward(self, latents: Tensor) -> Backdrop:
        """`[N, C, h, w]`; backdrops are stretched to that size."""
        size = latents.shape[-2:]
        plates = F.interpolate(self.behind[:, 0], size=size, mode="bilinear", align_corners=False)
        far = (latents.unsqueeze(1) - plates).square().mean(2)  # [N, BACKDROPS, h, w]
        shown = (1 - far / _FAR).clamp(min=0).mean((2, 3))
        best = shown.amax(1, keepdim=True)
        picked = ((shown - best) * _SHARP).softmax(1)

        def pick(kept: Tensor) -> Tensor:
            return (picked @ kept.flatten(1)).unflatten(1, kept.shape[1:])

        behind = F.interpolate(pick(self.behind).flatten(1, 2), size=size, mode="bilinear", align_corners=False).unflatten(1, (BEHIND, -1))
        covers = F.interpolate(pick(self.covers), size=(size[0] * FINE, size[1] * FINE), mode="bilinear", align_corners=False)
        seen = (far < _NEAR).float().mean((2, 3))
        return Backdrop(behind, covers, pick(self.told), ((seen * picked).sum(1) > _LEAST).float())
