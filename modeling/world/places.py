"""The five places: what lies below the horizon and in the distance. Each is painted in three layers, so that ways can move them apart."""

import random
from collections.abc import Callable

import torch
from torch import Tensor

from modeling.world.brush import Brush
from modeling.world.motion import HORIZON
from modeling.world.palette import GROUNDS, RGB, WOOD, Light
from modeling.world.shapes import box, capsule, circle, coverage, ellipse, polygon

#: How far the distance of each place reaches above the horizon.
TALL = {"meadow": 0.40, "beach": 0.20, "snow": 0.56, "sea": 0.0, "city": 0.66}
CELL = 0.41  #: from one house of the skyline to the next
FIRST_HOUSE = -2.05  #: where the first of them stands
_NOTHING = 0.03  #: a tree smaller than this share of its size is not painted


class Place:
    """A place of one layout, painted in three layers over the sky, in this order: `distance`, `ground`, `trees`."""

    def __init__(self, name: str, layout: int):
        self.name = name
        self._rng = random.Random(f"place/{name}/{layout}")

    def distance(self, brush: Brush, light: Light, camera: Tensor | float, sunk: Tensor | float = 0.0) -> None:
        """What lies behind the horizon; the camera moves it by a third. `sunk` (0..1, also per column): how much of it is below."""
        lower = Brush(brush.picture, brush.u, brush.v + TALL[self.name] * sunk, brush.pixel, brush.tint, brush.lamps)
        _DISTANCES[self.name](lower, brush.u + 0.35 * camera, self._rng, light)

    def ground(self, brush: Brush, light: Light, camera: Tensor | float) -> None:
        """Everything below the horizon that lies flat."""
        _ground(brush, self.name, light)
        _GROUNDS[self.name](brush, brush.u + camera, self._rng)

    def trees(self, brush: Brush, light: Light, camera: Tensor | float, grown: Callable[[float], float] | None = None) -> None:
        """What stands on the ground; `grown` is how large it is of its size, by where its foot is in the picture (a camera that is a number)."""
        x = brush.u + camera
        if self.name == "beach":
            side = self._rng.choice((-1.45, 1.45))
            _palm(_shrunk(brush, x, side, -0.38, grown(side - camera) if grown else 1.0), -0.075 if side > 0 else 0.075)
        elif self.name == "snow":
            for foot in (self._rng.uniform(-1.7, -1.2), self._rng.uniform(-0.5, 0.4), self._rng.uniform(1.2, 1.7)):
                _fir(_shrunk(brush, x, foot, HORIZON - 0.03, grown(foot - camera) if grown else 1.0), light)


def paint_place(
    brush: Brush, place: Place, light: Light, camera: Tensor | float, sunk: Tensor | float = 0.0, grown: Callable[[float], float] | None = None
) -> None:
    """Paint all layers; `camera` may be `[F, 1, 1]`."""
    place.distance(brush, light, camera, sunk)
    place.ground(brush, light, camera)
    place.trees(brush, light, camera, grown)


def _shrunk(brush: Brush, x: Tensor, foot_x: float, foot_y: float, size: float) -> Brush | None:
    """A brush around the foot of something that is `size` times as large; none if nothing would be seen of it."""
    if size < _NOTHING:
        return None
    return Brush(brush.picture, (x - foot_x) / size, (brush.v - foot_y) / size, brush.pixel / size, brush.tint, brush.lamps)


def _mix(a: RGB, b: RGB, share: float) -> RGB:
    return tuple(x + (y - x) * share for x, y in zip(a, b, strict=True))


def _distant(colour: RGB, light: Light, haze: float) -> RGB:
    return _mix(tuple(c * t for c, t in zip(colour, light.ground, strict=True)), light.haze, haze)


def _ground(brush: Brush, place: str, light: Light) -> None:
    far, near = (
        torch.tensor(c, dtype=torch.float32).view(3, 1, 1) * torch.tensor(light.ground, dtype=torch.float32).view(3, 1, 1) for c in GROUNDS[place]
    )
    depth = ((HORIZON - brush.v) / (1 + HORIZON)).clamp(0, 1).unsqueeze(-3)
    colour = far + (near - far) * depth.sqrt()
    colour = colour + (torch.tensor(light.haze, dtype=torch.float32).view(3, 1, 1) - colour) * (0.35 * (1 - depth * 6).clamp(min=0))
    brush.picture.lerp_(colour.expand_as(brush.picture), coverage(brush.v - HORIZON, brush.pixel).unsqueeze(-3).expand_as(brush.picture))


def _nothing(brush: Brush, x: Tensor, rng: random.Random, light: Light) -> None:
    return


def _ridge(brush: Brush, x: Tensor, phase: float, height: float, wave: float, colour: RGB) -> None:
    top = HORIZON + height * (0.55 + 0.30 * torch.sin(wave * x + phase) + 0.15 * torch.sin(2.3 * wave * x + 2 * phase))
    brush.fill(brush.v - top, colour, lit=True)


def _hills(brush: Brush, x: Tensor, rng: random.Random, light: Light) -> None:
    _ridge(brush, x, rng.uniform(0, 6), 0.36, 1.5, _distant((0.36, 0.60, 0.52), light, 0.50))
    _ridge(brush, x * 1.2, rng.uniform(0, 6), 0.20, 2.2, _distant((0.36, 0.66, 0.32), light, 0.22))


def _islands(brush: Brush, x: Tensor, rng: random.Random, light: Light) -> None:
    _ridge(brush, x, rng.uniform(0, 6), 0.16, 1.3, _distant((0.40, 0.60, 0.62), light, 0.55))


def _mountains(brush: Brush, x: Tensor, rng: random.Random, light: Light) -> None:
    for k in range(5):
        peak, height, half = -1.9 + 0.95 * k + rng.uniform(-0.12, 0.12), rng.uniform(0.30, 0.52), rng.uniform(0.55, 0.75)
        base = HORIZON - 0.02
        brush.fill(
            polygon(x, brush.v, (peak - half, base), (peak + half, base), (peak, base + height)), _distant((0.56, 0.64, 0.78), light, 0.30), lit=True
        )
        cap = height * 0.38
        side = half * 0.38
        snow = polygon(x, brush.v, (peak - side, base + height - cap), (peak + side, base + height - cap), (peak, base + height))
        brush.fill(snow, _distant((0.96, 0.98, 1.0), light, 0.15), lit=True)


def _skyline(brush: Brush, x: Tensor, rng: random.Random, light: Light) -> None:
    window = _mix(_distant((0.72, 0.80, 0.88), light, 0.1), (1.0, 0.86, 0.48), light.lamps)
    for k in range(11):
        middle, half, height = FIRST_HOUSE + CELL * k, rng.uniform(0.14, 0.19), rng.uniform(0.22, 0.62)
        colour = _distant(rng.choice(((0.62, 0.60, 0.68), (0.70, 0.62, 0.60), (0.56, 0.62, 0.70))), light, 0.25)
        wall = box(x, brush.v, middle, HORIZON + height / 2, half, height / 2)
        brush.fill(wall, colour, lit=True)
        columns = ((x - middle + half) / half) % 1 - 0.5
        rows = ((brush.v - HORIZON) / 0.15) % 1 - 0.55
        panes = torch.maximum((columns.abs() - 0.22) * half, (rows.abs() - 0.24) * 0.15)
        brush.fill(torch.maximum(panes, wall + 0.02), window, 0.75, lit=True)


def _flowers(brush: Brush, x: Tensor, rng: random.Random) -> None:
    _bands(brush, x, rng, (0.62, 0.82, 0.36), 0.30)
    for _ in range(9):
        px, py = rng.uniform(-2.2, 2.2), rng.uniform(-0.97, -0.40)
        petal = rng.choice(((1.0, 0.98, 0.92), (1.0, 0.86, 0.35), (0.98, 0.62, 0.72)))
        size = 0.020 + 0.030 * (-0.3 - py)
        brush.fill(circle(x, brush.v, px, py, size), petal)
        brush.fill(circle(x, brush.v, px, py, size * 0.4), (0.95, 0.70, 0.20))


def _shore(brush: Brush, x: Tensor, rng: random.Random) -> None:
    sea = torch.maximum(brush.v - HORIZON, (HORIZON - 0.10 - 0.015 * torch.sin(2.1 * x + rng.uniform(0, 6))) - brush.v)
    brush.fill(sea, (0.26, 0.64, 0.78))
    brush.fill(sea.abs() - 0.008, (0.97, 0.99, 1.0), 0.7)
    _bands(brush, x, rng, (1.0, 0.93, 0.74), 0.45)


def _palm(brush: Brush | None, lean: float) -> None:
    if brush is None:
        return
    brush.fill(capsule(brush.u, brush.v, 0, 0.04, lean, 0.54, 0.04), WOOD)
    for a, b in ((-0.20, 0.06), (0.20, 0.06), (-0.13, -0.05), (0.15, -0.06), (0.0, 0.10)):
        brush.fill(ellipse(brush.u, brush.v, lean + a, 0.52 + b, 0.17, 0.055), (0.22, 0.56, 0.26))


def _drifts(brush: Brush, x: Tensor, rng: random.Random) -> None:
    _bands(brush, x, rng, (1.0, 1.0, 1.0), 0.65)


def _fir(brush: Brush | None, light: Light) -> None:
    if brush is None:
        return
    for k in range(3):
        low, half = 0.10 * k, 0.12 - 0.03 * k
        tier = polygon(brush.u, brush.v, (-half, low), (half, low), (0, low + 0.16))
        brush.fill(tier, _distant((0.16, 0.42, 0.32), light, 0.12), lit=True)


def _waves(brush: Brush, x: Tensor, rng: random.Random) -> None:
    for k in range(6):
        depth = (k + 0.7) / 6
        y = HORIZON - (1 + HORIZON) * depth**1.35
        crest = y + 0.018 * (0.4 + depth) * torch.sin(x * (9 - 5 * depth) + rng.uniform(0, 6))
        brush.fill((brush.v - crest).abs() - 0.007 - 0.009 * depth, (0.72, 0.90, 0.97), 0.45)


def _road(brush: Brush, x: Tensor, rng: random.Random) -> None:
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


_DISTANCES = {"meadow": _hills, "beach": _islands, "snow": _mountains, "sea": _nothing, "city": _skyline}
_GROUNDS = {"meadow": _flowers, "beach": _shore, "snow": _drifts, "sea": _waves, "city": _road}
