"""The object of a join on its way: its outline turns into the other's and is sharp at every time; what it is made of changes inside of it."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from modeling.pocket.theatre.parts import Parts
from modeling.pocket.theatre.stage import Stage, cover, ease, mix, part, relit, wide

_SOFT = 7  #: spots over which outlines are mixed
_HOP = 0.25


@dataclass(frozen=True)
class Actor:
    """The object of frames: its ink, what it covers `[N, 1, H, W]`, and how dark its shadow is."""

    ink: Tensor
    alpha: Tensor
    shadow: Tensor

    def on(self, picture: Tensor) -> Tensor:
        """Painted on a picture."""
        return cover(relit(picture, 1 - self.shadow), self.ink, self.alpha)


def play_actor(a: Parts, b: Parts, t: Tensor, stage: Stage, hops: Tensor) -> Actor:
    """The object between two, at `t` `[N, 1, 1]`; `hops` `[N, 1, 1]`: whether it jumps a little while it changes."""
    share, morph = ease(t), part(t, 0.2, 0.8)
    boxes = [[k.view(-1, 1, 1) for k in end.box.unbind(1)] for end in (a, b)]
    x, y, across, up, ground = (mix(one, two, share) for one, two in zip(*boxes, strict=True))
    y = y + hops * _HOP * up * torch.sin(torch.pi * morph) ** 2
    shadows, inks, covers = [], [], []
    for end, (own_x, own_y, own_across, own_up, own_ground) in zip((a, b), boxes, strict=True):
        at = own_x + (stage.x - x) / across * own_across
        shadows.append(stage.look(end.shadow, at, own_ground + (stage.y - ground) / up * own_up, "zeros"))
        ink, alpha = stage.cut_out(end.thing, end.thing_cover, at, own_y + (stage.y - y) / up * own_up)
        inks.append(ink)
        covers.append(alpha)
    return Actor(mix(*inks, wide(part(morph, 0.3, 0.7))), between(*covers, wide(morph)), mix(*shadows, wide(share)))


def between(first: Tensor, second: Tensor, share: Tensor) -> Tensor:
    """An outline between two, `[N, 1, H, W]`: both are blurred, mixed and cut sharp where half of a spot would be covered."""
    away = (4 * share * (1 - share)).clamp(0, 1)
    soft = mix(*(F.avg_pool2d(k, _SOFT, 1, _SOFT // 2) for k in (first, second)), share)
    plain = mix(first, second, share)
    field = mix(plain, soft, (away * 3).clamp(0, 1))
    sharp = ((field - 0.5) * (1 + 5 * away) + 0.5).clamp(0, 1)
    both = torch.minimum(first, second)
    return torch.maximum(sharp, both)
