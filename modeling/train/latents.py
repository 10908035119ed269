"""Clips as latents, made once: `python -m modeling.train.latents --kind clips --count 2400`.

Kinds: `clips` (16 frames of one scene), `stills` (2 frames each, many more scenes), `pieces` (21 frames of the 61, for interpolation),
`joins` (16 frames from one scene to another; some at both ends may be the scenes' own). A shard holds 20 entries; those that exist are not
made again.
"""

import argparse
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

import torch
from torch import Tensor
from tqdm import tqdm

from modeling.pocket.autoencoder import AutoencoderConfig, Decoder
from modeling.train.run import CACHE, PROCESSES, RANK, set_up
from modeling.train.vae import FINAL, Autoencoder
from modeling.world import Scene, Window, clip_times, render
from modeling.world.clips import ClipMaker
from modeling.world.scene import sample_neighbour, sample_scene
from modeling.world.transition import render_transition
from modeling.world.ways.rule import choose_way, possible_ways

SHARD = 20
KEYS, INTERP_FRAMES, PIECE = 16, 61, 21
WINDOW = Window(144, 256)
_SEEDS = {"clips": 1000, "stills": 2000, "pieces": 3000, "joins": 4000}


@dataclass(frozen=True)
class Passage:
    """How a join goes: which of `WAYS`, and how many frames at each end are the scenes' own."""

    way: str
    known: int = 1


@dataclass
class Latents:
    """`latents` `[N, F, C, h, w]` half; `scenes` of each entry (two for joins); `frames` `[N, F]`: their indices in the clip."""

    latents: Tensor
    scenes: list[tuple[Scene, ...]]
    frames: Tensor
    passages: list[Passage] = field(default_factory=list)  #: of joins

    def __len__(self) -> int:
        return len(self.latents)


def load_autoencoder() -> Autoencoder:
    """The trained autoencoder, latents scaled."""
    model = Autoencoder(AutoencoderConfig()).to(memory_format=torch.channels_last)
    model.load_state_dict(torch.load(FINAL, weights_only=True))
    return model.eval()


def load_latents(kind: str) -> Latents:
    """All shards of a kind."""
    shards = [torch.load(path, weights_only=True) for path in sorted((CACHE / "latents").glob(f"{kind}-*.pt"))]
    scenes = [tuple(Scene(**scene) for scene in entry) for shard in shards for entry in shard["scenes"]]
    passages = [Passage(**passage) for shard in shards for passage in shard.get("passages", [])]
    return Latents(torch.cat([s["latents"] for s in shards]), scenes, torch.cat([s["frames"] for s in shards]), passages)


@torch.no_grad()
def visibility(decoder: Decoder, latents: Tensor, change: float = 0.3) -> Tensor:
    """How much a change of each latent channel shows in the picture, `[C]`, 1 on average; `latents` `[N, C, h, w]`."""
    plain, shown = decoder(latents), []
    for channel in range(latents.shape[1]):
        changed = latents.clone()
        changed[:, channel] += change * torch.randn_like(changed[:, channel])
        shown.append((decoder(changed) - plain).square().mean())
    return torch.stack(shown) / torch.stack(shown).mean()


@torch.no_grad()
def make_shard(kind: str, index: int, count: int, model: Autoencoder, maker: ClipMaker) -> dict:
    """Render and encode one shard."""
    maker.reseed(_SEEDS[kind] + index)
    rng = random.Random(f"{kind}/{index}" if kind == "joins" else index)
    latents, scenes, indices, passages = [], [], [], []
    for _ in range(count):
        if kind == "joins":
            entry, passage = draw_join(rng)
            frames, index = render_join(entry, passage, rng), range(16)
            passages.append(asdict(passage))
        else:
            frames, entry, index = _clip(kind, maker, rng)
        z = torch.cat([model.encoder(part * 2 - 1) for part in frames.contiguous(memory_format=torch.channels_last).split(16)])
        latents.append(z.half().contiguous())
        scenes.append(tuple(asdict(scene) for scene in entry))
        indices.append(torch.as_tensor(index))
    return {"latents": torch.stack(latents), "scenes": scenes, "frames": torch.stack(indices), "passages": passages}


def draw_join(rng: random.Random, held_out: bool | None = False) -> tuple[tuple[Scene, Scene], Passage]:
    """Two neighbours and the way between them: half of the time the one that follows from the scenes, so that a join without words is learned."""
    first = sample_scene(rng, held_out)
    second = sample_neighbour(rng, first, held_out)
    way = choose_way(first, second) if rng.random() < 0.5 else rng.choice(possible_ways(first, second))
    return (first, second), Passage(way, rng.choice((1, 1, 1, 1, 1, 1, 1, 2, 3, 4)))


def render_join(scenes: tuple[Scene, Scene], passage: Passage, rng: random.Random | None = None, window: Window = WINDOW) -> Tensor:
    """`[16, 3, h, w]`. With `rng`, half of the joins of one known frame leave and enter their scenes at any time."""
    first, second = scenes
    own = passage.known - 1
    leaves, enters = (rng.choice((1.0, rng.random())), rng.choice((0.0, rng.random()))) if rng and own == 0 else (1.0, 0.0)
    between = render_transition(first, second, clip_times(KEYS - 2 * own), window, leaves, enters, passage.way)
    if own == 0:
        return between
    times = clip_times(KEYS)
    return torch.cat([render(first, times[-own - 1 : -1], window), between, render(second, times[1 : own + 1], window)])


def _clip(kind: str, maker: ClipMaker, rng: random.Random) -> tuple[Tensor, tuple[Scene, ...], Sequence[int]]:
    """Frames, scenes, and the index of each frame in its clip."""
    scene, every = maker.draw(), range(16)
    if kind == "pieces":
        start = 4 * rng.randrange((INTERP_FRAMES - PIECE) // 4 + 1)
        index = range(start, start + PIECE)
        return maker.render(scene, clip_times(INTERP_FRAMES)[start : start + PIECE]), (scene,), index
    if kind == "stills":
        index = sorted(rng.sample(every, 2))
        return maker.render(scene, clip_times(16)[index]), (scene,), index
    return maker.render(scene, clip_times(16)), (scene,), every


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", choices=tuple(_SEEDS), required=True)
    parser.add_argument("--count", type=int, required=True)
    options = parser.parse_args()
    set_up(seed=0)
    model, maker, folder = load_autoencoder(), ClipMaker(0), CACHE / "latents"
    folder.mkdir(parents=True, exist_ok=True)
    for index in tqdm(range(RANK, -(-options.count // SHARD), PROCESSES), desc=options.kind, disable=RANK > 0):
        path = folder / f"{options.kind}-{index:03}.pt"
        if not path.exists():
            torch.save(make_shard(options.kind, index, min(SHARD, options.count - index * SHARD), model, maker), path.with_suffix(".part"))
            path.with_suffix(".part").replace(path)


if __name__ == "__main__":
    main()
