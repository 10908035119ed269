"""Scenes of subjects with their portraits, made once: `python -m modeling.train.portraits --count 1200`.

Each entry holds two frames of a scene whose object has a look, where the object is in them, and the portrait of the object.
"""

import argparse
import random
from dataclasses import asdict, dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor
from tqdm import tqdm

from modeling.train.latents import SHARD, load_autoencoder
from modeling.train.run import CACHE, save_whole, set_up
from modeling.train.vae import Autoencoder
from modeling.world import Scene, Window, clip_times, render
from modeling.world.clips import ClipMaker
from modeling.world.looks import Look, draw_look
from modeling.world.portrait import render_portrait

PICTURE = 96  #: side of a portrait in pixels
_CELL = 16  #: pixels of a latent cell


@dataclass
class Subjects:
    """`latents` `[N, 2, C, h, w]` half, `here` `[N, 2, h, w]` share of each cell that is object, `frames` `[N, 2]` indices in the clip.

    `pictures` `[N, 3, PICTURE, PICTURE]` uint8 and their latents `portraits` `[N, C, h', w']` half.
    """

    latents: Tensor
    here: Tensor
    frames: Tensor
    pictures: Tensor
    portraits: Tensor
    scenes: list[Scene]

    def __len__(self) -> int:
        return len(self.latents)


def load_subjects() -> Subjects:
    """All shards."""
    shards = [torch.load(path, weights_only=True) for path in sorted((CACHE / "latents").glob("subjects-*.pt"))]
    parts = {key: torch.cat([s[key] for s in shards]) for key in ("latents", "here", "frames", "pictures", "portraits")}
    return Subjects(**parts, scenes=[_scene(entry) for shard in shards for entry in shard["scenes"]])


def _scene(entry: dict) -> Scene:
    return Scene(**{**entry, "look": Look(**entry["look"])})


@torch.no_grad()
def make_shard(index: int, model: Autoencoder, maker: ClipMaker) -> dict:
    """Render and encode one shard."""
    maker.reseed(9000 + index)
    rng = random.Random(index)
    made: dict[str, list] = {"latents": [], "here": [], "frames": [], "pictures": [], "portraits": [], "scenes": []}
    for _ in range(SHARD):
        scene = replace(maker.draw(), look=draw_look(rng))
        index_in_clip = sorted(rng.sample(range(16), 2))
        times = clip_times(16)[index_in_clip]
        background = maker.background(scene, times)
        frames = render(scene, times, Window(144, 256), background)
        there = ((frames - background).abs().amax(1, keepdim=True) > 0.03).float()
        portrait = render_portrait(scene, PICTURE, time=rng.random())
        made["latents"].append(encode_pictures(model, frames).half())
        made["here"].append(F.avg_pool2d(there, _CELL)[:, 0].half())
        made["frames"].append(torch.tensor(index_in_clip))
        made["pictures"].append((portrait * 255).round().byte())
        made["portraits"].append(encode_pictures(model, portrait.unsqueeze(0))[0].half())
        made["scenes"].append(asdict(scene))
    return {key: value if key == "scenes" else torch.stack(value) for key, value in made.items()}


@torch.no_grad()
def encode_pictures(model: Autoencoder, pictures: Tensor) -> Tensor:
    """`[N, 3, H, W]` in 0..1 to latents."""
    return model.encoder((pictures * 2 - 1).contiguous(memory_format=torch.channels_last)).contiguous()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, required=True)
    options = parser.parse_args()
    set_up(seed=0)
    model, maker, folder = load_autoencoder(), ClipMaker(0), CACHE / "latents"
    for index in tqdm(range(-(-options.count // SHARD)), desc="subjects"):
        path = folder / f"subjects-{index:03}.pt"
        if not path.exists():
            save_whole(make_shard(index, model, maker), path)


if __name__ == "__main__":
    main()
