"""Rise: up above the clouds, where the light changes, and down elsewhere."""

import math

import torch
from torch import Tensor

from modeling.world.palette import Light
from modeling.world.places import Place, paint_place
from modeling.world.shapes import coverage
from modeling.world.ways.actor import paint_actor_between, paint_actor_of
from modeling.world.ways.easing import ease, mix, part
from modeling.world.ways.eye import Eye
from modeling.world.ways.heavens import Heavens, paint_heavens
from modeling.world.ways.join import Join

_TOP = 2.6  #: how high the camera rises
_UP_AND_DOWN = ("rise", "fall")


def rise(join: Join, t: float, eye: Eye) -> Tensor:
    """A frame `[1, 3, h, w]`."""
    height = _TOP * (ease(2 * t) if t < 0.5 else ease(2 - 2 * t))
    share = part(t, 0.22, 0.78)
    heavens = Heavens(join.first.sky, join.second.sky, share, join.layouts)
    light, picture = heavens.light(), eye.blank()
    paint_heavens(eye.moved(dy=0.42 * height).brush(picture, light), heavens, mix(join.one.camera, join.two.camera, share))
    scene, own = (join.first, join.one) if t < 0.5 else (join.second, join.two)
    lifted = eye.moved(dy=height)
    paint_place(lifted.brush(picture, light), Place(scene.place, scene.layout), light, own.camera)
    if _stays(join):
        _bank(eye, picture, light, height, back=True)
        at = join.between(t)
        at = at.at(y=mix(at.y, 0.05, math.sin(math.pi * t) ** 2), ground=at.ground - height)
        paint_actor_between(picture, eye, light, join, ease(t), at, t)
    elif scene.object == "balloon" or scene.motion in _UP_AND_DOWN:  # flies ahead of the camera, or comes down after it
        _bank(eye, picture, light, height, back=True)
        paint_actor_of(picture, eye, light, scene, own.at(y=own.y + 0.8 * height, ground=own.ground - height), join.clock(t))
    else:
        paint_actor_of(picture, lifted, light, scene, own, join.clock(t))
        _bank(eye, picture, light, height, back=True)
    _bank(eye, picture, light, height, back=False)
    return picture


def _stays(join: Join) -> bool:
    """Whether the object flies along with the camera."""
    flies = {scene.motion for scene in (join.first, join.second)} & set(_UP_AND_DOWN)
    return join.same_object and (bool(flies) or join.first.object == "balloon")


def _bank(eye: Eye, picture: Tensor, light: Light, height: float, back: bool) -> None:
    """A bank of clouds across the picture, above which the camera rises; there are two, one behind what flies."""
    level = (2.10 if back else 2.30) - (1.0 if back else 1.16) * height
    white = mix(mix((1.0, 1.0, 1.0), light.ground, 0.75), light.haze, 0.35 if back else 0.08)
    x, v = eye.axes()
    inside = _puffs(x + (0.31 if back else 0.0), v - level, *((0.62, 0.36, 0.22, 3.1) if back else (0.78, 0.45, 0.26, 0.7)))
    brush = eye.brush(picture, light)
    brush.fill(inside, white, lit=True)
    belly = (level + 0.20 - v).clamp(0, 1) * coverage(inside, eye.pixel)
    brush.blend(belly * 0.6, mix(white, light.middle, 0.55), lit=True)


def _puffs(x: Tensor, v: Tensor, period: float, reach: float, tall: float, seed: float) -> Tensor:
    """Distance to a row of upright capsules, one in each `period`, each a little different."""
    cell, inside = (x / period).floor(), None
    for step in (-1, 0, 1):
        k = cell + step
        high, wide = (torch.frac(torch.sin(k * wave + seed) * 43758.5453).abs() for wave in (12.9898, 78.233))
        upright = ((v + 0.5 * reach - 0.14 * high).abs() - tall - 0.05 * wide).clamp(min=0)
        puff = torch.hypot(x - (k + 0.5) * period, upright) - reach * (0.85 + 0.3 * wide)
        inside = puff if inside is None else torch.minimum(inside, puff)
    return inside
