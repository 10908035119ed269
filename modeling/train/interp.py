"""Train the interpolation denoiser: `python -m modeling.train.interp --steps 500`.

It sees noisy latents and, as further channels, keys repeated as LaVie does: frame j has key floor((j + 1) / 4). It starts from the base.
The keys on both sides say almost everything, so steps look at strong noise more often: what counts is the first guess.
"""

import argparse
import random

import torch
from torch import Tensor

from modeling.pocket.denoiser import Denoiser, DenoiserConfig
from modeling.pocket.interpolator import PER_KEY, InterpDenoiser, surrounding_keys
from modeling.train.base import PLAIN, describe, encode, load_base
from modeling.train.diffusion import TRAIN_STEPS, alphas_bar, mix, sample_ddim, stratified_timesteps
from modeling.train.latents import INTERP_FRAMES, PIECE, load_autoencoder, load_latents, visibility
from modeling.train.optimizer import Optimizer
from modeling.train.run import CACHE, RANK, Run, Schedule, load_average, set_up, share
from modeling.train.theatre import load_theatre
from modeling.train.vae import psnr
from modeling.world.sheet import save_sheet

CONFIG = DenoiserConfig(in_channels=64, joint=False, reach=10, phases=PER_KEY)
BATCH = 3
KEY_NOISE = 0.05  #: keys that the base made are not perfect, so training roughens them a little
SAMPLER_STEPS = 2


def repeat_keys(keys: Tensor) -> Tensor:
    """Keys `[B, C, K, h, w]` at frames 4k to their copies for frames 0 … 4(K - 1)."""
    last = keys.shape[2] - 1
    index = ((torch.arange(4 * last + 1) + 1) // 4).clamp(max=last)
    return keys.index_select(2, index)


def start_from(base: Denoiser, config: DenoiserConfig, silent: bool = False) -> Denoiser:
    """A denoiser with more channels in and out and the weights of the base; what is added starts at zero, and the way out too if `silent`."""
    model = Denoiser(config).to(memory_format=torch.channels_last)
    widened = ("conv_in.weight", "shortcut.gain.weight", "shortcut.gain.bias", "conv_out.weight", "conv_out.bias")
    weights, own = base.state_dict(), model.state_dict()
    wide = {name: torch.zeros_like(own[name]) for name in own if name in widened or name not in weights}
    wide["conv_in.weight"][:, : base.config.in_channels] = weights["conv_in.weight"]
    for name in widened[1:]:
        wide[name][: base.config.out_channels] = weights[name]
    model.load_state_dict({**weights, **wide})
    if silent:
        for tensor in (*model.conv_out.parameters(), *model.shortcut.parameters()):
            torch.nn.init.zeros_(tensor)
    return model


def build() -> InterpDenoiser:
    """The untrained model."""
    model = InterpDenoiser(CONFIG)
    model.denoiser.to(memory_format=torch.channels_last)
    return model


def load_interp() -> InterpDenoiser:
    """The averaged weights, and those of the theatre."""
    model = build()
    model.denoiser.load_state_dict(load_average("interp"))
    model.theatre = load_theatre("done")
    return model.eval()


def strong_timesteps(count: int) -> Tensor:
    """`[count]` timesteps, the more likely the later."""
    share_of_all = (stratified_timesteps(count) + 1) / TRAIN_STEPS
    return (share_of_all.sqrt() * TRAIN_STEPS).long().clamp(max=TRAIN_STEPS - 1)


@torch.no_grad()
def interpolate(model: InterpDenoiser, keys: Tensor, context: Tensor, times: Tensor, steps: int = SAMPLER_STEPS) -> Tensor:
    """Keys `[B, C, K, h, w]` to `[B, C, 4(K - 1) + 1, h, w]`."""
    copies = repeat_keys(keys)
    noise = torch.randn(copies.shape, generator=torch.Generator().manual_seed(5))

    def predict(x: Tensor, timestep: Tensor) -> Tensor:
        return model.paint(torch.cat([x, copies], 1), timestep.expand(len(x)), context, times=times)

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
    model = build()
    model.denoiser = start_from(base.denoiser, CONFIG, silent=True)
    run = Run("interp", model.denoiser, Optimizer(model.denoiser, muon_lr=0.015, adam_lr=1.5e-3, average=0.99, plain=(*PLAIN, "phase")))
    run.resume()
    bar = alphas_bar()
    visible = visibility(load_autoencoder().decoder, pieces.latents[:16, 0].float()).view(-1, 1, 1, 1)
    between = torch.tensor([j for j in range(PIECE) if j % PER_KEY])

    def batch(picked: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x0 = pieces.latents[picked].float().transpose(1, 2).contiguous()
        with torch.no_grad():
            context = base.context(encode(tokenizer, describe([pieces.scenes[i][0] for i in picked.tolist()], rng)))
        return x0, context, x0[:, :, ::4]

    def loss() -> Tensor:
        x0, context, keys = batch(torch.randint(unseen, len(pieces), (share(BATCH),)))
        start = 4 * rng.randrange((INTERP_FRAMES - PIECE) // 4 + 1)
        keys = repeat_keys(keys + KEY_NOISE * rng.random() * torch.randn_like(keys))
        timestep = strong_timesteps(share(BATCH))
        noisy, v = mix(x0, torch.randn_like(x0), timestep, bar)
        made = model.paint(torch.cat([noisy, keys], 1), timestep, context, times=torch.arange(start, start + PIECE))
        strength = (1 - bar[timestep]).float().view(-1, 1, 1, 1, 1)
        return ((made - v).square() * strength * visible)[:, :, between].mean()

    def sample() -> None:
        model.eval()
        decoder = load_autoencoder().decoder
        x0, context, keys = batch(torch.arange(6))
        made = interpolate(model, keys, context, torch.arange(PIECE))
        before, after, how_far = surrounding_keys(repeat_keys(keys))
        clips = {"made": made, "true": x0, "repeated": repeat_keys(keys), "before": before, "after": after}
        shown = {name: decoder(z.transpose(1, 2).flatten(0, 1)).clamp(-1, 1).unflatten(0, (6, PIECE)) for name, z in clips.items()}
        made, true = shown["made"], shown["true"]
        faded = torch.lerp(shown["before"], shown["after"], how_far.unsqueeze(-1))
        others = {"psnr": made, "repeating_psnr": shown["repeated"], "fading_psnr": faded}
        figures = {name: psnr(clip[:, between], true[:, between]) for name, clip in others.items()}
        run.log[-1].update(figures)
        print(f"\nstep {run.step} loss {run.log[-1]['loss']:.4f} {figures}", flush=True)
        rows = [clip[k, 8:17] / 2 + 0.5 for k in range(6) for clip in (true, made)]
        save_sheet(CACHE / "interp-sheet.png", rows, ["true", "made"] * 6, frames=9, scale=0.4)
        model.train()

    run.train(Schedule(options.steps), loss, options.every, sample)


if __name__ == "__main__":
    main()
