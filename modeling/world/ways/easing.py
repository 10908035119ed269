"""How far a movement has come: numbers 0..1 as functions of time."""

from torch import Tensor


def ease(t: float) -> float:
    """0..1 to 0..1 with no speed at both ends; clamped outside."""
    t = min(1.0, max(0.0, t))
    return t * t * (3 - 2 * t)


def part(t: float, start: float, end: float) -> float:
    """How far a movement between `start` and `end` has come at `t`, eased."""
    return ease((t - start) / (end - start))


def ease_each(t: Tensor) -> Tensor:
    """`ease` of every element."""
    t = t.clamp(0, 1)
    return t * t * (3 - 2 * t)


def sprout(t: float) -> float:
    """0 to 1, a little too far and back: what grows out of the ground."""
    t = min(1.0, max(0.0, t)) - 1
    return 1 + 2.4 * t * t * t + 1.4 * t * t


def mix(a, b, share: float):
    """`a` to `b`, numbers or tuples of them."""
    if isinstance(a, tuple):
        return tuple(mix(x, y, share) for x, y in zip(a, b, strict=True))
    return a + (b - a) * share


def glide(start: float, speed: float, end: float, end_speed: float, t: float) -> float:
    """From `start` at `speed` to `end` at `end_speed`: what moves at the border of a shot goes on moving."""
    return start + (end - start) * ease(t) + speed * t * (1 - t) ** 2 - end_speed * t * t * (1 - t)
