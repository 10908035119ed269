"""Where a picture looks: the rows and columns of a window in world units, moved or enlarged by the camera."""

from dataclasses import dataclass

import torch
from torch import Tensor

from modeling.world.brush import Brush
from modeling.world.palette import Light
from modeling.world.render import Window


@dataclass(frozen=True)
class Eye:
    """`x` `[w]` and `y` `[h]` in the world, the side of a pixel there, and half the width of the whole picture."""

    x: Tensor
    y: Tensor
    pixel: float
    half_width: float

    @classmethod
    def of(cls, window: Window) -> "Eye":
        """As `render` looks."""
        return cls(*window.axes(), window.pixel, window.width / window.height)

    def moved(self, dx: float = 0.0, dy: float = 0.0, zoom: float = 1.0) -> "Eye":
        """Nearer by `zoom`, and then elsewhere."""
        return Eye(self.x / zoom + dx, self.y / zoom + dy, self.pixel / zoom, self.half_width / zoom)

    def blank(self) -> Tensor:
        """An unpainted picture `[1, 3, h, w]`."""
        return torch.empty(1, 3, len(self.y), len(self.x))

    def axes(self) -> tuple[Tensor, Tensor]:
        """`[1, 1, w]` and `[1, h, 1]`."""
        return self.x.view(1, 1, -1), self.y.view(1, -1, 1)

    def brush(self, picture: Tensor, light: Light) -> Brush:
        """A brush for everything but objects."""
        return Brush(picture, *self.axes(), self.pixel, light.ground, light.lamps)


def cover(picture: Tensor, over: Tensor, alpha: Tensor) -> Tensor:
    """Put `over` on a picture, both `[1, 3, h, w]`, where `alpha` `[1, h, w]` says so; in place."""
    return picture.lerp_(over.expand_as(picture), alpha.unsqueeze(1).expand_as(picture))
