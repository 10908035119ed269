"""Light and sky between two skies. From day to night the way leads through sunset; what shines sets and rises, clouds travel."""

from dataclasses import dataclass, fields, replace

from torch import Tensor

from modeling.world.brush import Brush
from modeling.world.palette import LIGHTS, Light
from modeling.world.sky import Body, Clouds, body_of, clouds_of, paint_air, paint_body, paint_clouds, paint_stars
from modeling.world.ways.easing import ease, mix, part

_THROUGH = {("day", "night"): ("day", "sunset", "night"), ("night", "day"): ("night", "sunset", "day")}
_RANK = {"day": 0, "sunset": 1, "night": 2, "storm": 3}  #: neighbours are looked at in this order; the other way round is the same backwards
_GONE = 2.4  #: clouds farther from the middle are out of sight
_FAINT = 0.004  #: what is smaller or weaker is not painted


@dataclass(frozen=True)
class Heavens:
    """`share` of the way from one sky to another; `layouts` of both."""

    first: str
    second: str
    share: float
    layouts: tuple[int, int] = (0, 0)

    @classmethod
    def of(cls, sky: str, layout: int) -> "Heavens":
        """One sky as it is."""
        return cls(sky, sky, 0.0, (layout, layout))

    def nearest(self) -> "Heavens":
        """Between the two neighbouring skies on the way, the lower in rank first."""
        path = _THROUGH.get((self.first, self.second), (self.first, self.second))
        legs = len(path) - 1
        leg = min(int(self.share * legs), legs - 1)
        first, second, share = path[leg], path[leg + 1], min(1.0, self.share * legs - leg)
        layouts = self.layouts if second == self.second else (self.layouts[0], self.layouts[0])
        return Heavens(second, first, 1 - share, layouts[::-1]) if _RANK[first] > _RANK[second] else Heavens(first, second, share, layouts)

    def light(self) -> Light:
        """What this sky does to everything below it."""
        at = self.nearest()
        return Light(*(mix(getattr(LIGHTS[at.first], f.name), getattr(LIGHTS[at.second], f.name), at.share) for f in fields(Light)))


def paint_heavens(brush: Brush, heavens: Heavens, camera: Tensor | float) -> None:
    """Fill the whole picture."""
    at = heavens.nearest()
    paint_air(brush, at.light())
    _paint_stars_between(brush, at)
    for body in _bodies(at):
        paint_body(brush, body)
    if at.first == at.second == "night":
        return
    clouds = _clouds(at, camera)
    if clouds.order:
        paint_clouds(brush, clouds, camera)


def _paint_stars_between(brush: Brush, at: Heavens) -> None:
    """One after the other they come, or go."""
    shown = [(sky, layout, share) for sky, layout, share in zip((at.first, at.second), at.layouts, (1 - at.share, at.share), strict=True)]
    nights = [(layout, share) for sky, layout, share in shown if sky == "night" and share > 0]
    if at.first == at.second and at.layouts[0] == at.layouts[1]:
        nights = [(layout, 1.0) for layout, _ in nights[:1]]
    for layout, share in nights:
        paint_stars(brush, layout, lambda k, share=share: part(share, 0.35 + 0.02 * k, 0.55 + 0.02 * k))


def _bodies(at: Heavens) -> list[Body]:
    one, two = body_of(at.first, at.layouts[0]), body_of(at.second, at.layouts[1])
    if one is None:
        return []
    if at.first == at.second or at.second == "sunset":
        moved = {f.name: mix(getattr(one, f.name), getattr(two, f.name), at.share) for f in fields(Body) if f.name != "is_moon"}
        return [replace(one, **moved)]
    if at.second == "night":  # the sun sets, then the moon rises
        down, up = part(at.share, 0, 0.65), part(at.share, 0.30, 1.0)
        sun = replace(one, y=one.y - 0.42 * down, strength=one.strength * (1 - down))
        moon = replace(two, y=two.y - 0.98 * (1 - up), strength=two.strength * up)
        return [_seen(sun), _seen(moon)]
    hidden = part(at.share, 0.30, 0.75)  # behind the clouds that roll in
    return [_seen(replace(one, radius=one.radius * (1 - hidden), strength=one.strength * (1 - part(at.share, 0, 0.7))))]


def _seen(body: Body) -> Body:
    return replace(body, radius=body.radius * (body.radius > _FAINT), strength=body.strength * (body.strength > _FAINT))


def _clouds(at: Heavens, camera: Tensor | float) -> Clouds:
    """Every cloud on its way to the one that becomes of it, without those out of sight."""
    one, two = clouds_of(at.first, at.layouts[0]), clouds_of(at.second, at.layouts[1])
    spots = tuple(mix(a, b, ease(at.share)) for a, b in zip(one.spots, two.spots, strict=True))
    order = tuple(k for k in (two.order if at.second == "storm" else one.order) if abs(spots[k][0] - 0.15 * float(camera)) <= _GONE)
    return Clouds(spots, mix(one.colour, two.colour, at.share), mix(one.belly, two.belly, at.share), order)
