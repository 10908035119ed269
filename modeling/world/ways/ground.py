"""Two places in one picture with a sharp border: one that pops up out of the other as in a book, or both side by side."""

from collections.abc import Callable

import torch
from torch import Tensor

from modeling.world.brush import Brush
from modeling.world.motion import HORIZON
from modeling.world.palette import Light
from modeling.world.places import CELL, FIRST_HOUSE, Place, paint_place
from modeling.world.shapes import coverage
from modeling.world.ways.easing import ease_each, part, sprout
from modeling.world.ways.eye import cover

_LEFT, _ACROSS = 1.8, 3.6  #: a wave from left to right begins here and is so long
_SLOPE = 0.55  #: how far from the border the distance begins to sink to it


def pop_up(brush: Brush, light: Light, first: Place, second: Place, t: float, camera: float) -> None:
    """The first distance ducks behind the horizon, the second ground runs in from the front, the second distance rises, trees sprout."""
    if t <= 0 or t >= 1:
        return paint_place(brush, second if t >= 1 else first, light, camera)
    wave = (brush.u + _LEFT) / _ACROSS
    _distance(brush, light, first, camera, lambda w: ease_each(t * 2.6 - w), wave, 1 / _ACROSS)
    _distance(brush, light, second, camera, lambda w: 1 - ease_each((t - 0.42) * 2.6 - 0.5 * w), wave, 1 / _ACROSS)
    first.ground(brush, light, camera)
    first.trees(brush, light, camera, lambda x: 1 - part(t * 1.7 - 0.25 * (x + _LEFT) / _ACROSS, 0.0, 0.5))
    edge = -1.12 + (1.12 + HORIZON + 0.06) * part(t, 0.12, 0.80)
    inside = brush.v - edge - 0.05 * torch.sin(2.2 * brush.u + 5 * t) * (1 - part(t, 0.6, 0.8))
    shadow = (1 - (inside / 0.05).clamp(0, 1)) * (inside > 0) * (brush.v < HORIZON) * 0.16
    new = _ground_of(brush, light, second, camera)
    brush.picture.mul_(1 - shadow.unsqueeze(-3))
    cover(brush.picture, new, coverage(torch.maximum(inside, brush.v - HORIZON), brush.pixel))
    second.trees(brush, light, camera, lambda x: sprout((t - 0.62 - 0.12 * (x + _LEFT) / _ACROSS) / 0.26))


def beside(brush: Brush, light: Light, first: Place, second: Place, border: float, cameras: tuple[float, float], sign: float) -> None:
    """The first place where `sign * x` is less than the border, then the second; both distances sink to the border."""
    across = brush.u * sign
    _distance(brush, light, first, cameras[0], lambda w: ease_each((w - border) / _SLOPE + 1), across, sign)
    _distance(brush, light, second, cameras[1], lambda w: ease_each((border - w) / _SLOPE + 1), across, sign)
    line = border + 0.09 * torch.sin(3.1 * brush.v) + 0.30 * (HORIZON - brush.v)
    first.ground(brush, light, cameras[0])
    new = _ground_of(brush, light, second, cameras[1])
    cover(brush.picture, new, coverage(torch.maximum(line - across, brush.v - HORIZON), brush.pixel))
    first.trees(brush, light, cameras[0], lambda x: float(sign * x < border + 0.1))
    second.trees(brush, light, cameras[1], lambda x: float(sign * x > border + 0.1))


def _ground_of(brush: Brush, light: Light, place: Place, camera: float) -> Tensor:
    over = brush.picture.clone()
    place.ground(Brush(over, brush.u, brush.v, brush.pixel, brush.tint, brush.lamps), light, camera)
    return over


def _distance(brush: Brush, light: Light, place: Place, camera: float, sunk: Callable[[Tensor], Tensor], wave: Tensor, slope: float) -> None:
    """The distance, `sunk` by column as a function of `wave`, which grows by `slope` per unit; the houses of a city move as wholes."""
    if place.name == "city":
        shift = 0.35 * camera - FIRST_HOUSE
        wave = wave + (((brush.u + shift) / CELL).round() * CELL - shift - brush.u) * slope
    place.distance(brush, light, camera, sunk(wave))
