"""Colours (RGB, 0..1) of objects, places and light. One palette, so that every picture of the world belongs to one book."""

from dataclasses import dataclass

RGB = tuple[float, float, float]

COLOURS: dict[str, RGB] = {
    "red": (0.89, 0.15, 0.15),
    "orange": (1.00, 0.52, 0.08),
    "yellow": (1.00, 0.86, 0.16),
    "green": (0.14, 0.62, 0.24),
    "blue": (0.12, 0.32, 0.90),
    "purple": (0.53, 0.20, 0.74),
    "pink": (1.00, 0.50, 0.72),
    "white": (0.97, 0.97, 0.96),
}

CREAM: RGB = (0.99, 0.96, 0.88)
INK: RGB = (0.13, 0.12, 0.18)
WOOD: RGB = (0.48, 0.31, 0.19)
GLASS: RGB = (0.68, 0.88, 0.97)
LAMP: RGB = (1.00, 0.92, 0.55)
STEEL: RGB = (0.66, 0.69, 0.74)
FIRE: RGB = (1.00, 0.62, 0.12)
ROOF: RGB = (0.52, 0.24, 0.18)


@dataclass(frozen=True)
class Light:
    """What a sky does to everything below it."""

    top: RGB
    middle: RGB
    horizon: RGB
    ground: RGB  #: multiplies the colours of the ground
    objects: RGB  #: multiplies the colours of objects
    haze: RGB  #: what far things fade into
    shadow: float  #: how dark the shadow under an object is, 0..1
    lamps: float  #: how much windows and lamps glow, 0..1


LIGHTS: dict[str, Light] = {
    "day": Light((0.20, 0.50, 0.93), (0.45, 0.72, 0.98), (0.84, 0.94, 1.00), (1, 1, 1), (1, 1, 1), (0.78, 0.89, 0.97), 0.42, 0.0),
    "sunset": Light(
        (0.30, 0.18, 0.48), (0.86, 0.38, 0.42), (1.00, 0.74, 0.36), (1.00, 0.78, 0.68), (1.00, 0.90, 0.84), (0.96, 0.60, 0.42), 0.40, 0.4
    ),
    "night": Light((0.02, 0.03, 0.13), (0.06, 0.09, 0.27), (0.16, 0.21, 0.43), (0.36, 0.42, 0.64), (0.80, 0.82, 0.96), (0.14, 0.19, 0.38), 0.38, 1.0),
    "storm": Light((0.20, 0.23, 0.29), (0.36, 0.40, 0.46), (0.58, 0.61, 0.64), (0.64, 0.69, 0.74), (0.86, 0.88, 0.91), (0.50, 0.54, 0.58), 0.30, 0.6),
}

#: Ground colour far away and near, by place.
GROUNDS: dict[str, tuple[RGB, RGB]] = {
    "meadow": ((0.56, 0.78, 0.36), (0.26, 0.58, 0.24)),
    "beach": ((0.97, 0.88, 0.66), (0.90, 0.72, 0.46)),
    "snow": ((0.97, 0.98, 1.00), (0.82, 0.89, 0.97)),
    "sea": ((0.30, 0.64, 0.80), (0.06, 0.33, 0.60)),
    "city": ((0.52, 0.53, 0.57), (0.36, 0.37, 0.43)),
}
