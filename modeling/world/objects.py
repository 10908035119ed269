"""The ten objects, painted in their own unit: about -1..1, standing on the ground at `motion.FEET`, looking to the right."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from modeling.world.brush import Brush
from modeling.world.looks import PAINTS, Look, dress
from modeling.world.palette import COLOURS, CREAM, FIRE, GLASS, INK, LAMP, RGB, ROOF, STEEL, WOOD
from modeling.world.shapes import box, capsule, circle, ellipse, intersection, polygon, rotate, union


def paint_object(brush: Brush, name: str, colour: str, time: Tensor, way: Tensor, look: Look | None = None) -> None:
    """Paint an object. `time` `[F, 1, 1]` runs 0..1; `way` `[F, 1, 1]` is how far it has travelled, in its own unit."""
    if look is None:
        PAINTERS[name](brush, COLOURS[colour], time, way)
        return
    dress(brush, look)
    PAINTERS[name](brush, PAINTS[look.body], time, way)


def _accent(colour: RGB) -> RGB:
    """A second colour that shows up on the first."""
    return CREAM if colour != COLOURS["white"] else (0.72, 0.80, 0.92)


def _ball(b: Brush, colour: RGB, time: Tensor, way: Tensor) -> None:
    body = circle(b.u, b.v, 0, 0, 0.8)
    b.ink(body, colour)
    u, v = rotate(b.u, b.v, -way / 0.8)
    for x in (-0.62, 0.62):
        b.fill(intersection(body, ellipse(u, v, x, 0, 0.34, 1.1)), _accent(colour), shaded=True)
    b.glow(-0.28, 0.36, 0.28, (1, 1, 1), 0.55, body)


def _boat(b: Brush, colour: RGB, time: Tensor, way: Tensor) -> None:
    b.fill(box(b.u, b.v, 0, 0.38, 0.04, 0.66), WOOD)
    b.ink(polygon(b.u, b.v, (0.08, 0.02), (0.80, 0.02), (0.08, 1.02)), CREAM)
    b.ink(polygon(b.u, b.v, (-0.08, 0.02), (-0.08, 0.84), (-0.62, 0.02)), CREAM)
    hull = polygon(b.u, b.v, (-0.62, -0.58), (0.58, -0.58), (0.98, -0.08), (-0.90, -0.08))
    b.ink(hull, colour)
    b.fill(intersection(hull, (b.v + 0.20).abs() - 0.045), _accent(colour))
    b.fill(intersection(hull, b.v + 0.48), INK, 0.35)
    b.fill(polygon(b.u, b.v, (0.0, 1.02), (0.30, 1.10), (0.0, 1.18)), colour)


def _car(b: Brush, colour: RGB, time: Tensor, way: Tensor) -> None:
    cabin = polygon(b.u, b.v, (-0.70, 0.0), (0.58, 0.0), (0.30, 0.52), (-0.50, 0.52))
    b.ink(cabin, colour)
    for pane in (((-0.56, 0.06), (-0.12, 0.06), (-0.12, 0.42), (-0.42, 0.42)), ((-0.02, 0.06), (0.42, 0.06), (0.24, 0.42), (-0.02, 0.42))):
        b.fill(polygon(b.u, b.v, *pane), GLASS if b.lamps < 0.8 else LAMP, shaded=True)
    b.ink(box(b.u, b.v, 0, -0.16, 0.86, 0.12) - 0.09, colour)
    b.fill(circle(b.u, b.v, 0.90, -0.12, 0.09), LAMP, lit=True)
    b.fill(box(b.u, b.v, -0.92, -0.14, 0.03, 0.07), (0.85, 0.12, 0.10))
    for x in (-0.52, 0.52):
        b.fill(circle(b.u, b.v, x, -0.36, 0.26), INK)
        b.fill(circle(b.u, b.v, x, -0.36, 0.13), STEEL)
        u, v = rotate(b.u - x, b.v + 0.36, -way / 0.26)
        b.fill(union(box(u, v, 0, 0, 0.13, 0.025), box(u, v, 0, 0, 0.025, 0.13)), INK)


def _house(b: Brush, colour: RGB, time: Tensor, way: Tensor) -> None:
    b.ink(box(b.u, b.v, 0.42, 0.62, 0.10, 0.26), (0.62, 0.42, 0.36))
    b.ink(box(b.u, b.v, 0, -0.28, 0.74, 0.48), colour)
    b.ink(polygon(b.u, b.v, (-0.98, 0.18), (0.98, 0.18), (0.0, 0.92)), ROOF)
    b.ink(box(b.u, b.v, 0, -0.47, 0.16, 0.28), WOOD, line=0.03)
    b.fill(circle(b.u, b.v, 0.09, -0.48, 0.03), LAMP)
    pane = LAMP if b.lamps > 0.3 else GLASS
    for x in (-0.46, 0.46):
        b.fill(box(b.u, b.v, x, -0.18, 0.18, 0.18), CREAM)
        b.fill(box(b.u, b.v, x, -0.18, 0.14, 0.14), pane, lit=b.lamps > 0.3)
        b.fill(union(box(b.u, b.v, x, -0.18, 0.14, 0.018), box(b.u, b.v, x, -0.18, 0.018, 0.14)), CREAM)


def _tree(b: Brush, colour: RGB, time: Tensor, way: Tensor) -> None:
    b.ink(polygon(b.u, b.v, (-0.16, -0.88), (0.16, -0.88), (0.09, 0.0), (-0.09, 0.0)), WOOD)
    u = b.u - 0.03 * torch.sin(2 * math.pi * time) * (b.v + 0.3)
    crown = union(circle(u, b.v, -0.36, 0.08, 0.40), circle(u, b.v, 0.36, 0.08, 0.40), circle(u, b.v, 0, 0.45, 0.47))
    b.ink(crown, colour)
    b.glow(-0.22, 0.55, 0.34, (1, 1, 1), 0.30, crown)


def _balloon(b: Brush, colour: RGB, time: Tensor, way: Tensor) -> None:
    for side in (-1, 1):
        b.fill(capsule(b.u, b.v, side * 0.16, -0.58, side * 0.34, -0.10, 0.02), INK)
    b.ink(box(b.u, b.v, 0, -0.66, 0.19, 0.12), WOOD)
    bag = union(circle(b.u, b.v, 0, 0.34, 0.64), polygon(b.u, b.v, (-0.20, -0.44), (0.20, -0.44), (0.56, 0.06), (-0.56, 0.06)))
    b.ink(bag, colour)
    b.fill(intersection(bag, ellipse(b.u, b.v, 0, 0.30, 0.22, 0.90)), _accent(colour), shaded=True)
    b.glow(-0.30, 0.58, 0.26, (1, 1, 1), 0.45, bag)


def _rocket(b: Brush, colour: RGB, time: Tensor, way: Tensor) -> None:
    flame = 0.26 + 0.05 * torch.sin(24 * math.pi * time)
    b.fill(ellipse(b.u, b.v, 0, -0.72, 0.17, flame), FIRE, lit=True)
    b.fill(ellipse(b.u, b.v, 0, -0.70, 0.09, flame * 0.62), LAMP, lit=True)
    for side in (-1, 1):
        fin = ((0.22, -0.10), (0.22, -0.62), (0.56, -0.78), (0.52, -0.44))
        points = fin if side > 0 else tuple((-x, y) for x, y in reversed(fin))
        b.ink(polygon(b.u, b.v, *reversed(points)), STEEL)
    body = intersection(ellipse(b.u, b.v, 0, 0.05, 0.36, 0.98), -b.v - 0.66)
    b.ink(body, colour)
    b.fill(intersection(body, 0.58 - b.v), _accent(colour), shaded=True)
    b.fill(circle(b.u, b.v, 0, 0.24, 0.19), STEEL)
    b.fill(circle(b.u, b.v, 0, 0.24, 0.14), GLASS)
    b.fill(intersection(body, (b.v + 0.42).abs() - 0.05), _accent(colour), shaded=True)


def _duck(b: Brush, colour: RGB, time: Tensor, way: Tensor) -> None:
    b.ink(polygon(b.u, b.v, (-0.98, 0.20), (-0.60, -0.30), (-0.34, 0.06)), colour)
    body = ellipse(b.u, b.v, -0.08, -0.22, 0.78, 0.42)
    b.ink(polygon(b.u, b.v, (0.66, 0.34), (1.02, 0.26), (0.98, 0.40), (0.68, 0.54)), COLOURS["orange"])
    head = circle(b.u, b.v, 0.40, 0.44, 0.36)
    b.ink(union(body, head), colour)
    b.ink(ellipse(b.u, b.v, -0.20, -0.20, 0.36, 0.20), tuple(0.86 * c for c in colour), line=0.025)
    b.fill(circle(b.u, b.v, 0.50, 0.54, 0.085), (1, 1, 1))
    b.fill(circle(b.u, b.v, 0.52, 0.54, 0.05), INK)
    b.glow(0.26, 0.60, 0.18, (1, 1, 1), 0.35, head)


def _windmill(b: Brush, colour: RGB, time: Tensor, way: Tensor) -> None:
    b.ink(polygon(b.u, b.v, (-0.44, -0.94), (0.44, -0.94), (0.26, 0.20), (-0.26, 0.20)), colour)
    b.ink(polygon(b.u, b.v, (-0.34, 0.20), (0.34, 0.20), (0.0, 0.54)), ROOF)
    b.ink(box(b.u, b.v, 0, -0.74, 0.12, 0.20), WOOD, line=0.025)
    b.fill(circle(b.u, b.v, 0, -0.22, 0.11), LAMP if b.lamps > 0.3 else GLASS, lit=b.lamps > 0.3)
    u, v = rotate(b.u, b.v - 0.24, -math.pi * time + 0.4)
    for _ in range(4):
        b.fill(capsule(u, v, 0, 0, 0, 0.72, 0.03), WOOD)
        b.ink(box(u, v, 0.12, 0.46, 0.09, 0.26), CREAM, line=0.025)
        u, v = v, -u
    b.fill(circle(u, v, 0, 0, 0.08), INK)


def _robot(b: Brush, colour: RGB, time: Tensor, way: Tensor) -> None:
    swing = 0.10 * torch.sin(6 * math.pi * time)
    for side in (-1, 1):
        lift = (side * swing).clamp(min=0)
        b.ink(box(b.u, b.v - lift, side * 0.22, -0.70, 0.11, 0.20), STEEL)
        b.ink(box(b.u, b.v - lift, side * 0.24, -0.90, 0.17, 0.06), INK)
        b.ink(capsule(b.u, b.v, side * 0.52, 0.0, side * 0.70, -0.34 + 0.0, 0.075), STEEL)
        b.fill(circle(b.u, b.v - side * swing, side * 0.71, -0.38, 0.11), INK)
    body = box(b.u, b.v, 0, -0.18, 0.40, 0.28) - 0.06
    b.ink(body, colour)
    b.fill(box(b.u, b.v, 0, -0.16, 0.24, 0.15), _accent(colour), shaded=True)
    b.fill(circle(b.u, b.v, -0.10, -0.16, 0.06), (0.90, 0.20, 0.18))
    b.fill(circle(b.u, b.v, 0.10, -0.16, 0.06), (0.20, 0.68, 0.32))
    b.fill(box(b.u, b.v, 0, 0.86, 0.025, 0.12), INK)
    b.fill(circle(b.u, b.v, 0, 0.98, 0.08), LAMP, lit=True)
    b.ink(box(b.u, b.v, 0, 0.46, 0.36, 0.22) - 0.06, colour)
    for x in (-0.16, 0.20):
        b.fill(circle(b.u, b.v, x, 0.52, 0.12), (1, 1, 1), lit=b.lamps > 0.8)
        b.fill(circle(b.u, b.v, x + 0.02, 0.52, 0.06), INK)
    b.fill(box(b.u, b.v, 0.02, 0.30, 0.18, 0.03), INK)


PAINTERS: dict[str, Callable[[Brush, RGB, Tensor, Tensor], None]] = {
    "ball": _ball,
    "boat": _boat,
    "car": _car,
    "house": _house,
    "tree": _tree,
    "balloon": _balloon,
    "rocket": _rocket,
    "duck": _duck,
    "windmill": _windmill,
    "robot": _robot,
}
