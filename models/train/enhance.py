"""Train the enhancer: `python -m models.train.enhance --steps 2500`.

VEnhancer (He et al. 2024, arXiv 2407.07667): windows of enlarged pictures, enlarged 1 to 8 times, hints at every frame or at every k-th
only, noised by up to `HINT_NOISE` steps. It starts from the base.
"""

import argparse
import random

import torch
from torch import Tensor

from models.modules.enhancer import Enhancer, start_from
from models.train.base import PLAIN, describe, encode, load_base
from models.train.diffusion import alphas_bar, mix
from models.train.edges import steepness
from models.train.enlarged import FRAMES, SHARD, UNSEEN, WINDOWS, Enlarged, load_enlarged
from models.train.latents import load_autoencoder, visibility
from models.train.optimizer import Optimizer
from models.train.run import CACHE, RANK, Run, Schedule, load_average, set_up, share
from models.train.vae import psnr
from models.world.sheet import save_sheet

BATCH = 8
HINT_NOISE = 300  #: most steps of noise on a hint
HIGHEST = 650  #: timestep; enhancement begins at 600 at most, so what lies above is not learned
KEY_STEPS = (1, 1, 1, 1, 1, 1, 1, 2, 4, 8)  #: frames from key to key
FEW = 3  #: frames of most clips; sharpness is learned from them, and how frames agree from the others
HELD_OUT = UNSEEN * SHARD * WINDOWS  #: windows


def keys_of(frames: int, step: int) -> Tensor:
    """`[F]`: which key a frame is, -1 between keys."""
    frame = torch.arange(frames)
    return torch.where(frame % step == 0, frame // step, -1)


def load_enhancer() -> Enhancer:
    """The averaged weights."""
    model = Enhancer().to(memory_format=torch.channels_last)
    model.load_state_dict(load_average("enhance"))
    return model.eval()


@torch.no_grad()
def enhance(model: Enhancer, hint: Tensor, context: Tensor, scale: Tensor, picture: Tensor, start: int, noise: int, steps: int) -> Tensor:
    """Hints `[1, C, F, h, w]`, all of them keys, to enhanced latents: DDIM from `start` down in `steps`."""
    bar, generator = alphas_bar(), torch.Generator().manual_seed(4)
    level = torch.tensor([noise])
    shown, _ = mix(hint, torch.randn(hint.shape, generator=generator), level, bar)
    x, _ = mix(hint, torch.randn(hint.shape, generator=generator), torch.tensor([start]), bar)
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
        noise = torch.tensor([round(HINT_NOISE * rng.random() ** 3) for _ in range(count)])
        noisy, v = mix(truth, torch.randn_like(truth), timestep, bar)
        shown, _ = mix(hint[:, :, ::step], torch.randn_like(hint[:, :, ::step]), noise, bar)
        scale = torch.tensor([float(pool.spots[k].scale) for k in picked])
        picture = torch.tensor([pool.spots[k].picture for k in picked])
        made = model(noisy, timestep, words([pool.scenes[k] for k in picked]), shown, keys_of(frames, step), noise, scale, picture)
        return (seen * (made - v).square()).mean()

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


#: Start, noise on hints, and steps by what a script calls the strength (`story/enhance-settings.ts`, and the manifest's facts).
STRENGTHS = {"0.25": (150, 4, 2), "0.5": (300, 15, 3), "1": (600, 60, 4)}


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
