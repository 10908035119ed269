"""Reads from both ends of a join and its words which way is taken, and to which side."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from modeling.pocket.ink import FINE
from modeling.pocket.theatre.backdrops import TOLD
from modeling.pocket.theatre.parts import Parts

WAYS = ("flow", "pan", "ride", "zoom", "rise", "page", "shot")  #: a shot is none: both ends are of one scene
_BOX = 5
_WIDTH = 192


class Director(nn.Module):
    """Two layers over the sums of the words, and what is seen in both ends."""

    def __init__(self, channels: int, context_width: int):
        super().__init__()
        self.words = nn.Linear(context_width, _WIDTH)
        self.ends = nn.Linear(2 * (channels + TOLD + _BOX), _WIDTH)
        self.both = nn.Sequential(nn.SiLU(), nn.Linear(_WIDTH, _WIDTH), nn.SiLU(), nn.Linear(_WIDTH, len(WAYS) + 1))

    def forward(self, words: Tensor, first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
        """`words` `[N, D]`: an eighth of the sum over the tokens; ends as of `describe`. Marks of `WAYS` `[N, 7]`, and of the right side `[N]`."""
        said = self.both(self.words(words) + self.ends(torch.cat([first, second], dim=1)))
        return said[:, :-1], said[:, -1]


def describe(latents: Tensor, parts: Parts, told: Tensor) -> Tensor:
    """What the director is told of pictures, `[N, C + TOLD + 5]`: what their objects look like, their backdrops, where the objects are."""
    cells = F.avg_pool2d(parts.thing_cover, FINE)
    looks = (latents * cells).sum((2, 3)) / (cells.sum((2, 3)) + 0.1)
    return torch.cat([looks, told, parts.box], dim=1)
