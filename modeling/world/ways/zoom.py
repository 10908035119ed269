"""Zoom: a window in the object's own shape opens in it and comes over the camera."""

import math

import torch
from torch import Tensor

from modeling.world.palette import COLOURS, LIGHTS
from modeling.world.shapes import coverage
from modeling.world.ways.actor import paint_scene
from modeling.world.ways.easing import ease, part
from modeling.world.ways.eye import Eye, cover
from modeling.world.ways.join import Join
from modeling.world.ways.strokes import Player, silhouette

_NEARER = 2.1  #: logarithm of how much nearer the camera comes
_RIM = 0.05


def zoom(join: Join, t: float, eye: Eye) -> Tensor:
    """A frame `[1, 3, h, w]`."""
    a, b, one, two, clock = join.first, join.second, join.one, join.two, join.clock(t)
    if t <= 0 or t >= 1:
        return paint_scene(*((b, two) if t >= 1 else (a, one)), eye, clock)
    centre, opened = part(t, 0, 0.7), part(t, 0.0, 0.42)
    outer = eye.moved(one.x * centre, one.y * centre, math.exp(_NEARER * ease(t)))
    picture = paint_scene(a, one, outer, clock, with_object=opened < 1)
    scale = max(opened, 0.02)
    x, y = outer.axes()
    u, v = torch.broadcast_tensors((x - one.x) / one.size / scale, (y - one.y) / one.size / scale)
    shape = scale * silhouette(Player(a.object, a.colour, one.facing, 0.0), u, v, clock, one.way(a)) - 0.95 * part(t, 0.62, 1.0)
    dark = tuple(0.42 * c * k for c, k in zip(COLOURS[a.colour], LIGHTS[a.sky].objects, strict=True))
    pixel = outer.pixel / one.size
    cover(picture, torch.tensor(dark).view(1, 3, 1, 1), coverage(shape - _RIM * scale, pixel))
    inner = paint_scene(b, two, eye.moved(zoom=0.80 + 0.20 * ease(t)), clock)
    return cover(picture, inner, coverage(shape, pixel))
