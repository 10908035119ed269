"""A scene: everything that decides one clip. Equal scenes render to equal pictures at any size and time."""

import hashlib
import random
from dataclasses import dataclass, replace

from modeling.world import vocabulary
from modeling.world.looks import Look

#: Share of the combinations (object, colour, place, sky, motion) that training never sees: 1 in this many.
HELD_OUT_ONE_IN = 10
LAYOUTS = 3
#: How often neighbours in a story share something; a shared object mostly keeps its colour.
_SHARED = {"object": 0.35, "colour": 0.8, "place": 0.4, "sky": 0.4}


@dataclass(frozen=True)
class Scene:
    """One object in one place; `position` matters for motions that do not cross the picture."""

    object: str
    colour: str
    size: str
    place: str
    sky: str
    motion: str
    position: str
    layout: int = 0  #: which of the background variants, 0..LAYOUTS-1
    jitter: float = 0.0  #: sideways offset of the object, -1..1
    look: Look | None = None  #: what the object wears instead of its colour, beyond words

    @property
    def is_held_out(self) -> bool:
        """Whether training must not see this combination."""
        key = "/".join((self.object, self.colour, self.place, self.sky, self.motion))
        return int(hashlib.sha256(key.encode()).hexdigest(), 16) % HELD_OUT_ONE_IN == 0

    @property
    def crosses(self) -> bool:
        """Whether the object itself travels across the whole picture."""
        return self.motion in ("left", "right")


def sample_scene(rng: random.Random, held_out: bool | None = False, varied: bool = False) -> Scene:
    """Draw a scene; `held_out` False: only training combinations, True: only the others, None: all.

    Unless `varied`, the words decide everything: one background per place and sky, no sideways offset. Small models learn that first.
    """
    while True:
        name = rng.choice(tuple(vocabulary.OBJECTS))
        scene = Scene(
            object=name,
            colour=rng.choice(tuple(vocabulary.COLOURS)),
            size=rng.choice(("small", "medium", "medium", "big")),
            place=rng.choice(vocabulary.CAN_BE_AT[name]),
            sky=rng.choice(tuple(vocabulary.SKIES)),
            motion=rng.choice(vocabulary.CAN_DO[name]),
            position=rng.choice(tuple(vocabulary.POSITIONS)),
            layout=rng.randrange(LAYOUTS) if varied else 0,
            jitter=rng.uniform(-1, 1) if varied else 0.0,
        )
        if held_out is None or scene.is_held_out == held_out:
            return scene


def sample_neighbour(rng: random.Random, scene: Scene, held_out: bool | None = False) -> Scene:
    """Draw what comes after a scene: often the same object, place or sky, as in stories. It differs from the scene in one of them at least."""
    while True:
        other = sample_scene(rng, None)
        if rng.random() < _SHARED["object"]:
            other = replace(other, object=scene.object, colour=scene.colour if rng.random() < _SHARED["colour"] else other.colour, size=scene.size)
        if rng.random() < _SHARED["place"]:
            other = replace(other, place=scene.place)
        if rng.random() < _SHARED["sky"]:
            other = replace(other, sky=scene.sky)
        can_be = other.place in vocabulary.CAN_BE_AT[other.object] and other.motion in vocabulary.CAN_DO[other.object]
        differs = any(getattr(scene, name) != getattr(other, name) for name in ("object", "colour", "place", "sky"))
        if can_be and differs and (held_out is None or other.is_held_out == held_out):
            return other
