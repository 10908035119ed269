"""The five places: what lies below the horizon and in the distance."""

import random

import torch
from torch import Tensor

from modeling.world.brush import Brush
from modeling.world.motion import HORIZON
from modeling.world.palette import GROUNDS, LIGHTS, RGB, WOOD
from modeling.world.shapes import box, capsule, circle, coverage, ellipse, polygon


def paint_place(brush: Brush, place: str, sky: str, layout: int, camera: Tensor) -> None:
    """Paint distance and ground over the sky; `camera` `[F, 1, 1]` moves the distance by a third, the ground fully."""
    rng = random.Random(f"place/{place}/{layout}")
    far, near = brush.u + 0.35 * camera, brush.u + camera
    {"meadow": _hills, "beach": _islands, "snow": _mountains, "sea": _nothing, "city": _skyline}[place](brush, far, rng, sky)
    _ground(brush, place, sky)
    {"meadow": _flowers, "beach": _dunes, "snow": _drifts, "sea": _waves, "city": _road}[place](brush, near, rng, sky)


def _mix(a: RGB, b: RGB, share: float) -> RGB:
    return tuple(x + (y - x) * share for x, y in zip(a, b, strict=True))


def _distant(colour: RGB, sky: str, haze: float) -> RGB:
    light = LIGHTS[sky]
    return _mix(tuple(c * t for c, t in zip(colour, light.ground, strict=True)), light.haze, haze)


def _ground(brush: Brush, place: str, sky: str) -> None:
    light = LIGHTS[sky]
    far, near = (
        torch.tensor(c, dtype=torch.float32).view(3, 1, 1) * torch.tensor(light.ground, dtype=torch.float32).view(3, 1, 1) for c in GROUNDS[place]
    )
    depth = ((HORIZON - brush.v) / (1 + HORIZON)).clamp(0, 1).unsqueeze(-3)
    colour = far + (near - far) * depth.sqrt()
    colour = colour + (torch.tensor(light.haze, dtype=torch.float32).view(3, 1, 1) - colour) * (0.35 * (1 - depth * 6).clamp(min=0))
    brush.picture.lerp_(colour.expand_as(brush.picture), coverage(brush.v - HORIZON, brush.pixel).unsqueeze(-3).expand_as(brush.picture))


def _nothing(brush: Brush, x: Tensor, rng: random.Random, sky: str) -> None:
    return


def _ridge(brush: Brush, x: Tensor, phase: float, height: float, wave: float, colour: RGB) -> None:
    top = HORIZON + height * (0.55 + 0.30 * torch.sin(wave * x + phase) + 0.15 * torch.sin(2.3 * wave * x + 2 * phase))
    brush.fill(brush.v - top, colour, lit=True)


def _hills(brush: Brush, x: Tensor, rng: random.Random, sky: str) -> None:
    _ridge(brush, x, rng.uniform(0, 6), 0.36, 1.5, _distant((0.36, 0.60, 0.52), sky, 0.50))
    _ridge(brush, x * 1.2, rng.uniform(0, 6), 0.20, 2.2, _distant((0.36, 0.66, 0.32), sky, 0.22))


def _islands(brush: Brush, x: Tensor, rng: random.Random, sky: str) -> None:
    _ridge(brush, x, rng.uniform(0, 6), 0.16, 1.3, _distant((0.40, 0.60, 0.62), sky, 0.55))


def _mountains(brush: Brush, x: Tensor, rng: random.Random, sky: str) -> None:
    for k in range(5):
        peak, height, half = -1.9 + 0.95 * k + rng.uniform(-0.12, 0.12), rng.uniform(0.30, 0.52), rng.uniform(0.55, 0.75)
        base = HORIZON - 0.02
        brush.fill(
            polygon(x, brush.v, (peak - half, base), (peak + half, base), (peak, base + height)), _distant((0.56, 0.64, 0.78), sky, 0.30), lit=True
        )
        cap = height * 0.38
        side = half * 0.38
        snow = polygon(x, brush.v, (peak - side, base + height - cap), (peak + side, base + height - cap), (peak, base + height))
        brush.fill(snow, _distant((0.96, 0.98, 1.0), sky, 0.15), lit=True)


def _skyline(brush: Brush, x: Tensor, rng: random.Random, sky: str) -> None:
    window = _mix(_distant((0.72, 0.80, 0.88), sky, 0.1), (1.0, 0.86, 0.48), LIGHTS[sky].lamps)
    for k in range(11):
        middle, half, height = -2.05 + 0.41 * k, rng.uniform(0.14, 0.19), rng.uniform(0.22, 0.62)
        colour = _distant(rng.choice(((0.62, 0.60, 0.68), (0.70, 0.62, 0.60), (0.56, 0.62, 0.70))), sky, 0.25)
        wall = box(x, brush.v, middle, HORIZON + height / 2, half, height / 2)
        brush.fill(wall, colour, lit=True)
        columns = ((x - middle + half) / half) % 1 - 0.5
        rows = ((brush.v - HORIZON) / 0.15) % 1 - 0.55
        panes = torch.maximum((columns.abs() - 0.22) * half, (rows.abs() - 0.24) * 0.15)
        brush.fill(torch.maximum(panes, wall + 0.02), window, 0.75, lit=True)


def _flowers(brush: Brush, x: Tensor, rng: random.Random, sky: str) -> None:
    _bands(brush, x, rng, (0.62, 0.82, 0.36), 0.30)
    for _ in range(9):
        px, py = rng.uniform(-2.2, 2.2), rng.uniform(-0.97, -0.40)
        petal = rng.choice(((1.0, 0.98, 0.92), (1.0, 0.86, 0.35), (0.98, 0.62, 0.72)))
        size = 0.020 + 0.030 * (-0.3 - py)
        brush.fill(circle(x, brush.v, px, py, size), petal)
        brush.fill(circle(x, brush.v, px, py, size * 0.4), (0.95, 0.70, 0.20))


def _dunes(brush: Brush, x: Tensor, rng: random.Random, sky: str) -> None:
    sea = torch.maximum(brush.v - HORIZON, (HORIZON - 0.10 - 0.015 * torch.sin(2.1 * x + rng.uniform(0, 6))) - brush.v)
    brush.fill(sea, (0.26, 0.64, 0.78))
    brush.fill(sea.abs() - 0.008, (0.97, 0.99, 1.0), 0.7)
    _bands(brush, x, rng, (1.0, 0.93, 0.74), 0.45)
    side = rng.choice((-1.45, 1.45))
    lean = 0.075 if side < 0 else -0.075
    brush.fill(capsule(x, brush.v, side, -0.34, side + lean, 0.16, 0.04), WOOD)
    for a, b in ((-0.20, 0.06), (0.20, 0.06), (-0.13, -0.05), (0.15, -0.06), (0.0, 0.10)):
        brush.fill(ellipse(x, brush.v, side + lean + a, 0.14 + b, 0.17, 0.055), (0.22, 0.56, 0.26))


def _drifts(brush: Brush, x: Tensor, rng: random.Random, sky: str) -> None:
    _bands(brush, x, rng, (1.0, 1.0, 1.0), 0.65)
    for px in (rng.uniform(-1.7, -1.2), rng.uniform(-0.5, 0.4), rng.uniform(1.2, 1.7)):
        for k in range(3):
            low = HORIZON - 0.03 + 0.10 * k
            tier = polygon(x, brush.v, (px - 0.12 + 0.03 * k, low), (px + 0.12 - 0.03 * k, low), (px, low + 0.16))
            brush.fill(tier, _distant((0.16, 0.42, 0.32), sky, 0.12), lit=True)


def _waves(brush: Brush, x: Tensor, rng: random.Random, sky: str) -> None:
    for k in range(6):
        depth = (k + 0.7) / 6
        y = HORIZON - (1 + HORIZON) * depth**1.35
        crest = y + 0.018 * (0.4 + depth) * torch.sin(x * (9 - 5 * depth) + rng.uniform(0, 6))
        brush.fill((brush.v - crest).abs() - 0.007 - 0.009 * depth, (0.72, 0.90, 0.97), 0.45)


def _road(brush: Brush, x: Tensor, rng: random.Random, sky: str) -> None:
    brush.fill(torch.maximum(brush.v - HORIZON, HORIZON - 0.13 - brush.v), (0.72, 0.70, 0.68))
    brush.fill((brush.v - HORIZON + 0.14).abs() - 0.012, (0.88, 0.87, 0.84))
    dash = ((x + 0.1 * rng.random()) / 0.62 % 1 - 0.5).abs() * 0.62 - 0.17
    brush.fill(torch.maximum(dash, (brush.v + 0.80).abs() - 0.022), (0.98, 0.95, 0.82))


def _bands(brush: Brush, x: Tensor, rng: random.Random, colour: RGB, opacity: float) -> None:
    for k in range(3):
        y = -0.34 - 0.22 * k
        top = y + 0.05 * torch.sin(1.6 * x + rng.uniform(0, 6))
        depth = (top - brush.v) / (0.16 + 0.04 * k)
        brush.blend(opacity * (1 - depth).clamp(0, 1) * coverage(-depth * 0.2, brush.pixel), colour)
