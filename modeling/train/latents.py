"""Clips as latents, made once: `python -m modeling.train.latents --kind clips --count 2400`.

Kinds: `clips` (16 frames of one scene), `stills` (2 frames each, many more scenes), `pieces` (21 frames of the 61, for interpolation),
`joins` (16 frames from one scene to another). A shard holds 20 entries; those that exist are not made again.
"""

import argparse
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import torch
from torch import Tensor
from tqdm import tqdm

from modeling.pocket.autoencoder import AutoencoderConfig, Decoder
from modeling.train.run import CACHE, PROCESSES, RANK, set_up
from modeling.train.vae import FINAL, Autoencoder
from modeling.world import Scene, Window, clip_times
from modeling.world.clips import ClipMaker
from modeling.world.transition import render_transition

SHARD = 20
KEYS, INTERP_FRAMES, PIECE = 16, 61, 21
_SEEDS = {"clips": 1000, "stills": 2000, "pieces": 3000, "joins": 4000}


@dataclass
class Latents:
    """`latents` `[N, F, C, h, w]` half; `scenes` of each entry (two for joins); `frames` `[N, F]`: their indices in the clip."""

    latents: Tensor
    scenes: list[tuple[Scene, ...]]
    frames: Tensor

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
    return Latents(torch.cat([s["latents"] for s in shards]), scenes, torch.cat([s["frames"] for s in shards]))


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
    rng = random.Random(index)
    latents, scenes, indices = [], [], []
    for _ in range(count):
        frames, entry, index = _clip(kind, maker, rng)
        z = torch.cat([model.encoder(part * 2 - 1) for part in frames.contiguous(memory_format=torch.channels_last).split(16)])
        latents.append(z.half().contiguous())
        scenes.append(tuple(asdict(scene) for scene in entry))
        indices.append(torch.as_tensor(index))
    return {"latents": torch.stack(latents), "scenes": scenes, "frames": torch.stack(indices)}


def _clip(kind: str, maker: ClipMaker, rng: random.Random) -> tuple[Tensor, tuple[Scene, ...], Sequence[int]]:
    """Frames, scenes, and the index of each frame in its clip."""
    scene, every = maker.draw(), range(16)
    if kind == "joins":
        other = maker.draw()
        leaves, enters = rng.choice((1.0, rng.random())), rng.choice((0.0, rng.random()))
        return render_transition(scene, other, clip_times(16), Window(144, 256), leaves, enters), (scene, other), every
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
