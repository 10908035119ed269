"""Pan: the camera goes on to the next place, which lies beside this one. Follow and ride take the object along."""

from torch import Tensor

from modeling.world.places import Place, paint_place
from modeling.world.scene import Scene
from modeling.world.ways.actor import paint_actor_between, paint_actor_of
from modeling.world.ways.easing import ease, glide, mix, part
from modeling.world.ways.eye import Eye
from modeling.world.ways.ground import beside
from modeling.world.ways.heavens import Heavens, paint_heavens
from modeling.world.ways.join import Join

_BETWEEN = 1.7  #: from the edge of one place's picture to that of the other
_ROLLING = {"car", "ball"}


def side(first: Scene, second: Scene) -> float:
    """Which way the camera goes, -1 or 1: with what moves first; else to the right."""
    for motion in (first.motion, second.motion):
        if motion in ("left", "right", "pan"):
            return -1.0 if motion == "left" else 1.0
    return 1.0


def pan(join: Join, t: float, eye: Eye) -> Tensor:
    """A frame `[1, 3, h, w]`; one object leaves the picture, the other enters it, unless it is one and the same."""
    return ride(join, t, eye) if join.same_object else _Pan(join, t, eye).apart()


def ride(join: Join, t: float, eye: Eye) -> Tensor:
    """A pan that follows the object while it becomes the other."""
    return _Pan(join, t, eye).together()


class _Pan:
    """One moment of a pan."""

    def __init__(self, join: Join, t: float, eye: Eye):
        self._join, self._t, self._eye = join, t, eye
        self._sign, self._width = side(join.first, join.second), 2 * eye.half_width + _BETWEEN
        arrive = [self._sign * speed.camera for speed in join.speeds]
        self._gone = glide(0.0, arrive[0], self._width, arrive[1], t)  #: how far the camera has come
        self._heavens = Heavens(join.first.sky, join.second.sky, ease(t), join.layouts)

    def together(self) -> Tensor:
        """With an object that stays in the picture."""
        join, t, sign = self._join, self._t, self._sign
        picture, at = self._stage(), join.between(t)
        rolls = None
        if {join.first.object, join.second.object} & _ROLLING:
            there = at.x + sign * self._gone  # in the first place; in the second it is `width` less
            ends = ((join.one, join.first, join.one.x), (join.two, join.second, join.two.x + sign * self._width))
            rolls = tuple((there - start) * own.facing / at.size + own.way(scene) for own, scene, start in ends)
        share = ease(t) if join.same_object else part(t, 0.2, 0.8)
        paint_actor_between(picture, self._eye, self._heavens.light(), join, share, at, t, rolls)
        return picture

    def apart(self) -> Tensor:
        """With an object in each place; they drive on as they did in their shots, and come to rest out of sight."""
        join, t, sign, light = self._join, self._t, self._sign, self._heavens.light()
        picture, (one, two), (leaving, entering) = self._stage(), (join.one, join.two), join.speeds
        went = (leaving.x + leaving.camera) * (t - t * t / 2), -(entering.x + entering.camera) * (1 - t * t) / 2
        shifts = -sign * self._gone, sign * (self._width - self._gone)
        for scene, own, way, shift in zip((join.first, join.second), (one, two), went, shifts, strict=True):
            rolled = own.way(scene) + (way * own.facing / own.size if scene.crosses else 0.0)
            paint_actor_of(picture, self._eye, light, scene, own.at(x=own.x + shift + way), join.clock(t), rolled)
        return picture

    def _stage(self) -> Tensor:
        join, t, sign = self._join, self._t, self._sign
        picture, light = self._eye.blank(), self._heavens.light()
        brush = self._eye.brush(picture, light)
        paint_heavens(brush, self._heavens, mix(join.one.camera, join.two.camera, ease(t)))
        cameras = join.one.camera + sign * self._gone, join.two.camera + sign * (self._gone - self._width)
        places = Place(join.first.place, join.first.layout), Place(join.second.place, join.second.layout)
        if t <= 0 or t >= 1:
            paint_place(brush, places[t >= 1], light, cameras[t >= 1])
        else:
            beside(brush, light, *places, self._width / 2 - self._gone, cameras, sign)
        return picture
