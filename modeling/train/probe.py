"""Train the probe: `python -m modeling.train.probe --steps 1500`.

It sees rendered clips and, with `--decoded`, those that the base learns from as the decoder shows them. Clips are blurred, dimmed and made
noisy at random, so that the probe judges what a picture shows and not how sharp it is.
"""

import argparse
import random

import torch
import torch.nn.functional as F
from torch import Tensor

from modeling.pocket.probe import Probe, ProbeConfig
from modeling.train.latents import load_autoencoder, load_latents
from modeling.train.optimizer import Optimizer
from modeling.train.run import CACHE, RANK, Run, Schedule, load_average, save_whole, set_up, share
from modeling.world import vocabulary
from modeling.world.clips import ClipMaker, to_bytes
from modeling.world.scene import Scene

KINDS = ("object", "colour", "place", "sky", "motion", "position", "size")
BATCH = 24


def probe_config() -> ProbeConfig:
    """The probe of this world."""
    return ProbeConfig(kinds=tuple((kind, len(vocabulary.KINDS[kind])) for kind in KINDS))


def labels(scene: Scene) -> list[int]:
    """Index of the word per kind, -1 where the clip does not show it (the position of what crosses the picture)."""
    words = [list(vocabulary.KINDS[kind]).index(getattr(scene, kind)) for kind in KINDS]
    if scene.crosses:
        words[KINDS.index("position")] = -1
    return words


def load_probe() -> Probe:
    """The trained probe."""
    model = Probe(probe_config())
    model.load_state_dict(load_average("probe"))
    return model.eval()


def load_clips(count: int, seed: int, held_out: bool) -> tuple[Tensor, Tensor]:
    """Frames at half size `[count, 16, 3, 72, 128]` uint8 and labels `[count, kinds]`; kept in the cache."""
    path = CACHE / f"probe-{seed}-{count}.pt"
    if not path.exists():
        maker, clips, words = ClipMaker(seed, held_out=held_out), [], []
        for _ in range(count):
            scene = maker.draw()
            clips.append(to_bytes(F.avg_pool2d(maker.render(scene), 2)))
            words.append(labels(scene))
        save_whole({"clips": torch.stack(clips), "labels": torch.tensor(words)}, path)
    saved = torch.load(path, weights_only=True)
    return saved["clips"], saved["labels"]


@torch.no_grad()
def load_decoded() -> tuple[Tensor, Tensor]:
    """As `load_clips`, of all clips that are there as latents, as the decoder shows them; kept in the cache."""
    source = load_latents("clips")
    path = CACHE / f"probe-decoded-{len(source)}.pt"
    if not path.exists():
        decoder = load_autoencoder().decoder
        halves = [F.avg_pool2d(decoder(z.float()).clamp(-1, 1) / 2 + 0.5, 2) for z in source.latents]
        words = [labels(scenes[0]) for scenes in source.scenes]
        save_whole({"clips": torch.stack([to_bytes(h) for h in halves]), "labels": torch.tensor(words)}, path)
    saved = torch.load(path, weights_only=True)
    return saved["clips"], saved["labels"]


def disturb(frames: Tensor, rng: random.Random) -> Tensor:
    """Blur, dim and add noise to `[B, 16, 3, h, w]` in -1..1."""
    factor = rng.choice((1, 1, 1.5, 2))
    flat = frames.flatten(0, 1)
    if factor > 1:
        small = F.interpolate(flat, scale_factor=1 / factor, mode="area")
        flat = F.interpolate(small, size=frames.shape[-2:], mode="bilinear")
    flat = flat * rng.uniform(0.9, 1.1) + rng.uniform(-0.08, 0.08) + torch.randn_like(flat) * rng.uniform(0, 0.08)
    return flat.unflatten(0, frames.shape[:2])


@torch.no_grad()
def accuracy(model: Probe, clips: Tensor, truth: Tensor) -> dict[str, float]:
    """Share of right words per kind, where the clip shows the kind; `all` counts the five kinds of the sentence together."""
    answers = [torch.cat([part.argmax(1) for part in parts]) for parts in zip(*(model.judge(_floats(c)) for c in clips.split(16)), strict=True)]
    right = {}
    together = torch.ones(len(clips), dtype=torch.bool)
    for k, kind in enumerate(KINDS):
        shown = truth[:, k] >= 0
        hit = answers[k] == truth[:, k]
        right[kind] = hit[shown].float().mean().item()
        if k < 5:
            together &= hit
    right["all"] = together.float().mean().item()
    return right


def _floats(clips: Tensor) -> Tensor:
    return clips.float() / 127.5 - 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--clips", type=int, default=3000)
    parser.add_argument("--decoded", action="store_true", help="learn from decoded latents, too")
    parser.add_argument("--unseen", type=int, default=256)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--every", type=int, default=100)
    options = parser.parse_args()
    set_up(options.seed)
    sources = [load_clips(options.clips, 41, held_out=False)] if options.clips else []
    if options.decoded:
        sources.append(load_decoded())
    clips, truth = (torch.cat(parts) for parts in zip(*sources, strict=True))
    unseen_clips, unseen_truth = load_clips(options.unseen, 42, held_out=True)
    model = Probe(probe_config()).to(memory_format=torch.channels_last)
    run = Run("probe", model, Optimizer(model, muon_lr=0.01, adam_lr=1.5e-3, average=0.99, plain=("eye.1.", "heads.")))
    run.resume()
    rng = random.Random(options.seed + run.step + 7919 * RANK)

    def loss() -> Tensor:
        picked = torch.randint(0, len(clips), (share(BATCH),))
        answers = model.judge(disturb(_floats(clips[picked]), rng))
        return sum(F.cross_entropy(a, truth[picked, k], ignore_index=-1) for k, a in enumerate(answers))

    def sample() -> None:
        right = accuracy(model, unseen_clips, unseen_truth)
        run.log[-1].update(right)
        print(f"\nstep {run.step} loss {run.log[-1]['loss']:.4f}", {k: round(v, 3) for k, v in right.items()}, flush=True)

    run.train(Schedule(options.steps), loss, options.every, sample)


if __name__ == "__main__":
    main()
