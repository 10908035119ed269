"""Captions: one scene has many, with synonyms and free order of the parts; the middle may go unsaid."""

import random

from modeling.world import vocabulary
from modeling.world.scene import Scene


def caption(scene: Scene, rng: random.Random | None = None) -> str:
    """Describe a scene. Without `rng`: the first phrase of each kind, all parts, in the plain order."""
    pick = rng.choice if rng else (lambda options: options[0])
    chance = rng.random if rng else (lambda: 1.0)

    noun = " ".join(w for w in (pick(vocabulary.SIZES[scene.size]), scene.colour, pick(vocabulary.OBJECTS[scene.object])) if w)
    subject = ("an " if noun[0] in "aeiou" else "a ") + noun
    verb = pick(_verbs(scene))
    where = ("over " if _is_in_the_air(scene) else "on ") + pick(vocabulary.PLACES[scene.place])
    sky = pick(vocabulary.SKIES[scene.sky])
    unsaid = scene.crosses or (scene.position == "middle" and chance() < 0.5)
    position = "" if unsaid else pick(vocabulary.POSITIONS[scene.position])

    if scene.motion == "pan":
        return _join(rng, f"{subject} {where}", position, sky, verb)
    return _join(rng, f"{subject} {verb} {where}" if verb else f"{subject} {where}", position, sky, "")


def _verbs(scene: Scene) -> tuple[str, ...]:
    phrases = vocabulary.MOTIONS[scene.motion]
    own = vocabulary.VERBS.get(scene.object)
    if scene.crosses and own and not (scene.object == "duck" and scene.place != "sea"):
        return (f"{own} {scene.motion}", f"{own} to the {scene.motion}", *phrases)
    return phrases


def _is_in_the_air(scene: Scene) -> bool:
    return scene.object == "balloon" or scene.motion in ("rise", "fall")


def _join(rng: random.Random | None, core: str, position: str, sky: str, tail: str) -> str:
    order = rng.choice("abcd") if rng else "a"
    if order == "a":
        parts = (core, position, sky, tail)
    elif order == "b":
        parts = (core, sky, position, tail)
    elif order == "c":
        parts = (sky + ",", core, position, tail)
    else:
        parts = (core, position, tail, sky)
    return " ".join(part for part in parts if part)
