"""Which ways a join can take, and which it takes when nobody says it."""

from modeling.world.scene import Scene
from modeling.world.ways.join import Stand

_MOVERS = ("ball", "boat", "car", "balloon", "duck", "robot")
_THIN = ("windmill", "boat")
_FAR = 0.9  #: an object that would have to slide back farther than this is panned to


def choose_way(first: Scene, second: Scene) -> str:
    """What moves decides first, then what the scenes share; a pair that stands still flows."""
    same_object, same_place = first.object == second.object, (first.place, first.layout) == (second.place, second.layout)
    if not same_place and (first.motion == "rise" or second.motion == "fall"):
        return "rise"
    slides = abs(Stand.of(first, 1.0).x - Stand.of(second, 0.0).x) > _FAR
    if first.crosses or (second.crosses and slides) or (not same_place and "pan" in (first.motion, second.motion)):
        return "follow" if same_object else "ride" if same_place and first.crosses else "pan"
    return "zoom" if first.motion == "closer" and not same_object and not same_place else "flow"


def possible_ways(first: Scene, second: Scene) -> tuple[str, ...]:
    """All that look like something: no pan to where the camera is already, no window in thin sails or a mast."""
    same_object, same_place = first.object == second.object, (first.place, first.layout) == (second.place, second.layout)
    ways = ["flow", "page"]
    if not same_place:
        ways += ["follow", "rise"] if same_object else ["pan", "rise"]
    if not same_object:
        ways += ["ride"] if first.object in _MOVERS else []
        ways += [] if first.object in _THIN else ["zoom"]
    return tuple(ways)
