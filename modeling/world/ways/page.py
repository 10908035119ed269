"""Page: the first picture is a page that rolls over a cylinder to the left; the second lies below."""

import math

import torch
from torch import Tensor

from modeling.world.brush import Brush
from modeling.world.objects import paint_object
from modeling.world.palette import CREAM, Light
from modeling.world.places import Place, paint_place
from modeling.world.scene import Scene
from modeling.world.shapes import coverage
from modeling.world.ways.actor import paint_scene, paint_shadow
from modeling.world.ways.easing import ease, mix
from modeling.world.ways.eye import Eye, cover
from modeling.world.ways.heavens import Heavens, paint_heavens
from modeling.world.ways.join import Join, Stand

_RADIUS = 0.26  #: of the cylinder


def page(join: Join, t: float, eye: Eye) -> Tensor:
    """A frame `[1, 3, h, w]`."""
    a, b, one, two, clock = join.first, join.second, join.one, join.two, join.clock(t)
    if t <= 0 or t >= 1:
        return paint_scene(*((b, two) if t >= 1 else (a, one)), eye, clock)
    sheet = _Sheet(t, eye)
    below = paint_scene(b, two, eye, clock)
    below *= 1 - sheet.dark_beside()
    return sheet.lay_on(below, _printed(a, one, sheet, eye, clock))


class _Sheet:
    """The paper at one moment. `ahead` is how far a pixel lies beyond the line at which the paper leaves the table."""

    def __init__(self, t: float, eye: Eye):
        slant, self._eye = 0.22 * (1 - t), eye
        self._nx, self._ny = math.cos(slant), -math.sin(slant)
        self._x, self._y = torch.broadcast_tensors(*eye.axes())
        reach = eye.half_width * self._nx + abs(self._ny)
        fold = mix(reach + 0.02, -reach - _RADIUS - 0.25, ease(t) * 0.65 + t * 0.35)
        self.ahead = self._nx * self._x + self._ny * self._y - fold
        self.angle = torch.asin((self.ahead / _RADIUS).clamp(0, 1))
        flat = self.ahead < 0
        self._over = torch.where(flat, math.pi * _RADIUS - self.ahead, _RADIUS * (math.pi - self.angle)) - self.ahead
        self._under = torch.where(flat, torch.zeros_like(self.ahead), _RADIUS * self.angle - self.ahead)

    def printed_at(self) -> tuple[Tensor, Tensor]:
        """Where on the page the pixels of its front lie."""
        return (self._x + self._nx * self._under).contiguous(), (self._y + self._ny * self._under).contiguous()

    def dark_beside(self) -> Tensor:
        """The shadow of the roll on what lies below."""
        return ((1 - (self.ahead - _RADIUS * 0.8) / 0.5).clamp(0, 1) * 0.35).unsqueeze(1)

    def lay_on(self, below: Tensor, front: Tensor) -> Tensor:
        """Front, then back of the paper over the second scene."""
        pixel = self._eye.pixel
        front *= 1 - (0.35 * (self.angle / (math.pi / 2)) ** 2).unsqueeze(1)
        cover(below, front, coverage(torch.maximum(self._edge(self._under) - 1e-3, self.ahead - _RADIUS), pixel))
        over = torch.maximum(self._edge(self._over), self.ahead - _RADIUS)
        cast = (1 - over.clamp(min=0) / 0.16).clamp(0, 1) * (self.ahead < _RADIUS * 0.5) * 0.28
        below *= 1 - (cast * (1 - coverage(over, pixel))).unsqueeze(1)
        shade = torch.where(self.ahead < 0, (1 + self.ahead / 0.9).clamp(0, 1) * 0.35, torch.sin(self.angle))
        paper = torch.tensor(CREAM).view(1, 3, 1, 1) * (1 - 0.30 * shade).unsqueeze(1)
        return cover(below, paper, coverage(over, pixel))

    def _edge(self, shift: Tensor) -> Tensor:
        """Distance to the edge of the paper, of what was moved by `shift`."""
        return torch.maximum((self._x + self._nx * shift).abs() - self._eye.half_width, (self._y + self._ny * shift).abs() - 1)


def _printed(scene: Scene, at: Stand, sheet: _Sheet, eye: Eye, clock: float) -> Tensor:
    """The first scene on the curled paper, drawn through its coordinates, so that it is as sharp there as on the table."""
    heavens, picture = Heavens.of(scene.sky, scene.layout), eye.blank()
    light = heavens.light()
    brush = Brush(picture, *sheet.printed_at(), eye.pixel, light.ground, light.lamps)
    paint_heavens(brush, heavens, at.camera)
    paint_place(brush, Place(scene.place, scene.layout), light, at.camera)
    _paint_object(picture, brush, light, scene, at, clock)
    return picture


def _paint_object(picture: Tensor, brush: Brush, light: Light, scene: Scene, at: Stand, clock: float) -> None:
    paint_shadow(picture, brush.u, brush.v, light, at)
    u, v = (brush.u - at.x) * at.facing / at.size, (brush.v - at.y) / at.size
    own = Brush(picture, u, v, brush.pixel / at.size, light.objects, light.lamps)
    one = torch.ones(1, 1, 1)
    paint_object(own, scene.object, scene.colour, one * clock, one * at.way(scene))
