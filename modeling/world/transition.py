"""A smooth way from one scene to another: the place and the light melt while one object shrinks away and the other grows."""

from dataclasses import replace

import torch
from torch import Tensor

from modeling.world.motion import Pose, pose
from modeling.world.render import Window, paint_actor, render_background
from modeling.world.scene import Scene

_NOTHING = 0.04  #: an object smaller than this share of its size is not painted


def ease(t: Tensor) -> Tensor:
    """0..1 to 0..1 with no speed at both ends."""
    return t * t * (3 - 2 * t)


@torch.no_grad()
def render_transition(first: Scene, second: Scene, times: Tensor, window: Window, leaves_at: float = 1.0, enters_at: float = 0.0) -> Tensor:
    """Frames `[F, 3, rows, columns]`, 0..1, at `times` `[F]`: 0 is `first` at its time `leaves_at`, 1 is `second` at `enters_at`."""
    from_pose, to_pose = (pose(s, torch.tensor([t])) for s, t in ((first, leaves_at), (second, enters_at)))
    start, end = (render_background(s, p.camera, window) for s, p in ((first, from_pose), (second, to_pose)))
    share = ease(times).view(-1, 1, 1, 1)
    picture = start + (end - start) * share
    _paint_scaled(picture, first, from_pose, 1 - ease((times * 2).clamp(0, 1)), window)
    _paint_scaled(picture, second, to_pose, ease((times * 2 - 1).clamp(0, 1)), window)
    return picture.clamp_(0, 1)


def _paint_scaled(picture: Tensor, scene: Scene, at: Pose, scale: Tensor, window: Window) -> None:
    """Paint the object with its feet in place, `scale` `[F]` times as large."""
    shown = torch.nonzero(scale > _NOTHING).flatten()
    if len(shown) == 0:
        return
    scale = scale[shown]
    still = {name: getattr(at, name).expand(len(shown)) for name in ("x", "y", "size", "ground", "camera", "time")}
    lift = still["y"] - still["ground"]
    scaled = replace(at, **{**still, "size": still["size"] * scale, "y": still["ground"] + lift * scale})
    part = picture[shown]
    paint_actor(part, scene, scaled, window)
    picture[shown] = part
