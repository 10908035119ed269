"""Looks: what an object wears that no word of the vocabulary can say. A subject is an object with a look."""

import hashlib
import random
from dataclasses import dataclass

import torch
from torch import Tensor

from modeling.world.brush import Brush, Pattern
from modeling.world.palette import COLOURS, INK, RGB, WOOD
from modeling.world.shapes import capsule, polygon

#: Paints of looks: the colours of words and some without a word.
PAINTS: dict[str, RGB] = COLOURS | {
    "black": (0.16, 0.15, 0.20),
    "brown": (0.50, 0.30, 0.16),
    "teal": (0.05, 0.55, 0.55),
    "lime": (0.66, 0.90, 0.22),
    "navy": (0.10, 0.14, 0.42),
    "sand": (0.90, 0.78, 0.58),
}
PATTERNS = ("plain", "stripes", "bands", "dots", "checks")
_PERIOD = 0.46  #: of patterns, in units of the object


@dataclass(frozen=True)
class Look:
    """Paint of the body, the pattern on it and its paint, and whether a pennant of that paint flies on top."""

    body: str
    pattern: str
    accent: str
    pennant: bool

    @property
    def is_held_out(self) -> bool:
        """Whether training must not see this look; one in eight."""
        key = f"{self.body}/{self.pattern}/{self.accent}"
        return int(hashlib.sha256(key.encode()).hexdigest(), 16) % 8 == 0


def draw_look(rng: random.Random, held_out: bool = False) -> Look:
    """Draw a look of training, or one that training never saw. Body and accent differ clearly in brightness or hue."""
    while True:
        body, accent = rng.sample(tuple(PAINTS), 2)
        look = Look(body, rng.choice(PATTERNS), accent, rng.random() < 0.5)
        apart = sum(abs(a - b) for a, b in zip(PAINTS[body], PAINTS[accent], strict=True))
        if apart > 0.6 and look.is_held_out == held_out:
            return look


def dress(brush: Brush, look: Look) -> None:
    """Give the brush the pattern of a look, and paint the pennant behind the object to come."""
    colour = PAINTS[look.accent]
    if look.pennant:
        brush.fill(capsule(brush.u, brush.v, 0.0, 0.0, 0.0, 1.16, 0.03), WOOD)
        pennant = polygon(brush.u, brush.v, (0.0, 0.84), (0.46, 1.0), (0.0, 1.16))
        brush.fill(pennant - 0.03, INK)
        brush.fill(pennant, colour)
    if look.pattern != "plain":
        brush.pattern = Pattern(PAINTS[look.body], colour, _DISTANCES[look.pattern])


def _stripes(u: Tensor, v: Tensor) -> Tensor:
    return (_saw(u) - 0.5).abs() * _PERIOD - _PERIOD / 4


def _bands(u: Tensor, v: Tensor) -> Tensor:
    return (_saw(v) - 0.5).abs() * _PERIOD - _PERIOD / 4


def _dots(u: Tensor, v: Tensor) -> Tensor:
    return torch.hypot(_saw(u) - 0.5, _saw(v) - 0.5) * _PERIOD - 0.33 * _PERIOD


def _checks(u: Tensor, v: Tensor) -> Tensor:
    stripe, band = _stripes(u / 1.3, v), _bands(u, v / 1.3)
    return torch.maximum(torch.minimum(stripe, band), -torch.maximum(stripe, band)) * 1.3


def _saw(x: Tensor) -> Tensor:
    return torch.remainder(x / _PERIOD + 0.25, 1)


_DISTANCES = {"stripes": _stripes, "bands": _bands, "dots": _dots, "checks": _checks}
