"""The stage: where spots of ink lie in the world, and layers seen from elsewhere. Numbers of frames are `[N, 1, 1]`, pictures `[N, C, H, W]`."""

import torch
import torch.nn.functional as F
from torch import Tensor

from modeling.pocket.ink import COLOURS

HORIZON = -0.16  #: as in `modeling.world.motion`


class Stage:
    """`x` `[1, 1, W]`, `y` `[1, H, 1]` of the spots; the picture is 2 high, y points up, (0, 0) is the middle."""

    def __init__(self, rows: int, columns: int, device: torch.device):
        self.pixel = 2 / rows
        self.half_width = columns / rows
        self.x = ((torch.arange(columns, device=device) + 0.5) * self.pixel - self.half_width).view(1, 1, -1)
        self.y = (1 - (torch.arange(rows, device=device) + 0.5) * self.pixel).view(1, -1, 1)

    def look(self, layer: Tensor, x: Tensor, y: Tensor, beyond: str = "border") -> Tensor:
        """A layer as it is at places `x`, `y` (broadcastable to `[N, H, W]`); `beyond` its edge lies its `border`, its `reflection`, or `zeros`."""
        places = torch.stack(torch.broadcast_tensors(x / self.half_width, -y), dim=-1)
        places = places.expand(layer.shape[0], self.y.shape[1], self.x.shape[2], 2)
        return F.grid_sample(layer, places, padding_mode=beyond, align_corners=False)

    def cut_out(self, ink: Tensor, alpha: Tensor, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Ink and what it covers as they are at other places; nothing lies beyond the edge."""
        both = self.look(torch.cat([ink, alpha], dim=1), x, y)
        across, up = ((half - k.abs()) / self.pixel + 0.5 for k, half in ((x, self.half_width), (y, 1.0)))
        there = across.clamp(0, 1) * up.clamp(0, 1)
        return both[:, :-1], both[:, -1:] * there.unsqueeze(1)

    def mirrored(self, ink: Tensor, alpha: Tensor, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """As `cut_out`, with the mirror image beyond the edge."""
        both = self.look(torch.cat([ink, alpha], dim=1), x, y, "reflection")
        return both[:, :-1], both[:, -1:]

    def inside(self, distance: Tensor) -> Tensor:
        """`[N, H, W]`, negative inside, to how much of a spot is inside, `[N, 1, H, W]`."""
        return (0.5 - distance / self.pixel).clamp(0, 1).unsqueeze(1)


def ease(t: Tensor) -> Tensor:
    """0..1 to 0..1 with no speed at both ends."""
    t = t.clamp(0, 1)
    return t * t * (3 - 2 * t)


def part(t: Tensor, start: float, end: float) -> Tensor:
    """How far a movement from `start` to `end` has come, eased."""
    return ease((t - start) / (end - start))


def mix(a: Tensor, b: Tensor, share: Tensor) -> Tensor:
    """From `a` to `b`."""
    return a + (b - a) * share


def cover(below: Tensor, over: Tensor, alpha: Tensor) -> Tensor:
    """A layer on others."""
    return below + (over - below) * alpha


def relit(ink: Tensor, light: Tensor) -> Tensor:
    """Ink times a light `[N, 3, 1, 1]`, or any that broadcasts to it."""
    details = light.mean(1, keepdim=True)
    return torch.cat([(ink[:, :COLOURS] + 1) * light - 1, ink[:, COLOURS:] * details], dim=1)


def wide(t: Tensor) -> Tensor:
    """`[N, 1, 1]` to `[N, 1, 1, 1]`."""
    return t.unsqueeze(1)
