"""Train the enhancer: `python -m models.train.enhance --steps 1500`.

VEnhancer (He et al. 2024, arXiv 2407.07667): windows of enlarged pictures, enlarged 1 to 8 times, hints at every frame or at every k-th
only, noised by up to `HINT_NOISE` steps. It starts from the base.
"""

import argparse
import random

import torch
import torch.nn.functional as F
from torch import Tensor

from models.modules.enhancer import Enhancer, start_from
from models.train.base import PLAIN, describe, encode, load_base
from models.train.diffusion import alphas_bar, mix, stratified_timesteps
from models.train.enlarged import FRAMES, SHARD, WINDOWS, Enlarged, load_enlarged
from models.train.latents import load_autoencoder
from models.train.optimizer import Optimizer
from models.train.run import CACHE, RANK, Run, Schedule, load_average, set_up, share
from models.train.vae import psnr
from models.world.sheet import save_sheet

BATCH = 3
HINT_NOISE = 300  #: most steps of noise on a hint
KEY_STEPS = (1, 1, 1, 1, 1, 1, 1, 2, 4, 8)  #: frames from key to key
FEW = 3  #: frames of most clips; sharpness is learned from them, and how frames agree from the others
UNSEEN = SHARD * WINDOWS


def keys_of(frames: int, step: int) -> Tensor:
    """`[F]`: which key a frame is, -1 between keys."""
    frame = torch.arange(frames)
    return torch.where(frame % step == 0, frame // step, -1)


def lock_way_down(model: Enhancer) -> None:
    """Keep the base's way down as it is, as a ControlNet does: the branch learns what the hints say, and the way up to use it."""
    for part in ("step", "pooled", "embed", "conv_in", "place", "fine_down", "fine_frames_down", "down", "coarse_down", "mixers_down"):
        getattr(model.unet, part).requires_grad_(False)


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
    parser.add_argument("--every", type=int, default=15)
    options = parser.parse_args()
    set_up(options.seed)
    rng = random.Random(options.seed + RANK)
    base, tokenizer = load_base()
    model = start_from(base.denoiser)
    lock_way_down(model)
    run = Run("enhance", model, Optimizer(model, muon_lr=0.004, adam_lr=1.2e-3, average=0.97, plain=(*PLAIN, "hint", "scale")))
    run.resume()
    rng.seed(options.seed + run.step)
    bar, pool = alphas_bar(), load_enlarged()

    def words(scenes: list) -> Tensor:
        with torch.no_grad():
            return base.context(encode(tokenizer, describe(scenes, rng)))

    def predict(picked: int, timestep: Tensor, step: int, noise: Tensor) -> tuple[Tensor, Tensor]:
        """The model's v and the true one, of one window."""
        frames = FRAMES if step > 2 or rng.random() < 0.15 else FEW
        first = rng.randrange(0, FRAMES - frames + 1)
        truth, hint = (z[picked, first : first + frames].float().transpose(0, 1).unsqueeze(0) for z in (pool.truths, pool.hints))
        noisy, v = mix(truth, torch.randn_like(truth), timestep, bar)
        shown, _ = mix(hint[:, :, ::step], torch.randn_like(hint[:, :, ::step]), noise, bar)
        scale, picture = torch.tensor([float(pool.spots[picked].scale)]), torch.tensor(pool.spots[picked].picture)
        return model(noisy, timestep, words([pool.scenes[picked]]), shown, keys_of(frames, step), noise, scale, picture), v

    def loss() -> Tensor:
        total = torch.zeros(())
        timesteps = stratified_timesteps(share(BATCH))
        for timestep in timesteps.split(1):
            picked, step = rng.randrange(UNSEEN, len(pool)), rng.choice(KEY_STEPS)
            made, v = predict(picked, timestep, step, torch.tensor([round(HINT_NOISE * rng.random() ** 1.5)]))
            total = total + F.mse_loss(made, v)
        return total / len(timesteps)

    def sample() -> None:
        if run.step < options.steps:
            return
        model.eval()
        figures, rows = measure(model, pool, words)
        run.log[-1].update(figures)
        print(f"\nstep {run.step} loss {run.log[-1]['loss']:.4f} {figures}", flush=True)
        save_sheet(CACHE / "enhance-sheet.png", rows, ["hint, 0.5, truth"] * len(rows), frames=3, scale=1, columns=2)
        model.train()

    run.train(Schedule(options.steps, warm_up=10, final=0.1), loss, options.every, sample)


@torch.no_grad()
def measure(model: Enhancer, pool: Enlarged, words) -> tuple[dict, list[Tensor]]:  # noqa: ANN001
    """PSNR in dB of decoded windows that training leaves out, against the decoded truth: of the hint, and enhanced; and strips."""
    decoder = load_autoencoder().decoder
    sums, rows = {"hint": 0.0, "soft": 0.0, "half": 0.0}, []
    for k in range(UNSEEN):
        hint, truth = (z[k, ::2].float().transpose(0, 1).unsqueeze(0) for z in (pool.hints, pool.truths))
        scale, picture = torch.tensor([float(pool.spots[k].scale)]), torch.tensor(pool.spots[k].picture)
        told = (words([pool.scenes[k]]), scale, picture)
        made = {"hint": hint, "soft": enhance(model, hint, *told, 250, 20, 3), "half": enhance(model, hint, *told, 450, 100, 5)}
        true = decoder(truth[0].transpose(0, 1)).clamp(-1, 1)
        decoded = {name: decoder(z[0].transpose(0, 1)) for name, z in made.items()}
        for name, frames in decoded.items():
            sums[name] += psnr(frames, true) / UNSEEN
        rows.append(torch.stack([decoded["hint"][4], decoded["half"][4], true[4]]) / 2 + 0.5)
    return sums, rows


if __name__ == "__main__":
    main()
