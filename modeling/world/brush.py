"""A brush paints shapes, one over the other, on a stack of pictures."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from modeling.world.palette import RGB
from modeling.world.shapes import coverage, intersection


@dataclass(frozen=True)
class Pattern:
    """Every inked shape of colour `on` gets `colour` where `distance(u, v)` is negative."""

    on: RGB
    colour: RGB
    distance: Callable[[Tensor, Tensor], Tensor]


class Brush:
    """Paints in local coordinates: `u`, `v` `[F, h, w]` (or broadcastable), `pixel` the side of a pixel in that unit, `[F, 1, 1]` or a number."""

    def __init__(self, picture: Tensor, u: Tensor, v: Tensor, pixel: Tensor | float, tint: RGB = (1, 1, 1), lamps: float = 0.0):
        self.picture = picture  #: [F, 3, h, w], 0..1, painted in place
        self.u, self.v, self.pixel, self.lamps = u, v, pixel, lamps
        self.tint = tint
        self._shade = None
        self.pattern: Pattern | None = None

    def fill(self, distance: Tensor, colour: RGB, opacity: float = 1.0, shaded: bool = False, lit: bool = False) -> None:
        """Paint the inside of a shape. `shaded`: lighter to the upper left; `lit`: glows, so the tint of the sky does not apply."""
        self.blend(coverage(distance, self.pixel) * opacity, colour, shaded, lit)

    def blend(self, alpha: Tensor, colour: RGB, shaded: bool = False, lit: bool = False) -> None:
        """Paint with an opacity per pixel, broadcastable to `[F, h, w]`."""
        tint = (1.0, 1.0, 1.0) if lit else self.tint
        paint = torch.tensor([float(c * k) for c, k in zip(colour, tint, strict=True)]).view(1, 3, 1, 1)
        if shaded:
            paint = (paint * self.shade()).clamp_(max=1)
        self.picture.lerp_(paint.expand_as(self.picture), alpha.unsqueeze(-3).expand_as(self.picture))

    def ink(self, distance: Tensor, colour: RGB, shaded: bool = True, line: float = 0.035) -> None:
        """Paint a shape with a darker line around it."""
        self.fill(distance - line, tuple(0.42 * c for c in colour))
        self.fill(distance, colour, shaded=shaded)
        if self.pattern is not None and colour == self.pattern.on:
            self.fill(intersection(distance, self.pattern.distance(self.u, self.v)), self.pattern.colour, shaded=shaded)

    def glow(self, x: float, y: float, radius: float, colour: RGB, opacity: float, inside: Tensor | None = None) -> None:
        """Paint a soft spot, only inside a shape if one is given."""
        alpha = opacity * torch.exp(-((self.u - x) ** 2 + (self.v - y) ** 2) / radius**2)
        if inside is not None:
            alpha = alpha * coverage(inside, self.pixel)
        self.blend(alpha, colour, lit=inside is None)

    def face(self, facing: float) -> None:
        """Let the shade turn round with an object that looks to the left (-1), or to either side on its way (-1..1)."""
        self._shade = (1.02 + 0.22 * self.v - 0.16 * self.u * facing).clamp(0.62, 1.25).unsqueeze(-3)

    def shade(self) -> Tensor:
        """What shaded paint is multiplied by."""
        if self._shade is None:
            self._shade = (1.02 + 0.22 * self.v - 0.16 * self.u).clamp(0.62, 1.25).unsqueeze(-3)
        return self._shade
