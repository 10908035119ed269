"""Objects as lists of strokes: what their painters do, noted instead of painted."""

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from modeling.world.brush import Brush
from modeling.world.objects import PAINTERS
from modeling.world.palette import COLOURS, RGB


@dataclass(frozen=True)
class Player:
    """What plays: its object, colour and the way it looks, and how much lamps glow."""

    object: str
    colour: str
    facing: float
    lamps: float


@dataclass(frozen=True)
class Stroke:
    """One call of a brush: `ink`, `fill` or `glow`; `distance` is that of its shape, `spot` the x, y and radius of a glow."""

    kind: str
    distance: Tensor | None
    colour: RGB
    opacity: float = 1.0
    shaded: bool = False
    lit: bool = False
    line: float = 0.0
    spot: tuple[float, float, float] = (0, 0, 0)


@dataclass(frozen=True)
class Box:
    """Where a stroke lies: centre, half width, half height, and its area."""

    x: float
    y: float
    half_width: float
    half_height: float
    area: float


class _Recorder(Brush):
    """A brush that notes."""

    def __init__(self, u: Tensor, v: Tensor, lamps: float):
        super().__init__(torch.empty(0), u, v, 1.0, lamps=lamps)
        self.strokes: list[Stroke] = []

    def fill(self, distance: Tensor, colour: RGB, opacity: float = 1.0, shaded: bool = False, lit: bool = False) -> None:
        self.strokes.append(Stroke("fill", distance, colour, opacity, shaded, lit))

    def ink(self, distance: Tensor, colour: RGB, shaded: bool = True, line: float = 0.035) -> None:
        self.strokes.append(Stroke("ink", distance, colour, 1.0, shaded, line=line))

    def glow(self, x: float, y: float, radius: float, colour: RGB, opacity: float, inside: Tensor | None = None) -> None:
        self.strokes.append(Stroke("glow", inside, colour, opacity, lit=inside is None, spot=(x, y, radius)))


#: Strokes that turn around the hub of the windmill: they have no place of their own to be matched by.
_TURNING = {"windmill": dict.fromkeys(range(4, 13), Box(0.0, 0.24, 0.75, 0.75, 0.1))}
_GRID, _REACH = 131, 1.3


def turning(name: str) -> dict[int, Box]:
    """The strokes of an object that turn, and where."""
    return _TURNING.get(name, {})


def record(player: Player, u: Tensor, v: Tensor, time: float, way: float) -> list[Stroke]:
    """The strokes of a player at `u`, `v` in its own unit."""
    recorder = _Recorder(u * player.facing, v, player.lamps)
    one = torch.ones(1, 1, 1)
    PAINTERS[player.object](recorder, COLOURS[player.colour], one * time, one * way)
    return recorder.strokes


@lru_cache(maxsize=4096)
def boxes(player: Player) -> tuple[Box, ...]:
    """Where the strokes of a player lie."""
    axis = torch.linspace(-_REACH, _REACH, _GRID)
    across, up = axis.view(1, 1, -1).expand(1, _GRID, -1), axis.view(1, -1, 1).expand(1, -1, _GRID)
    found = []
    for k, stroke in enumerate(record(player, across, up, 0.0, 0.0)):
        if stroke.kind == "glow":
            found.append(Box(0.0, 0.0, 1.0, 1.0, 0.0))
        elif k in turning(player.object):
            found.append(turning(player.object)[k])
        else:
            found.append(_box(stroke.distance, axis))
    return tuple(found)


def _box(distance: Tensor, axis: Tensor) -> Box:
    inside = (distance <= max(0.0, distance.min().item() + 0.012)).expand(1, _GRID, _GRID)[0].nonzero()
    (bottom, left), (top, right) = axis[inside.min(0).values].tolist(), axis[inside.max(0).values].tolist()
    area = len(inside) * (2 * _REACH / (_GRID - 1)) ** 2
    return Box((left + right) / 2, (bottom + top) / 2, max((right - left) / 2, 0.02), max((top - bottom) / 2, 0.02), area)


def silhouette(player: Player, u: Tensor, v: Tensor, time: float, way: float) -> Tensor:
    """Distance to everything that a player paints."""
    whole = None
    for stroke in record(player, u, v, time, way):
        if stroke.kind != "glow":
            distance = stroke.distance - stroke.line
            whole = distance if whole is None else torch.minimum(whole, distance)
    return whole
