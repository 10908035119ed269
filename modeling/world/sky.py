"""The sky: a gradient, and sun, moon, stars or clouds."""

import random
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from modeling.world.brush import Brush
from modeling.world.motion import HORIZON
from modeling.world.palette import LIGHTS, RGB, Light
from modeling.world.shapes import circle, coverage, union

_CLOUD = ((-0.20, 0.0, 0.085), (-0.09, 0.055, 0.115), (0.05, 0.07, 0.13), (0.17, 0.02, 0.095), (0.0, -0.02, 0.10))
_SIDES = (-1.12, 0.62, 1.18)  #: where sun and moon stand, by layout


@dataclass(frozen=True)
class Body:
    """Sun or moon, and the glow around it."""

    x: float
    y: float
    radius: float
    colour: RGB
    reach: float
    glow: RGB
    strength: float
    is_moon: bool = False


@dataclass(frozen=True)
class Clouds:
    """Three clouds, from left to right: x, y and size of each; their colour, that of their bellies, and which is painted first."""

    spots: tuple[tuple[float, float, float], ...]
    colour: RGB
    belly: RGB
    order: tuple[int, int, int] = (0, 1, 2)


def body_of(sky: str, layout: int) -> Body | None:
    """What shines in a sky."""
    side = _SIDES[layout]
    if sky == "day":
        return Body(side, 0.66, 0.125, (1.0, 0.95, 0.58), 0.42, (1.0, 0.97, 0.80), 0.75)
    if sky == "sunset":
        return Body(side * 0.6, 0.02, 0.17, (1.0, 0.93, 0.66), 0.75, (1.0, 0.86, 0.50), 0.85)
    if sky == "night":
        return Body(side, 0.62, 0.125, (0.97, 0.95, 0.82), 0.36, (0.55, 0.62, 0.90), 0.50, is_moon=True)
    return None


def clouds_of(sky: str, layout: int) -> Clouds:
    """The clouds of a sky; those of the night are out of sight."""
    rng = random.Random(f"sky/{sky}/{layout}")
    if sky == "storm":
        k = rng.uniform(-0.2, 0.2)
        spots = ((-1.35 + k, 0.62, 2.1), (-0.10 + k, 0.52, 1.7), (1.15 + k, 0.70, 2.3))
        return Clouds(spots, (0.34, 0.37, 0.43), (0.24, 0.26, 0.32), (0, 2, 1))
    if sky == "night":
        return Clouds(((-2.7, 0.50, 1.25), (-2.5, 0.78, 1.0), (2.7, 0.44, 1.35)), (0.30, 0.32, 0.48), (0.20, 0.22, 0.38))
    k = rng.uniform(-0.3, 0.3)
    spots = ((-1.2 + k, 0.50, 1.25), (-0.15 + k, 0.78, 1.0), (0.95 + k, 0.44, 1.35))
    return Clouds(spots, (1, 1, 1), (0.80, 0.88, 0.97)) if sky == "day" else Clouds(spots, (1.0, 0.72, 0.58), (0.83, 0.46, 0.48))


def paint_sky(brush: Brush, sky: str, layout: int, camera: Tensor) -> None:
    """Fill the whole picture; clouds follow the camera a little."""
    paint_air(brush, LIGHTS[sky])
    if sky == "night":
        paint_stars(brush, layout)
    if body := body_of(sky, layout):
        paint_body(brush, body)
    if sky != "night":
        paint_clouds(brush, clouds_of(sky, layout), camera)


def paint_air(brush: Brush, light: Light) -> None:
    """The gradient from the horizon up."""
    height = ((brush.v - HORIZON) / (1 - HORIZON)).clamp(0, 1).unsqueeze(-3)
    top, middle, horizon = (torch.tensor(c, dtype=torch.float32).view(3, 1, 1) for c in (light.top, light.middle, light.horizon))
    lower = (height / 0.45).clamp(max=1)
    upper = ((height - 0.45) / 0.55).clamp(min=0)
    brush.picture.copy_(horizon + (middle - horizon) * lower + (top - middle) * upper)


def paint_body(brush: Brush, body: Body) -> None:
    """The glow, and the disc, of which the horizon hides what is below."""
    if body.strength > 0:
        brush.glow(body.x, body.y, body.reach, body.glow, body.strength)
    if body.radius <= 0:
        return
    disc = torch.maximum(circle(brush.u, brush.v, body.x, body.y, body.radius), HORIZON - 0.02 - brush.v)
    brush.fill(disc, body.colour, lit=True)
    if body.is_moon:
        brush.fill(torch.maximum(disc, circle(brush.u, brush.v, body.x + 0.035, body.y + 0.02, 0.04)), (0.86, 0.84, 0.74), lit=True)


def paint_stars(brush: Brush, layout: int, lit: Callable[[int], float] | None = None) -> None:
    """All stars; `lit` says how much the k-th shines, 0..1."""
    rng = random.Random(f"sky/night/{layout}")
    for k in range(22):
        x, y, radius = rng.uniform(-1.75, 1.75), rng.uniform(0.05, 0.96), rng.uniform(0.010, 0.019)
        shine = lit(k) if lit else 1.0
        if shine > 0:
            brush.glow(x, y, radius, (0.95, 0.96, 1.0), 0.95 * shine)


def paint_clouds(brush: Brush, clouds: Clouds, camera: Tensor | float) -> None:
    """Three clouds with flat, darker bellies."""
    for x, y, size in (clouds.spots[i] for i in clouds.order):
        centre = brush.u - x + 0.15 * camera
        inside = union(*(circle(centre / size, (brush.v - y) / size, *puff) for puff in _CLOUD)) * size
        flat = torch.maximum(inside, (y - 0.05 * size) - brush.v)
        brush.fill(flat, clouds.colour, 0.95, lit=True)
        shade = ((y + 0.10 * size - brush.v) / (0.15 * size)).clamp(0, 1)
        brush.blend(coverage(flat, brush.pixel) * shade * 0.75, clouds.belly, lit=True)
