"""Colours on their way around the colour wheel (OKLab: Björn Ottosson 2020, https://bottosson.github.io/posts/oklab)."""

import math

from modeling.world.palette import RGB
from modeling.world.ways.easing import mix

_GREY = 0.04  #: below this chroma a colour has no hue of its own


def flow_colour(first: RGB, second: RGB, share: float) -> RGB:
    """From one colour to another by the short way around the wheel, so that red to yellow passes orange and no mud."""
    if share <= 0 or share >= 1 or first == second:
        return first if share < 0.5 else second
    (light, *one), (other_light, *two) = _lab(first), _lab(second)
    chromas, hues = [math.hypot(*c) for c in (one, two)], [math.atan2(c[1], c[0]) for c in (one, two)]
    start, end = hues[chromas[0] < _GREY], hues[chromas[1] >= _GREY]
    hue = start + ((end - start + math.pi) % (2 * math.pi) - math.pi) * share
    chroma = mix(chromas[0], chromas[1], share)
    return _rgb(mix(light, other_light, share), chroma * math.cos(hue), chroma * math.sin(hue))


def _lab(colour: RGB) -> tuple[float, float, float]:
    r, g, b = (max(k, 0) ** 2.2 for k in colour)
    rows = (0.4122 * r + 0.5363 * g + 0.0514 * b, 0.2119 * r + 0.6807 * g + 0.1074 * b, 0.0883 * r + 0.2817 * g + 0.6300 * b)
    long, medium, short = (k ** (1 / 3) for k in rows)
    return (
        0.2105 * long + 0.7936 * medium - 0.0041 * short,
        1.9780 * long - 2.4286 * medium + 0.4506 * short,
        0.0259 * long + 0.7828 * medium - 0.8087 * short,
    )


def _rgb(light: float, a: float, b: float) -> RGB:
    long, medium, short = ((light + p * a + q * b) ** 3 for p, q in ((0.3963, 0.2158), (-0.1056, -0.0639), (-0.0895, -1.2915)))
    linear = (
        4.0767 * long - 3.3077 * medium + 0.2310 * short,
        -1.2684 * long + 2.6098 * medium - 0.3413 * short,
        0.0042 * -long - 0.7034 * medium + 1.7076 * short,
    )
    return tuple(min(1.0, max(0.0, k)) ** (1 / 2.2) for k in linear)
