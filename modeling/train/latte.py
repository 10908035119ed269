"""Train the latent diffusion transformer: `python -m modeling.train.latte --stage images|clips --steps N`.

It reads the words through the text encoder of the base, which stays as it is, and begins with the attention, words and feed-forwards of
the base's coarse level, which has the same width and grid. The prediction to meet is mostly the base's: the base knows the mean over what
the noise hides, so that part of the target has no noise of its own, and fewer steps do.
"""

import argparse
import random

import torch
import torch.nn.functional as F
from torch import Tensor

from modeling.pocket.denoiser import Denoiser
from modeling.pocket.latte import Latte, LatteConfig
from modeling.train.base import PROMPTS, TextToLatents, describe, draw_batch, draw_sheet, encode, load_base
from modeling.train.diffusion import alphas_bar, mix, stratified_timesteps
from modeling.train.latents import load_latents
from modeling.train.optimizer import Optimizer
from modeling.train.run import CACHE, RANK, Run, Schedule, load_average, set_up, share

#: Frames and clips of the steps in turn.
BATCHES = {"images": ((1, 48),), "clips": ((4, 12), (1, 48), (16, 3), (1, 48))}
PLAIN = ("patches.weight", "head", "table", "shortcut")


@torch.no_grad()
def start_from_base(model: Latte, base: Denoiser) -> None:
    """Copy the four transformer blocks of the base: its joint attention to that over place and to that over frames."""
    mixers = [*base.mixers_down, base.mixer_middle, base.mixer_up]
    for attention, mixer in zip((b.place for b in model.blocks if b.place), mixers, strict=True):
        attention.load_state_dict(mixer.frames.attention.state_dict())
    for attention, mixer in zip((b.frames for b in model.blocks if b.frames), mixers, strict=True):
        attention.load_state_dict(mixer.frames.attention.state_dict())
    for block, mixer in zip((b for b in model.blocks if b.words), mixers, strict=True):
        block.words.load_state_dict(mixer.words.state_dict())
        block.wide.load_state_dict(mixer.feed_forward.wide.state_dict())
        block.narrow.load_state_dict(mixer.feed_forward.out.state_dict())
        block.table[1].copy_(mixer.frames.norm.gain - 1)
        block.table[4].copy_(mixer.feed_forward.norm.gain - 1)
    model.step.load_state_dict(base.step.state_dict())
    model.pooled.load_state_dict(base.pooled.state_dict())


def load_latte(variant: int = 1) -> Latte:
    """The averaged weights."""
    model = Latte(LatteConfig(variant=variant))
    model.load_state_dict(load_average("latte-clips"))
    return model.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stage", choices=tuple(BATCHES), required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--variant", type=int, default=1)
    parser.add_argument("--taught", type=float, default=0.8, help="the base's share of the target")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--every", type=int, default=50)
    parser.add_argument("--prompts", type=int, default=6, help="how many of the standing prompts a sheet shows")
    options = parser.parse_args()
    set_up(options.seed)
    rng = random.Random(options.seed + RANK)
    random.seed(options.seed + RANK)
    base, tokenizer = load_base()
    clips, stills = load_latents("clips"), load_latents("stills")

    model = Latte(LatteConfig(variant=options.variant))
    if options.variant != 4:
        start_from_base(model, base.denoiser)
    if options.stage == "clips" and not (CACHE / "latte-clips.pt").exists():
        model.load_state_dict(load_average("latte-images"))
    run = Run(f"latte-{options.stage}", model, Optimizer(model, muon_lr=0.015, adam_lr=1.5e-3, average=0.99, plain=PLAIN))
    run.resume()
    bar, batches = alphas_bar(), BATCHES[options.stage]

    def loss() -> Tensor:
        frames, batch = batches[run.step % len(batches)]
        x0, scenes, times = draw_batch(frames, share(batch), clips, stills)
        timestep = stratified_timesteps(len(x0))
        noisy, v = mix(x0, torch.randn_like(x0), timestep, bar)
        with torch.no_grad():
            context = base.context(encode(tokenizer, describe(scenes, rng)))
            v = torch.lerp(v, base.denoiser(noisy, timestep, context, times=times), options.taught)
        return F.mse_loss(model(noisy, timestep, context, times=times), v)

    def sample() -> None:
        print(f"\nstep {run.step} loss {run.log[-1]['loss']:.4f}", flush=True)
        if run.step % (4 * options.every) == 0 or run.step == options.steps:
            frames = 1 if options.stage == "images" else 16
            draw_sheet(with_words(base, model), tokenizer, frames, f"latte-{options.stage}-sheet.png", PROMPTS[: options.prompts])

    final = 0.3 if options.stage == "images" else 0.02
    run.train(Schedule(options.steps, final=final), loss, options.every, sample)


def with_words(base: TextToLatents, denoiser: Latte) -> TextToLatents:
    """The text encoder of the base before another denoiser."""
    pair = TextToLatents.__new__(TextToLatents)
    torch.nn.Module.__init__(pair)
    pair.text, pair.denoiser = base.text, denoiser
    return pair


if __name__ == "__main__":
    main()
