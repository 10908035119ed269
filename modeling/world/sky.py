"""The sky: a gradient, and sun, moon, stars or clouds."""

import random

import torch
from torch import Tensor

from modeling.world.brush import Brush
from modeling.world.motion import HORIZON
from modeling.world.palette import LIGHTS
from modeling.world.shapes import circle, coverage, union

_CLOUD = ((-0.20, 0.0, 0.085), (-0.09, 0.055, 0.115), (0.05, 0.07, 0.13), (0.17, 0.02, 0.095), (0.0, -0.02, 0.10))


def paint_sky(brush: Brush, sky: str, layout: int, camera: Tensor) -> None:
    """Fill the whole picture; clouds follow the camera a little."""
    light, rng = LIGHTS[sky], random.Random(f"sky/{sky}/{layout}")
    height = ((brush.v - HORIZON) / (1 - HORIZON)).clamp(0, 1).unsqueeze(-3)
    top, middle, horizon = (torch.tensor(c, dtype=torch.float32).view(3, 1, 1) for c in (light.top, light.middle, light.horizon))
    lower = (height / 0.45).clamp(max=1)
    upper = ((height - 0.45) / 0.55).clamp(min=0)
    brush.picture.copy_(horizon + (middle - horizon) * lower + (top - middle) * upper)

    side = (-1.12, 0.62, 1.18)[layout]
    if sky == "day":
        brush.glow(side, 0.66, 0.42, (1.0, 0.97, 0.80), 0.75)
        brush.fill(circle(brush.u, brush.v, side, 0.66, 0.125), (1.0, 0.95, 0.58), lit=True)
    elif sky == "sunset":
        brush.glow(side * 0.6, 0.02, 0.75, (1.0, 0.86, 0.50), 0.85)
        brush.fill(circle(brush.u, brush.v, side * 0.6, 0.02, 0.17), (1.0, 0.93, 0.66), lit=True)
    elif sky == "night":
        _stars(brush, rng)
        brush.glow(side, 0.62, 0.36, (0.55, 0.62, 0.90), 0.50)
        moon = circle(brush.u, brush.v, side, 0.62, 0.125)
        brush.fill(moon, (0.97, 0.95, 0.82), lit=True)
        brush.fill(torch.maximum(moon, circle(brush.u, brush.v, side + 0.035, 0.64, 0.04)), (0.86, 0.84, 0.74), lit=True)
    _clouds(brush, sky, rng, camera)


def _stars(brush: Brush, rng: random.Random) -> None:
    for _ in range(22):
        x, y, radius = rng.uniform(-1.75, 1.75), rng.uniform(0.05, 0.96), rng.uniform(0.010, 0.019)
        brush.glow(x, y, radius, (0.95, 0.96, 1.0), 0.95)


def _clouds(brush: Brush, sky: str, rng: random.Random, camera: Tensor) -> None:
    if sky == "storm":
        shift = rng.uniform(-0.2, 0.2)
        places = [(-1.35 + shift, 0.62, 2.1), (1.15 + shift, 0.70, 2.3), (-0.10 + shift, 0.52, 1.7)]
        body, belly = (0.34, 0.37, 0.43), (0.24, 0.26, 0.32)
    elif sky == "night":
        return
    else:
        shift = rng.uniform(-0.3, 0.3)
        places = [(-1.2 + shift, 0.50, 1.25), (-0.15 + shift, 0.78, 1.0), (0.95 + shift, 0.44, 1.35)]
        body, belly = ((1, 1, 1), (0.80, 0.88, 0.97)) if sky == "day" else ((1.0, 0.72, 0.58), (0.83, 0.46, 0.48))
    for x, y, size in places:
        centre = brush.u - x + 0.15 * camera
        inside = union(*(circle(centre / size, (brush.v - y) / size, *puff) for puff in _CLOUD)) * size
        flat = torch.maximum(inside, (y - 0.05 * size) - brush.v)
        brush.fill(flat, body, 0.95, lit=True)
        shade = ((y + 0.10 * size - brush.v) / (0.15 * size)).clamp(0, 1)
        brush.blend(coverage(flat, brush.pixel) * shade * 0.75, belly, lit=True)
