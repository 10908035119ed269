"""A join: two scenes, the moments at which one is left and the other entered, and where everything stands between them."""

from dataclasses import dataclass, replace

import torch

from modeling.world.motion import FEET, pose
from modeling.world.scene import Scene
from modeling.world.ways.easing import ease, glide, mix

_MOVES = ("x", "y", "size", "ground", "camera")


@dataclass(frozen=True)
class Stand:
    """The object of a scene at one moment, as `motion.Pose` in plain numbers."""

    x: float
    y: float
    size: float
    ground: float
    camera: float
    facing: float

    @classmethod
    def of(cls, scene: Scene, time: float) -> "Stand":
        """At a time of the clip."""
        at = pose(scene, torch.tensor([time]))
        return cls(*(getattr(at, name).item() for name in _MOVES), at.facing)

    def at(self, **changes: float) -> "Stand":
        """Elsewhere."""
        return replace(self, **changes)

    def way(self, scene: Scene) -> float:
        """How far the object has travelled, in its own unit, as `render` counts it."""
        return self.x * self.facing / self.size if scene.crosses else 0.0


class Join:
    """From `first` at its time `leaves` to `second` at `enters`."""

    def __init__(self, first: Scene, second: Scene, leaves: float = 1.0, enters: float = 0.0):
        self.first, self.second = first, second
        self._times = leaves, enters
        self.one, self.two = Stand.of(first, leaves), Stand.of(second, enters)
        self.speeds = _speed(first, leaves), _speed(second, enters)

    @property
    def same_object(self) -> bool:
        """Whether one object plays in both scenes, perhaps in another colour."""
        return self.first.object == self.second.object

    @property
    def same_place(self) -> bool:
        """Whether both scenes have the same ground and distance."""
        return (self.first.place, self.first.layout) == (self.second.place, self.second.layout)

    @property
    def layouts(self) -> tuple[int, int]:
        """Of the backgrounds."""
        return self.first.layout, self.second.layout

    def clock(self, t: float) -> float:
        """The time of wheels, sails and leaves: it goes on from one clip into the other; all of them repeat after 1."""
        leaves, enters = self._times
        passes = (enters - leaves) % 1
        return leaves + t * (passes if passes > 0.5 else passes + 1)

    def between(self, t: float) -> Stand:
        """The object on its way, looking as at first."""
        now = {name: glide(*(getattr(k, name) for k in (self.one, self.speeds[0], self.two, self.speeds[1])), t) for name in _MOVES}
        lifts = (at.y - at.ground + FEET[scene.object] * at.size for scene, at in ((self.first, self.one), (self.second, self.two)))
        foot = mix(-FEET[self.first.object], -FEET[self.second.object], ease(t))
        return Stand(**now | {"y": now["ground"] + foot * now["size"] + mix(*lifts, ease(t))}, facing=self.one.facing)


def _speed(scene: Scene, time: float) -> Stand:
    """How fast everything moves, per clip (a join is as long as a clip); what is in the air comes to rest."""
    early = min(max(time - 0.005, 0.0), 0.99)
    first, last = Stand.of(scene, early), Stand.of(scene, early + 0.01)
    return Stand(*((getattr(last, name) - getattr(first, name)) / 0.01 * (name != "y") for name in _MOVES), last.facing)
