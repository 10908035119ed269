"""Which stroke of one object becomes which of another: the body the body, the rest the nearest in place, size and colour."""

import math
from dataclasses import dataclass
from functools import lru_cache

import torch

from modeling.world.palette import COLOURS
from modeling.world.ways.strokes import Box, Player, Stroke, boxes, record, turning

_TOO_UNLIKE = 1.6  #: strokes that cost more do not become one another
_BODY = -9.0


@dataclass(frozen=True)
class Match:
    """Indices of a stroke at both ends; `None` where it has no counterpart and comes or goes. `is_body`: what the others are placed by."""

    first: int | None
    second: int | None
    is_body: bool = False


@lru_cache(maxsize=4096)
def match(first: Player, second: Player) -> tuple[Match, ...]:
    """All strokes of both players, the pair of bodies first."""
    nowhere = torch.zeros(1, 1, 1)
    one, two = (record(player, nowhere, nowhere, 0, 0) for player in (first, second))
    if first.object == second.object:
        return tuple(Match(k, k) for k in range(len(one)))
    places = boxes(first), boxes(second)
    bodies = _body(one, first, places[0]), _body(two, second, places[1])
    costs = [(_BODY, *bodies)]
    for i, stroke in enumerate(one):
        for j, other in enumerate(two):
            loose = i in turning(first.object) or j in turning(second.object)
            if not loose and i != bodies[0] and j != bodies[1] and "glow" not in (stroke.kind, other.kind):
                costs.append((_unlike(stroke, other, places[0][i], places[1][j]), i, j))
    pairs, left, right = [], set(range(len(one))), set(range(len(two)))
    for cost, i, j in sorted(costs):
        if i in left and j in right and cost < _TOO_UNLIKE:
            pairs.append(Match(i, j, is_body=cost == _BODY))
            left.remove(i)
            right.remove(j)
    return (*pairs, *(Match(i, None) for i in sorted(left)), *(Match(None, j) for j in sorted(right)))


def _body(strokes: list[Stroke], player: Player, places: tuple[Box, ...]) -> int:
    """The largest inked stroke of the player's own colour."""
    own = [k for k, stroke in enumerate(strokes) if stroke.kind == "ink" and stroke.colour == COLOURS[player.colour]]
    return max(own, key=lambda k: places[k].area)


def _unlike(stroke: Stroke, other: Stroke, box: Box, other_box: Box) -> float:
    far = math.hypot(box.x - other_box.x, box.y - other_box.y)
    size = abs(math.log(box.half_width / other_box.half_width)) + abs(math.log(box.half_height / other_box.half_height))
    hue = sum(abs(x - y) for x, y in zip(stroke.colour, other.colour, strict=True)) / 3
    return far + 0.45 * size + 0.8 * hue + 0.25 * (stroke.kind != other.kind) + 0.3 * (stroke.opacity != other.opacity)
