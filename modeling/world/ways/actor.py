"""The object of a join on its stage, with its shadow."""

import math

import torch
from torch import Tensor

from modeling.world.brush import Brush
from modeling.world.palette import LIGHTS, Light
from modeling.world.places import Place, paint_place
from modeling.world.scene import Scene
from modeling.world.shapes import circle
from modeling.world.ways.eye import Eye
from modeling.world.ways.heavens import Heavens, paint_heavens
from modeling.world.ways.join import Join, Stand
from modeling.world.ways.morph import paint_between
from modeling.world.ways.strokes import Player

_REACH = 1.3  #: no object reaches farther from its centre, in its own unit
_EDGE_ON = 0.06  #: the least width of an object that turns round like a paper figure


def paint_actor_between(
    picture: Tensor, eye: Eye, light: Light, join: Join, share: float, at: Stand, t: float, ways: tuple[float, float] | None = None
) -> None:
    """Paint the object `share` of the way from the first scene's to the second's, at `t` of the join; `ways`: how far it has rolled."""
    a, b, one, two = join.first, join.second, join.one, join.two
    facings = (1.0, 1.0) if join.same_object else (one.facing, two.facing)
    turn = _turn(one.facing, two.facing, share) if join.same_object else 1.0
    players = tuple(Player(s.object, s.colour, facing, LIGHTS[s.sky].lamps) for s, facing in zip((a, b), facings, strict=True))
    paint_shadow(picture, *eye.axes(), light, at)
    _paint(picture, eye, light, players, share, at, turn, join.clock(t), ways or (one.way(a), two.way(b)))


def paint_actor_of(picture: Tensor, eye: Eye, light: Light, scene: Scene, at: Stand, clock: float, way: float | None = None) -> None:
    """Paint the object of one scene."""
    player = Player(scene.object, scene.colour, 1.0, LIGHTS[scene.sky].lamps)
    paint_shadow(picture, *eye.axes(), light, at)
    way = at.way(scene) if way is None else way
    _paint(picture, eye, light, (player, player), 0.0, at, at.facing, clock, (way, way))


def paint_scene(scene: Scene, at: Stand, eye: Eye, clock: float, with_object: bool = True) -> Tensor:
    """`[1, 3, h, w]`: a scene through any eye."""
    heavens, picture = Heavens.of(scene.sky, scene.layout), eye.blank()
    light = heavens.light()
    brush = eye.brush(picture, light)
    paint_heavens(brush, heavens, at.camera)
    paint_place(brush, Place(scene.place, scene.layout), light, at.camera)
    if with_object:
        paint_actor_of(picture, eye, light, scene, at, clock)
    return picture


def paint_shadow(picture: Tensor, x: Tensor, y: Tensor, light: Light, at: Stand) -> None:
    """Darken what lies at `x`, `y` (broadcastable to `[1, h, w]`) below the object."""
    height = min(2.0, max(0.0, at.y - at.size - at.ground))
    half = at.size * 0.95
    inside = -circle((x - at.x) / half, (y - at.ground) / half / 0.19, 0, 0, 1.0)
    picture *= 1 - ((inside / 0.45).clamp(0, 1) * (light.shadow / (1 + 3 * height))).unsqueeze(1)


def _turn(first: float, second: float, share: float) -> float:
    """The width that shows of an object that turns round."""
    if first == second:
        return first
    cosine = math.cos(math.pi * share)
    return math.copysign(max(abs(cosine), _EDGE_ON), cosine) * first


def _paint(
    picture: Tensor,
    eye: Eye,
    light: Light,
    players: tuple[Player, Player],
    share: float,
    at: Stand,
    turn: float,
    clock: float,
    ways: tuple[float, float],
) -> None:
    rows, columns = (_reached(axis, centre, at.size * _REACH) for axis, centre in ((eye.y, at.y), (eye.x, at.x)))
    if rows is None or columns is None:
        return
    crop = picture[:, :, rows, columns].clone()
    u, v = (eye.x[columns] - at.x) / at.size / turn, (eye.y[rows] - at.y) / at.size
    brush = Brush(crop, u.view(1, 1, -1), v.view(1, -1, 1), eye.pixel / at.size, light.objects, light.lamps)
    paint_between(brush, *players, share, clock, ways)
    picture[:, :, rows, columns] = crop


def _reached(axis: Tensor, centre: float, reach: float) -> slice | None:
    """The pixels of an axis that an object can touch; at least two, as slopes are taken over them."""
    found = torch.nonzero((axis - centre).abs() < reach).flatten()
    return slice(found[0].item(), found[-1].item() + 1) if len(found) > 1 else None
