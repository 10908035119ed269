"""Frames on the way from one scene to another."""

import torch
from torch import Tensor

from modeling.world.render import Window
from modeling.world.scene import Scene
from modeling.world.ways import WAYS
from modeling.world.ways.eye import Eye
from modeling.world.ways.join import Join
from modeling.world.ways.rule import choose_way


@torch.no_grad()
def render_transition(
    first: Scene, second: Scene, times: Tensor, window: Window, leaves_at: float = 1.0, enters_at: float = 0.0, way: str | None = None
) -> Tensor:
    """Frames `[F, 3, rows, columns]`, 0..1, at `times` `[F]`: 0 is `first` at its time `leaves_at`, 1 is `second` at `enters_at`.

    `way`: one of `WAYS`; without it the one that follows from the scenes.
    """
    paint, join, eye = WAYS[way or choose_way(first, second)], Join(first, second, leaves_at, enters_at), Eye.of(window)
    return torch.cat([paint(join, t, eye) for t in times.tolist()]).clamp_(0, 1)
