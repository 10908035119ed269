"""Pictures of a scene: analytic, so any size, any time and any window of the picture, always anti-aliased."""

from dataclasses import dataclass

import torch
from torch import Tensor

from modeling.world.brush import Brush
from modeling.world.motion import Pose, pose
from modeling.world.objects import paint_object
from modeling.world.palette import LIGHTS
from modeling.world.places import Place, paint_place
from modeling.world.scene import Scene
from modeling.world.shapes import circle
from modeling.world.sky import paint_sky

_REACH = 1.24  #: no object reaches farther than this from its centre, in its own unit


@dataclass(frozen=True)
class Window:
    """A part of a picture of `height` x `width` pixels: `rows` x `columns` pixels from (`top`, `left`)."""

    height: int
    width: int
    top: int = 0
    left: int = 0
    rows: int | None = None
    columns: int | None = None

    def axes(self) -> tuple[Tensor, Tensor]:
        """Pixel centres in world units: x `[columns]`, y `[rows]`; the picture is 2 high and y points up."""
        rows, columns = self.rows or self.height, self.columns or self.width
        x = (torch.arange(self.left, self.left + columns) + 0.5 - self.width / 2) * self.pixel
        y = -(torch.arange(self.top, self.top + rows) + 0.5 - self.height / 2) * self.pixel
        return x, y

    @property
    def pixel(self) -> float:
        """Side of a pixel in world units."""
        return 2 / self.height


def clip_times(frames: int) -> Tensor:
    """`[frames]` times from the start (0) to the end (1) of a clip; a single frame is the middle."""
    return torch.linspace(0, 1, frames) if frames > 1 else torch.tensor([0.5])


@torch.no_grad()
def render(scene: Scene, times: Tensor, window: Window, background: Tensor | None = None) -> Tensor:
    """Frames `[F, 3, rows, columns]`, 0..1 RGB, of a scene at `times` `[F]`; `background` from `render_background`, if at hand."""
    at = pose(scene, times)
    if background is None:
        background = render_background(scene, at.camera, window)
    picture = background.expand(len(times), -1, -1, -1).clone()
    paint_actor(picture, scene, at, window)
    return picture.clamp_(0, 1)


@torch.no_grad()
def render_background(scene: Scene, camera: Tensor, window: Window) -> Tensor:
    """The scene without its object, `[F, 3, rows, columns]`; one frame only when the camera (`[F]`) stands still."""
    if bool((camera == camera[0]).all()):
        camera = camera[:1]
    x, y = window.axes()
    picture = torch.empty(len(camera), 3, len(y), len(x))
    brush = Brush(picture, x.view(1, 1, -1), y.view(1, -1, 1), window.pixel, LIGHTS[scene.sky].ground, LIGHTS[scene.sky].lamps)
    paint_sky(brush, scene.sky, scene.layout, camera.view(-1, 1, 1))
    paint_place(brush, Place(scene.place, scene.layout), LIGHTS[scene.sky], camera.view(-1, 1, 1))
    return picture


@torch.no_grad()
def paint_actor(picture: Tensor, scene: Scene, at: Pose, window: Window) -> None:
    """Paint the object of a scene and its shadow on `picture` `[F, 3, rows, columns]`, in place."""
    light = LIGHTS[scene.sky]
    _paint_shadow(picture, scene, at, window)
    tops, lefts, rows, columns = _crops(at.x, at.y, at.size * _REACH, at.size * _REACH, window)
    crop = torch.stack([p[:, t : t + rows, l : l + columns] for p, t, l in zip(picture, tops, lefts, strict=True)])
    x, y = window.axes()
    u = torch.stack([x[l : l + columns] for l in lefts]).unsqueeze(1) - at.x.view(-1, 1, 1)
    v = torch.stack([y[t : t + rows] for t in tops]).unsqueeze(2) - at.y.view(-1, 1, 1)
    size = at.size.view(-1, 1, 1)
    u, v = (u * at.facing / size).expand(-1, rows, -1), (v / size).expand(-1, -1, columns)
    brush = Brush(crop, u.contiguous(), v.contiguous(), window.pixel / size, light.objects, light.lamps)
    way = (at.x * at.facing / at.size).view(-1, 1, 1) if scene.crosses else torch.zeros_like(size)
    paint_object(brush, scene.object, scene.colour, at.time.view(-1, 1, 1), way, scene.look)
    for p, c, t, l in zip(picture, crop, tops, lefts, strict=True):
        p[:, t : t + rows, l : l + columns] = c


def _paint_shadow(picture: Tensor, scene: Scene, at: Pose, window: Window) -> None:
    height = (at.y - at.size - at.ground).clamp(0, 2)
    strength = LIGHTS[scene.sky].shadow / (1 + 3 * height)
    half_width = at.size * 0.95
    tops, lefts, rows, columns = _crops(at.x, at.ground, half_width * 1.2, half_width * 0.30, window)
    x, y = window.axes()
    u = torch.stack([x[l : l + columns] for l in lefts]).unsqueeze(1) - at.x.view(-1, 1, 1)
    v = torch.stack([y[t : t + rows] for t in tops]).unsqueeze(2) - at.ground.view(-1, 1, 1)
    size = half_width.view(-1, 1, 1)
    inside = -circle(u / size, v / size / 0.19, 0, 0, 1.0)
    alpha = (inside / 0.45).clamp(0, 1).mul_(strength.view(-1, 1, 1))
    for p, a, t, l in zip(picture, alpha, tops, lefts, strict=True):
        p[:, t : t + rows, l : l + columns] *= 1 - a


def _crops(x: Tensor, y: Tensor, half_width: Tensor, half_height: Tensor, window: Window) -> tuple[list[int], list[int], int, int]:
    """Equal crops, one per frame, that lie in the window and cover all of the box around (x, y) that the window shows."""
    all_rows, all_columns = window.rows or window.height, window.columns or window.width
    rows = min(all_rows, int(2 * half_height.max() / window.pixel) + 3)
    columns = min(all_columns, int(2 * half_width.max() / window.pixel) + 3)
    top = (window.height / 2 - y / window.pixel - rows / 2 - window.top).round().clamp(0, all_rows - rows)
    left = (x / window.pixel + window.width / 2 - columns / 2 - window.left).round().clamp(0, all_columns - columns)
    return top.int().tolist(), left.int().tolist(), rows, columns
