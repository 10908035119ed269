"""Train the enhancer: `python -m modeling.train.enhance --steps 2500`.

VEnhancer (He et al. 2024, arXiv 2407.07667): windows of enlarged pictures, enlarged 1 to 8 times, hints at every frame or at every k-th
only, noised by up to `HINT_NOISE` steps. It starts from the base.

Where we differ: enhancement noises the enlarged frames and not the true ones, which the network of the paper never meets in training. Here
it is trained as it is used: the enlarged frames (between keys, the key before) with the same noise on all of them, from which one prediction
is to say the true ones.
"""

import argparse
import random

import torch
from torch import Tensor

from modeling.pocket.enhancer import Enhancer, start_from
from modeling.train.base import PLAIN, describe, encode, load_base
from modeling.train.diffusion import alphas_bar, mix
from modeling.train.edges import steepness
from modeling.train.enlarged import FRAMES, SHARD, UNSEEN, WINDOWS, Enlarged, load_enlarged
from modeling.train.latents import load_autoencoder, visibility
from modeling.train.optimizer import Optimizer
from modeling.train.run import CACHE, RANK, Run, Schedule, load_average, set_up, share
from modeling.train.vae import psnr
from modeling.world.sheet import save_sheet

BATCH = 8
HINT_NOISE = 300  #: most steps of noise on a hint
FAINT = 12  #: most steps of noise on most hints: a manifest's `hintNoise`, and a little more
HIGHEST = 650  #: timestep; enhancement begins at 600 at most, so what lies above is not learned
OFTEN_FAINT = 0.8  #: share of batches with faint noise
KEY_STEPS = (1, 1, 1, 1, 1, 1, 1, 2, 4, 8)  #: frames from key to key
FEW = 3  #: frames of most clips; sharpness is learned from them, and how frames agree from the others
HELD_OUT = UNSEEN * SHARD * WINDOWS  #: windows


def keys_of(frames: int, step: int) -> Tensor:
    """`[F]`: which key a frame is, -1 between keys."""
    frame = torch.arange(frames)
    return torch.where(frame % step == 0, frame // step, -1)


def shared_noise(latents: Tensor, generator: torch.Generator | None = None) -> Tensor:
    """Noise for `[B, C, F, h, w]` that is the same on every frame of a clip."""
    return torch.randn(latents[:, :, :1].shape, generator=generator).expand_as(latents)


def from_enlarged(enlarged: Tensor, truth: Tensor, timestep: Tensor, bar: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Enlarged latents `[B, C, F, h, w]` with the same noise on every frame, the v that makes them the true ones in one step, and its weight.

    Any v is an estimate of the clean latents, alpha x - sigma v; weighed by sigma^2 its error is theirs, at whatever timestep.
    """
    noisy, _ = mix(enlarged, shared_noise(enlarged), timestep, bar)
    alpha, sigma = (level.float().view(-1, 1, 1, 1, 1) for level in (bar[timestep].sqrt(), (1 - bar[timestep]).sqrt()))
    return noisy, (alpha * noisy - truth) / sigma, sigma.square()


def load_enhancer() -> Enhancer:
    """The averaged weights."""
    model = Enhancer().to(memory_format=torch.channels_last)
    model.load_state_dict(load_average("enhance"))
    return model.eval()


@torch.no_grad()
def enhance(model: Enhancer, hint: Tensor, context: Tensor, scale: Tensor, picture: Tensor, start: int, noise: int, steps: int) -> Tensor:
    """Hints `[1, C, F, h, w]`, all of them keys, to enhanced latents: DDIM from `start` down in `steps`, as the pocket set's manifest has it."""
    bar, generator = alphas_bar(), torch.Generator().manual_seed(4)
    level = torch.tensor([noise])
    shown, _ = mix(hint, shared_noise(hint, generator), level, bar)
    x, _ = mix(hint, shared_noise(hint, generator), torch.tensor([start]), bar)
    places = [round(start - k * (start + 1) / steps) for k in range(steps)]
    for here, below in zip(places, [*places[1:], None], strict=True):
        alpha, sigma = bar[here].sqrt().item(), (1 - bar[here]).sqrt().item()
        v = model(x, torch.tensor([here]), context, shown, keys_of(hint.shape[2], 1), level, scale, picture)
        x0, eps = alpha * x - sigma * v, sigma * x + alpha * v
        alpha, sigma = (1.0, 0.0) if below is None else (bar[below].sqrt().item(), (1 - bar[below]).sqrt().item())
        x = alpha * x0 + sigma * eps
    return x


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--every", type=int, default=50)
    parser.add_argument("--judged", type=int, default=HELD_OUT, help="held-out windows that the result is measured on")
    options = parser.parse_args()
    set_up(options.seed)
    rng = random.Random(options.seed + RANK)
    base, tokenizer = load_base()
    model = start_from(base.denoiser)
    run = Run("enhance", model, Optimizer(model, muon_lr=0.006, adam_lr=1.2e-3, average=0.99, plain=(*PLAIN, "hint", "scale")))
    run.resume()
    rng.seed(options.seed + run.step)
    bar, pool = alphas_bar(), load_enlarged()
    seen = visibility(load_autoencoder().decoder, pool.truths[HELD_OUT::40, 0].float()).view(1, -1, 1, 1, 1)

    def words(scenes: list) -> Tensor:
        with torch.no_grad():
            return base.context(encode(tokenizer, describe(scenes, rng)))

    def loss() -> Tensor:
        count, step = share(BATCH), rng.choice(KEY_STEPS)
        frames = FRAMES if step > 2 or rng.random() < 0.15 else FEW
        count = max(1, count * FEW // frames)
        picked = [rng.randrange(HELD_OUT, len(pool)) for _ in range(count)]
        first = rng.randrange(0, FRAMES - frames + 1)
        truth, hint = (z[picked, first : first + frames].float().transpose(1, 2) for z in (pool.truths, pool.hints))
        timestep = torch.tensor([int(HIGHEST * (k + rng.random()) / count) for k in range(count)])
        keys = hint[:, :, ::step]
        most = FAINT if rng.random() < OFTEN_FAINT else HINT_NOISE
        noise = torch.tensor([round(most * rng.random()) for _ in range(count)])
        shown, _ = mix(keys, shared_noise(keys), noise, bar)
        noisy, v, weight = from_enlarged(keys.repeat_interleave(step, 2)[:, :, :frames], truth, timestep, bar)
        scale = torch.tensor([float(pool.spots[k].scale) for k in picked])
        picture = torch.tensor([pool.spots[k].picture for k in picked])
        made = model(noisy, timestep, words([pool.scenes[k] for k in picked]), shown, keys_of(frames, step), noise, scale, picture)
        return (seen * weight * (made - v).square()).mean()

    def sample() -> None:
        if run.step < options.steps:
            return
        model.eval()
        figures, rows = measure(model, pool, words, options.judged)
        run.log[-1].update(figures)
        print(f"\nstep {run.step} loss {run.log[-1]['loss']:.4f} {figures}", flush=True)
        save_sheet(CACHE / "enhance-sheet.png", rows, ["enlarged, 0.25, 0.5, 1, truth"] * len(rows), frames=5, scale=1, columns=1)
        model.train()

    run.train(Schedule(options.steps, warm_up=20, final=0.05), loss, options.every, sample)


#: Start, noise on hints, and steps by what a script calls the strength (`story/plan/enhance-settings.ts`, and the manifest's facts).
STRENGTHS = {"0.25": (150, 1, 1), "0.5": (300, 3, 1), "1": (600, 10, 1)}


@torch.no_grad()
def measure(model: Enhancer, pool: Enlarged, words, count: int) -> tuple[dict, list[Tensor]]:  # noqa: ANN001
    """Decoded windows that training leaves out against the decoded truth: PSNR in dB and steepness of edges, of the hint and enhanced; strips."""
    decoder = load_autoencoder().decoder
    sums: dict[str, float] = {}
    rows = []
    picked = range(0, HELD_OUT, max(1, HELD_OUT // count))
    for k in picked:
        hint, truth = (z[k, ::2].float().transpose(0, 1).unsqueeze(0) for z in (pool.hints, pool.truths))
        told = (words([pool.scenes[k]]), torch.tensor([float(pool.spots[k].scale)]), torch.tensor(pool.spots[k].picture))
        made = {"0": hint, **{name: enhance(model, hint, *told, *how) for name, how in STRENGTHS.items()}}
        true = decoder(truth[0].transpose(0, 1)).clamp(-1, 1)
        decoded = {name: decoder(z[0].transpose(0, 1)).clamp(-1, 1) for name, z in made.items()}
        for name, frames in decoded.items():
            sums[name] = sums.get(name, 0.0) + psnr(frames, true) / len(picked)
            sums[f"{name} steepness"] = sums.get(f"{name} steepness", 0.0) + steepness(frames, true) / len(picked)
        rows.append(torch.stack([*(frames[2] for frames in decoded.values()), true[2]]) / 2 + 0.5)
    return sums, rows[:16]


if __name__ == "__main__":
    main()
