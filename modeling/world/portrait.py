"""Portraits: the picture of a subject alone, on white, cropped to a square as the pipeline crops what a creator gives."""

import torch
from torch import Tensor

from modeling.world.brush import Brush
from modeling.world.objects import paint_object
from modeling.world.scene import Scene

_REACH = 1.3  #: no object reaches farther from its centre, in its own unit
_MARGIN = 1 / 16  #: of the side, on each side


@torch.no_grad()
def render_portrait(scene: Scene, size: int, time: float = 0.25, background: float = 1.0) -> Tensor:
    """`[3, size, size]`, 0..1: the object of a scene with its look, looking right, by daylight, in the middle of the square."""
    centre, reach = _frame(scene, time)
    return _paint(scene, size, time, centre, reach, background).clamp_(0, 1)


def _frame(scene: Scene, time: float, size: int = 96) -> tuple[tuple[float, float], float]:
    """Centre and half side of the square around the object, from where its picture hides what is behind it."""
    white, black = (_paint(scene, size, time, (0, 0), _REACH, shade) for shade in (1.0, 0.0))
    hidden = (white - black).amax(0) < 0.5
    step = 2 * _REACH / size
    rows, columns = (hidden.any(axis).nonzero().flatten() for axis in (1, 0))
    left, right = (columns[0].item() * step - _REACH, (columns[-1].item() + 1) * step - _REACH)
    top, bottom = (_REACH - rows[0].item() * step, _REACH - (rows[-1].item() + 1) * step)
    side = max(right - left, top - bottom) / (1 - 2 * _MARGIN)
    return ((left + right) / 2, (top + bottom) / 2), side / 2


def _paint(scene: Scene, size: int, time: float, centre: tuple[float, float], reach: float, background: float) -> Tensor:
    unit = (torch.arange(size) + 0.5) * (2 * reach / size) - reach
    picture = torch.full((1, 3, size, size), background)
    u = (unit + centre[0]).view(1, 1, -1).expand(1, size, -1)
    v = (centre[1] - unit).view(1, -1, 1).expand(1, -1, size)
    brush = Brush(picture, u.contiguous(), v.contiguous(), 2 * reach / size)
    moment = torch.full((1, 1, 1), time)
    paint_object(brush, scene.object, scene.colour, moment, torch.zeros_like(moment), scene.look)
    return picture[0]
