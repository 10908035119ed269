"""What the prompt of a join says.

The words are chosen for the tokenizer of the set: most are words of its captions, so that the text encoder knows them; the others ("turns",
"page", "zoom", "follows") are spelled in a few pieces. No sentence is cut at 32 tokens.
"""

import random

from modeling.world import vocabulary
from modeling.world.scene import Scene

#: Words that name a way: `{a}` and `{b}` are the objects with article and colour, `{r}` the next place, `{side}` where the camera goes.
#: Flow has none of its own: what differs is said.
WORDS: dict[str, tuple[str, ...]] = {
    "pan": (
        "the camera pans to {b} on {r}",
        "the camera pans to {b}",
        "the camera pans {side} to {r}",
        "the camera moves {side} to {b}",
        "pan to {b}",
    ),
    "follow": ("the camera follows {a} to {r}", "{a} goes to {r}", "follow {a} to {r}", "the camera goes with {a} to {r}"),
    "ride": ("{a} goes {side} and turns into {b}", "the camera follows {a} and it turns into {b}", "{a} moves and becomes {b} on {r}"),
    "zoom": ("zoom into {a}", "the camera zooms into {a} to {b}", "the camera goes into {a} to {r}", "zoom through {a} to {b}", "{b} is inside {a}"),
    "rise": (
        "the camera rises over the clouds and comes down on {r}",
        "up over the clouds and down to {b}",
        "the camera flies over the clouds to {r}",
        "over the clouds to {b} on {r}",
    ),
    "page": ("the page turns to {b}", "turn the page", "the page turns", "next page, {b} on {r}"),
}
MORPH = ("{a} turns into {b}", "{a} becomes {b}", "{a} changes into {b}", "{a} grows into {b}")
RECOLOUR = ("{a} turns {colour}", "{a} becomes {colour}")
PLACE = ("{q} becomes {r}", "{r} rises", "{q} sinks and {r} comes up")
LIGHT: dict[str, tuple[str, ...]] = {
    "day": ("the sun comes up", "day comes", "the sun rises", "it is day"),
    "sunset": ("evening comes", "the sun sinks", "the sun comes down", "it is evening"),
    "night": ("night falls", "night comes", "the stars come up", "it is night"),
    "storm": ("a storm comes", "grey clouds come up", "the sky turns grey"),
}
UNSAID = ("", "smooth transition")


def join_words(first: Scene, second: Scene, way: str, rng: random.Random) -> str:
    """A sentence that names the way, or, for flow, what becomes of what."""
    slots = _slots(first, second, rng)
    if way != "flow":
        return rng.choice(WORDS[way]).format(**slots)
    said = []
    if first.object != second.object:
        said.append(rng.choice(MORPH))
    elif first.colour != second.colour:
        said.append(rng.choice(RECOLOUR))
    if first.place != second.place and rng.random() < 0.6:
        said.append(rng.choice(PLACE))
    if first.sky != second.sky and (not said or rng.random() < 0.6):
        said.append(rng.choice(LIGHT[second.sky]))
    rng.shuffle(said)
    return " and ".join(said[:2]).format(**slots) or "smooth transition"


def _slots(first: Scene, second: Scene, rng: random.Random) -> dict[str, str]:
    nouns = [f"{scene.colour} {rng.choice(vocabulary.OBJECTS[scene.object])}" for scene in (first, second)]
    old, new = (rng.choice([phrase for phrase in vocabulary.PLACES[scene.place] if phrase.startswith("the")]) for scene in (first, second))
    article = "an" if nouns[1][0] in "aeiou" else "a"
    side = "left" if next((s.motion for s in (first, second) if s.motion in ("left", "right", "pan")), "right") == "left" else "right"
    return {"a": f"the {nouns[0]}", "b": f"{article} {nouns[1]}", "q": old, "r": new, "colour": second.colour, "side": side}
