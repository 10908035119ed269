"""Train the interpolation denoiser: `python -m models.train.interp --steps 500`.

It sees noisy latents and, as further channels, keys repeated as LaVie does: frame j has key floor((j + 1) / 4). It starts from the base.
"""

import argparse
import random

import torch
import torch.nn.functional as F
from torch import Tensor

from models.modules.denoiser import Denoiser, DenoiserConfig
from models.train.base import PLAIN, describe, encode, load_base
from models.train.diffusion import alphas_bar, mix, sample_ddim, stratified_timesteps
from models.train.latents import INTERP_FRAMES, PIECE, load_autoencoder, load_latents
from models.train.optimizer import Optimizer
from models.train.run import CACHE, RANK, Run, Schedule, load_average, set_up, share
from models.train.vae import psnr
from models.world.sheet import save_sheet

CONFIG = DenoiserConfig(in_channels=32, joint=False)
BATCH = 6
KEY_NOISE = 0.05  #: keys that the base made are not perfect, so training roughens them a little
SAMPLER_STEPS = 6


def repeat_keys(keys: Tensor, first: int = 0) -> Tensor:
    """Keys `[B, C, K, h, w]` at frames 4k to their copies for frames `first`, `first` + 1 … `first` + 4(K - 1)."""
    last = keys.shape[2] - 1
    index = ((torch.arange(4 * last + 1) + 1) // 4).clamp(max=last)
    return keys.index_select(2, index)


def start_from(base: Denoiser, config: DenoiserConfig) -> Denoiser:
    """A denoiser with more input channels and the weights of the base; the added channels start at zero."""
    model = Denoiser(config).to(memory_format=torch.channels_last)
    widened = ("conv_in.weight", "shortcut.gain.weight", "shortcut.gain.bias")
    weights, wide = base.state_dict(), {name: torch.zeros_like(model.state_dict()[name]) for name in widened}
    wide["conv_in.weight"][:, : base.config.in_channels] = weights["conv_in.weight"]
    for name in widened[1:]:
        wide[name][: base.config.out_channels] = weights[name]
    model.load_state_dict({**weights, **wide})
    return model


def load_interp() -> Denoiser:
    """The averaged weights."""
    model = Denoiser(CONFIG).to(memory_format=torch.channels_last)
    model.load_state_dict(load_average("interp"))
    return model.eval()


@torch.no_grad()
def interpolate(model: Denoiser, keys: Tensor, context: Tensor, times: Tensor, steps: int = SAMPLER_STEPS) -> Tensor:
    """Keys `[B, C, K, h, w]` to `[B, C, 4(K - 1) + 1, h, w]`."""
    copies = repeat_keys(keys)
    noise = torch.randn(copies.shape, generator=torch.Generator().manual_seed(5))

    def predict(x: Tensor, timestep: Tensor) -> Tensor:
        return model(torch.cat([x, copies], 1), timestep.expand(len(x)), context, times=times)

    return sample_ddim(predict, noise, steps)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--every", type=int, default=100)
    options = parser.parse_args()
    set_up(options.seed)
    rng = random.Random(options.seed + RANK)
    pieces, (base, tokenizer) = load_latents("pieces"), load_base()
    unseen = 16
    train = len(pieces) - unseen
    model = start_from(base.denoiser, CONFIG)
    run = Run("interp", model, Optimizer(model, muon_lr=0.015, adam_lr=1.5e-3, average=0.99, plain=PLAIN))
    run.resume()
    bar = alphas_bar()

    def batch(picked: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x0 = pieces.latents[picked].float().transpose(1, 2).contiguous()
        with torch.no_grad():
            context = base.context(encode(tokenizer, describe([pieces.scenes[i][0] for i in picked.tolist()], rng)))
        return x0, context, x0[:, :, ::4]

    def loss() -> Tensor:
        x0, context, keys = batch(torch.randint(0, train, (share(BATCH),)))
        start = 4 * rng.randrange((INTERP_FRAMES - PIECE) // 4 + 1)
        keys = repeat_keys(keys + KEY_NOISE * rng.random() * torch.randn_like(keys))
        timestep = stratified_timesteps(share(BATCH))
        noisy, v = mix(x0, torch.randn_like(x0), timestep, bar)
        return F.mse_loss(model(torch.cat([noisy, keys], 1), timestep, context, times=torch.arange(start, start + PIECE)), v)

    def sample() -> None:
        model.eval()
        decoder = load_autoencoder().decoder
        x0, context, keys = batch(torch.arange(train, train + 6))
        made = interpolate(model, keys, context, torch.arange(PIECE))
        made, true, repeated = (decoder(z.transpose(1, 2).flatten(0, 1)) for z in (made, x0, repeat_keys(keys)))
        figures = {"psnr": psnr(made, true.clamp(-1, 1)), "repeating_psnr": psnr(repeated, true.clamp(-1, 1))}
        run.log[-1].update(figures)
        print(f"\nstep {run.step} loss {run.log[-1]['loss']:.4f} {figures}", flush=True)
        rows = [p.unflatten(0, (6, PIECE))[k, 8:17] / 2 + 0.5 for k in range(6) for p in (true, made)]
        save_sheet(CACHE / "interp-sheet.png", rows, ["true", "made"] * 6, frames=9, scale=0.4)
        model.train()

    run.train(Schedule(options.steps), loss, options.every, sample)


if __name__ == "__main__":
    main()
