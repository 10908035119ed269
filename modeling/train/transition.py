"""Train the transition denoiser: `python -m modeling.train.transition --steps 400`.

SEINE (Chen et al. 2023, arXiv 2310.20700): noisy latents, a mask (0 known, 1 to be made) and the known latents. Random masks make
one model do transitions (first and last known), animation (first known) and prediction (some first known). It starts from the base.
"""

import argparse
import random

import torch
from torch import Tensor

from modeling.pocket.denoiser import DenoiserConfig
from modeling.pocket.transition import TransitionDenoiser
from modeling.train.base import PLAIN, WORDS_DROPPED, describe, encode, load_base
from modeling.train.diffusion import alphas_bar, guided, mix, sample_ddim, stratified_timesteps
from modeling.train.interp import start_from
from modeling.train.latents import Latents, load_autoencoder, load_latents, visibility
from modeling.train.optimizer import Optimizer
from modeling.train.run import CACHE, RANK, Run, Schedule, load_average, set_up, share
from modeling.world import Scene
from modeling.world.sheet import save_sheet

CONFIG = DenoiserConfig(in_channels=33)
BATCH = 4
WEAK_NOISE = 5  #: below this signal-to-noise ratio (Hang et al. 2023, arXiv 2303.09556) errors of v count fully, above it those of x0
FRAMES = 16
JOIN_WORDS = "smooth transition"


def draw_mask(rng: random.Random, join: bool) -> Tensor:
    """`[FRAMES]`, 0 known, 1 to be made: the first, the first n, the ends, or every fifth."""
    mask = torch.ones(FRAMES)
    kind = "ends" if join else rng.choice(("first", "firsts", "ends", "keys", "none"))
    if kind in ("first", "ends"):
        mask[0] = 0
    if kind == "ends":
        mask[-1] = 0
    if kind == "firsts":
        mask[: rng.randint(2, 8)] = 0
    if kind == "keys":
        mask[::5] = 0
    return mask


def join_words(scenes: tuple[Scene, ...], rng: random.Random) -> str:
    """What a transition is told: nothing, `JOIN_WORDS`, or where it goes."""
    if rng.random() < WORDS_DROPPED:
        return ""
    return JOIN_WORDS if rng.random() < 0.7 else describe([scenes[1]], rng)[0]


def with_known(noisy: Tensor, x0: Tensor, mask: Tensor) -> Tensor:
    """`[B, 2C + 1, F, h, w]`: noisy latents, mask `[B, F]`, known latents."""
    wide = mask[:, None, :, None, None].expand(-1, 1, -1, *x0.shape[-2:])
    return torch.cat([noisy, wide, x0 * (1 - wide)], dim=1)


def build() -> TransitionDenoiser:
    """The untrained model."""
    return TransitionDenoiser(CONFIG).to(memory_format=torch.channels_last)


def load_transition() -> TransitionDenoiser:
    """The averaged weights."""
    model = build()
    model.load_state_dict(load_average("transition"))
    return model.eval()


@torch.no_grad()
def fill(model: TransitionDenoiser, x0: Tensor, mask: Tensor, context: Tensor, empty: Tensor, steps: int = 8, guidance: float = 1.0) -> Tensor:
    """Make the frames of `x0` `[B, C, F, h, w]` where `mask` `[B, F]` is 1."""
    noise = torch.randn(x0.shape, generator=torch.Generator().manual_seed(6))

    def predict(x: Tensor, timestep: Tensor, words: Tensor) -> Tensor:
        times = len(x) // len(x0)
        return model(with_known(x, x0.repeat(times, 1, 1, 1, 1), mask.repeat(times, 1)), timestep, words)

    return sample_ddim(guided(predict, context, empty, guidance), noise, steps)


class Pairs:
    """Batches of half ordinary clips, half joins."""

    def __init__(self, clips: Latents, joins: Latents, unseen: int, rng: random.Random):
        self._sources, self._unseen, self._rng = (clips, joins), unseen, rng

    def draw(self) -> tuple[Tensor, Tensor, list[str]]:
        """`x0` `[B, C, F, h, w]`, masks `[B, F]`, prompts."""
        latents, masks, prompts = [], [], []
        for k in range(share(BATCH)):
            join = k % 2 == 1
            source = self._sources[join]
            i = self._rng.randrange(len(source) - self._unseen)
            latents.append(source.latents[i].float())
            masks.append(draw_mask(self._rng, join))
            prompts.append(join_words(source.scenes[i], self._rng) if join else describe([source.scenes[i][0]], self._rng)[0])
        return torch.stack(latents).transpose(1, 2).contiguous(), torch.stack(masks), prompts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--every", type=int, default=100)
    options = parser.parse_args()
    set_up(options.seed)
    rng = random.Random(options.seed + RANK)
    (base, tokenizer), joins = load_base(), load_latents("joins")
    pairs = Pairs(load_latents("clips"), joins, unseen=8, rng=rng)
    model = build()
    model.denoiser = start_from(base.denoiser, CONFIG, silent=True)
    run = Run("transition", model, Optimizer(model, muon_lr=0.012, adam_lr=1.2e-3, average=0.99, plain=PLAIN))
    run.resume()
    bar = alphas_bar()
    visible = visibility(load_autoencoder().decoder, joins.latents[:16, 0].float()).view(-1, 1, 1, 1)

    def words(prompts: list[str]) -> Tensor:
        with torch.no_grad():
            return base.context(encode(tokenizer, prompts))

    def loss() -> Tensor:
        x0, mask, prompts = pairs.draw()
        timestep = stratified_timesteps(share(BATCH))
        noisy, v = mix(x0, torch.randn_like(x0), timestep, bar)
        error = (model(with_known(noisy, x0, mask), timestep, words(prompts)) - v).square()
        weight = visible * (WEAK_NOISE * (1 - bar[timestep])).clamp(max=1).float().view(-1, 1, 1, 1, 1)
        return ((error * weight).mean((1, 3, 4)) * mask).sum() / mask.sum()

    def sample() -> None:
        model.eval()
        decoder = load_autoencoder().decoder
        x0 = joins.latents[-8:].float().transpose(1, 2)
        mask = draw_mask(rng, join=True).expand(8, -1)
        made = fill(model, x0, mask, words([JOIN_WORDS] * 8), words([""] * 8))
        rows = [decoder(z.transpose(0, 1)) / 2 + 0.5 for pair in zip(x0, made, strict=True) for z in pair]
        save_sheet(CACHE / "transition-sheet.png", rows, ["true", "made"] * 8, frames=8, scale=0.45)
        print(f"\nstep {run.step} loss {run.log[-1]['loss']:.4f}", flush=True)
        model.train()

    run.train(Schedule(options.steps), loss, options.every, sample)


if __name__ == "__main__":
    main()
