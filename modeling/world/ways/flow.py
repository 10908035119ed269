"""Flow: what is the same stays; what differs becomes the other. Objects part by part, places as a pop-up book, light through the time of day."""

import math

from torch import Tensor

from modeling.world.places import Place, paint_place
from modeling.world.ways.actor import paint_actor_between
from modeling.world.ways.easing import ease, part
from modeling.world.ways.eye import Eye
from modeling.world.ways.ground import pop_up
from modeling.world.ways.heavens import Heavens, paint_heavens
from modeling.world.ways.join import Join

_HOP = 0.22  #: of its size an object jumps while it changes


def flow(join: Join, t: float, eye: Eye) -> Tensor:
    """A frame `[1, 3, h, w]`."""
    a, b, at, picture = join.first, join.second, join.between(t), eye.blank()
    heavens = Heavens(a.sky, b.sky, ease(t), join.layouts)
    light = heavens.light()
    brush = eye.brush(picture, light)
    paint_heavens(brush, heavens, at.camera)
    if join.same_place:
        paint_place(brush, Place(a.place, a.layout), light, at.camera)
    else:
        pop_up(brush, light, Place(a.place, a.layout), Place(b.place, b.layout), t, at.camera)
    share = ease(t) if join.same_object else part(t, 0.18, 0.82)
    if not join.same_object:
        at = at.at(y=at.y + _HOP * at.size * math.sin(math.pi * share) ** 2)
    paint_actor_between(picture, eye, light, join, share, at, t)
    return picture
