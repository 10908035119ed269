"""An object on its way to another: strokes flow into strokes, as signed distances, so that every edge is sharp at every time."""

from dataclasses import dataclass

import torch
from torch import Tensor

from modeling.world.brush import Brush
from modeling.world.palette import RGB
from modeling.world.shapes import coverage
from modeling.world.ways.colour import flow_colour
from modeling.world.ways.easing import mix, part
from modeling.world.ways.matching import Match, match
from modeling.world.ways.strokes import Box, Player, Stroke, boxes, record

_SMALLEST = 0.012  #: half width of a stroke that is not painted
_NO_LINE = 0.002
_SLOPES = (0.35, 3.0)  #: a mixed field is divided by its slope, within these, so that edges and lines keep their width

_Frame = tuple[float, float, float, float]  #: centre and half sides that a stroke has now


@dataclass(frozen=True)
class _Seen:
    """A stroke of one end, its distance as it is seen in its present frame."""

    stroke: Stroke
    distance: Tensor | None
    facing: float


def paint_between(brush: Brush, first: Player, second: Player, share: float, time: float, ways: tuple[float, float]) -> None:
    """Paint `share` of the way from `first` to `second`; the brush has `u` `[1, 1, w]`, `v` `[1, h, 1]` in the object's unit.

    Both strokes of a pair are looked at in the frame that the pair has now, and their distances mixed. That never vanishes in the middle,
    as the mix of two distances far from one another would.
    """
    plan, places = match(first, second), (boxes(first), boxes(second))
    brush.face(mix(first.facing, second.facing, share))
    frames = [_frame(pair, plan, places, share) for pair in plan]
    seen = [_look(brush, end, player, plan, frames, places[end], time, ways[end]) for end, player in enumerate((first, second))]
    moving = first != second and 0 < share < 1
    for k in sorted(range(len(plan)), key=lambda k: (_rank(plan[k], places, share), k)):
        ends = [found[k] for found in seen if k in found]
        if not ends:
            continue
        if ends[0].stroke.kind == "glow":
            _paint_glow(brush, ends[0], _presence(plan[k], share))
        elif len(ends) == 2:
            _paint_pair(brush, *ends, share, moving)
        else:
            stroke = ends[0].stroke
            distance = _straightened(ends[0].distance, brush, share) if moving else ends[0].distance
            _paint(brush, distance, stroke.colour, stroke.opacity, stroke.line, float(stroke.lit), float(stroke.shaded))


def _frame(pair: Match, plan: tuple[Match, ...], places: tuple[tuple[Box, ...], tuple[Box, ...]], share: float) -> _Frame:
    if pair.first is not None and pair.second is not None:
        return mix(_sides(places[0][pair.first]), _sides(places[1][pair.second]), share)
    end = 0 if pair.second is None else 1
    index = pair.first if end == 0 else pair.second
    there = _presence(pair, share)
    (body,) = (p for p in plan if p.is_body)
    here, before = places[end][index], places[end][body.first if end == 0 else body.second]
    now = mix(_sides(places[0][body.first]), _sides(places[1][body.second]), share)
    wide, high = now[2] / before.half_width, now[3] / before.half_height
    ducks = index < (body.first if end == 0 else body.second)  # behind the body; what lies on it shrinks in place
    near = there if ducks else 1 - 0.3 * (1 - there)
    size = (wide * high) ** 0.5 * there
    x, y = now[0] + (here.x - before.x) * wide * near, now[1] + (here.y - before.y) * high * near
    return x, y, here.half_width * size, here.half_height * size


def _sides(box: Box) -> _Frame:
    return box.x, box.y, box.half_width, box.half_height


def _presence(pair: Match, share: float) -> float:
    """What leaves is gone before the middle, what comes is there after it."""
    if pair.second is None:
        return 1 - part(share, 0.0, 0.45)
    return part(share, 0.55, 1.0) if pair.first is None else 1.0


def _rank(pair: Match, places: tuple[tuple[Box, ...], tuple[Box, ...]], share: float) -> float:
    """When it is painted, 0..1."""
    ranks = [None if k is None else k / len(own) for k, own in zip((pair.first, pair.second), places, strict=True)]
    return mix(*ranks, share) if None not in ranks else ranks[ranks[0] is None]


def _look(
    brush: Brush, end: int, player: Player, plan: tuple[Match, ...], frames: list[_Frame], places: tuple[Box, ...], time: float, way: float
) -> dict[int, _Seen]:
    """The strokes of one end in their frames, by place in the plan; all of them in one run of the painter."""
    u, v = torch.broadcast_tensors(brush.u, brush.v)
    indices = [pair.second if end else pair.first for pair in plan]
    mine = [(k, index) for k, index in enumerate(indices) if index is not None and frames[k][2] > _SMALLEST]
    if not mine:
        return {}
    us, vs, scales = [], [], []
    for k, index in mine:
        (x, y, half_width, half_height), box = frames[k], places[index]
        us.append(box.x + (u - x) * (box.half_width / half_width))
        vs.append(box.y + (v - y) * (box.half_height / half_height))
        wide, high = half_width / box.half_width, half_height / box.half_height
        scales.append(min(wide, high) if None in (plan[k].first, plan[k].second) else (wide * high) ** 0.5)
    strokes = record(player, torch.cat(us), torch.cat(vs), time, way)
    seen = {}
    for row, (k, index) in enumerate(mine):
        distance = strokes[index].distance
        near = None if distance is None else (distance.expand(len(mine), -1, -1)[row] * scales[row]).unsqueeze(0)
        seen[k] = _Seen(strokes[index], near, player.facing)
    return seen


def _paint_glow(brush: Brush, seen: _Seen, presence: float) -> None:
    if presence > 0.01:
        x, y, radius = seen.stroke.spot
        brush.glow(x * seen.facing, y, radius, seen.stroke.colour, seen.stroke.opacity * presence, seen.distance)


def _paint_pair(brush: Brush, one: _Seen, two: _Seen, share: float, moving: bool) -> None:
    distance = mix(one.distance, two.distance, share)
    if moving:
        distance = _straightened(distance, brush, share)
    a, b = one.stroke, two.stroke
    colour, line, opacity = flow_colour(a.colour, b.colour, share), mix(a.line, b.line, share), mix(a.opacity, b.opacity, share)
    _paint(brush, distance, colour, opacity, line, mix(float(a.lit), float(b.lit), share), mix(float(a.shaded), float(b.shaded), share))


def _straightened(field: Tensor, brush: Brush, share: float) -> Tensor:
    """A mixed field as a distance again: divided by its slope."""
    up, across = torch.gradient(field[0], spacing=float(brush.pixel))
    slope = torch.hypot(across, up).clamp(*_SLOPES)
    return field / (1 + (slope - 1) * min(1.0, 24 * share * (1 - share)))


def _paint(brush: Brush, distance: Tensor, colour: RGB, opacity: float, line: float, lit: float, shaded: float) -> None:
    """As `Brush.ink` and `Brush.fill`, with a line, a glow and a shade that may be on their way."""
    if line > _NO_LINE:
        brush.fill(distance - line, tuple(0.42 * c for c in colour))
    tint = mix(brush.tint, (1.0, 1.0, 1.0), lit)
    paint = torch.tensor([c * k for c, k in zip(colour, tint, strict=True)]).view(1, 3, 1, 1)
    if shaded > 0:
        paint = (paint * (1 + (brush.shade() - 1) * shaded)).clamp(max=1)
    alpha = (coverage(distance, brush.pixel) * opacity).unsqueeze(-3)
    brush.picture.lerp_(paint.expand_as(brush.picture), alpha.expand_as(brush.picture))
