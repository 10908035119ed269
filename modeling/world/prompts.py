"""Prompts that training never saw, with what each says: `python -m modeling.world.prompts > bench/prompts.json`.

Every prompt also comes with another action of the same thing in the same picture, for clips whose action changes.
"""

import json
import random
from dataclasses import replace

from modeling.world import vocabulary
from modeling.world.caption import caption
from modeling.world.scene import Scene, sample_scene

SEED, COUNT = 77, 32
KINDS = ("object", "colour", "place", "sky", "motion")


def said(scene: Scene) -> dict:
    """The words of a scene that a probe can read, and the sentence."""
    return {"prompt": caption(scene), **{kind: getattr(scene, kind) for kind in KINDS}}


def main() -> None:
    rng, prompts = random.Random(SEED), []
    for _ in range(COUNT):
        scene = sample_scene(rng, held_out=True)
        # A pan moves the picture and not the thing, so it is no action to change to.
        others = [motion for motion in vocabulary.CAN_DO[scene.object] if motion not in (scene.motion, "pan")]
        prompts.append(said(scene) | {"then": said(replace(scene, motion=rng.choice(others)))})
    print(json.dumps({"madeBy": "python -m modeling.world.prompts", "seed": SEED, "prompts": prompts}, indent=2))


if __name__ == "__main__":
    main()
