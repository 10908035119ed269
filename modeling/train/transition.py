"""Train the transition denoiser: `python -m modeling.train.transition --steps 400`.

SEINE (Chen et al. 2023, arXiv 2310.20700): noisy latents, a mask (0 known, 1 to be made) and the known latents. Random masks make
one model do transitions (first and last known), animation (first known) and prediction (some first known). It starts from the base, or from
what `modeling.train.restore` made of the shipped package.

Joins that its theatre plays (`modeling.train.theatre`) are not learned here; what is learned of joins serves those that it does not know.
"""

import argparse
import random
from collections.abc import Callable

import torch
from torch import Tensor

from modeling.pocket.denoiser import DenoiserConfig
from modeling.pocket.transition import TransitionDenoiser
from modeling.train.base import PLAIN, describe, encode, load_base
from modeling.train.diffusion import alphas_bar, guided, mix, sample, stratified_timesteps
from modeling.train.interp import start_from
from modeling.train.latents import KEYS, Latents, Passage, load_autoencoder, load_latents, visibility
from modeling.train.optimizer import Optimizer
from modeling.train.run import CACHE, RANK, Run, Schedule, load_average, set_up, share
from modeling.train.theatre import load_theatre, words_of
from modeling.world.sheet import save_sheet
from modeling.world.ways.words import join_words

CONFIG = DenoiserConfig(in_channels=33)
CLIPS = 4  #: of a step
UNSEEN = 6  #: the first so many are not trained on; the sheet shows those joins
JOIN_SHARE = 0.5  #: of what is drawn; the rest are clips
WEAK_NOISE = 5  #: below this signal-to-noise ratio (Hang et al. 2023, arXiv 2303.09556) errors of v count fully, above it those of x0


def draw_mask(rng: random.Random, passage: Passage | None) -> Tensor:
    """`[KEYS]`, 0 known, 1 to be made: both ends of a join; of a clip the first, the first n, the ends, every fifth, or nothing."""
    mask = torch.ones(KEYS)
    if passage:
        mask[: passage.known] = mask[-passage.known :] = 0
        return mask
    kind = rng.choice(("first", "firsts", "ends", "keys", "none"))
    if kind in ("first", "ends"):
        mask[0] = 0
    if kind == "ends":
        mask[-1] = 0
    if kind == "firsts":
        mask[: rng.randint(2, 8)] = 0
    if kind == "keys":
        mask[:: rng.choice((5, 7, 8))] = 0
        mask[-1] = rng.randrange(2)
    return mask


def with_known(noisy: Tensor, x0: Tensor, mask: Tensor) -> Tensor:
    """`[B, 2C + 1, F, h, w]`: noisy latents, mask `[B, F]`, known latents."""
    wide = mask[:, None, :, None, None].expand(-1, 1, -1, *x0.shape[-2:])
    return torch.cat([noisy, wide, x0 * (1 - wide)], dim=1)


def build() -> TransitionDenoiser:
    """The untrained model."""
    model = TransitionDenoiser(CONFIG)
    model.denoiser.to(memory_format=torch.channels_last)
    return model


def load_transition() -> TransitionDenoiser:
    """The averaged weights, and those of its theatre."""
    model = build()
    model.denoiser.load_state_dict(load_average("transition"))
    model.theatre = load_theatre("done")
    return model.eval()


@torch.no_grad()
def fill(predict_v: Callable[..., Tensor], x0: Tensor, mask: Tensor, context: Tensor, empty: Tensor, steps: int = 5, guidance: float = 1.0) -> Tensor:
    """Make the frames of `x0` `[B, C, F, h, w]` where `mask` `[B, F]` is 1."""
    noise = torch.randn(x0.shape, generator=torch.Generator().manual_seed(6))

    def predict(x: Tensor, timestep: Tensor, words: Tensor) -> Tensor:
        times = len(x) // len(x0)
        return predict_v(with_known(x, x0.repeat(times, 1, 1, 1, 1), mask.repeat(times, 1)), timestep, words)

    return sample("dpmpp-2m", guided(predict, context, empty, guidance), noise, steps)


class Draws:
    """Batches of clips and joins."""

    def __init__(self, clips: Latents, joins: Latents, rng: random.Random):
        self._clips, self._joins, self._rng = clips, joins, rng

    def draw(self, count: int) -> tuple[Tensor, Tensor, list[str]]:
        """`x0` `[B, C, F, h, w]`, masks `[B, F]`, prompts."""
        latents, masks, prompts = [], [], []
        for _ in range(count):
            is_join = self._rng.random() < JOIN_SHARE
            source = self._joins if is_join else self._clips
            i = self._rng.randrange(UNSEEN, len(source))
            passage = source.passages[i] if is_join else None
            latents.append(source.latents[i].float())
            masks.append(draw_mask(self._rng, passage))
            prompts.append(words_of(*source.scenes[i], passage.way, self._rng) if passage else describe([source.scenes[i][0]], self._rng)[0])
        return torch.stack(latents).transpose(1, 2).contiguous(), torch.stack(masks), prompts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--every", type=int, default=100)
    options = parser.parse_args()
    set_up(options.seed)
    (base, tokenizer), joins = load_base(), load_latents("joins")
    model = build()
    model.denoiser = start_from(base.denoiser, CONFIG, silent=True)
    run = Run("transition", model.denoiser, Optimizer(model.denoiser, muon_lr=0.012, adam_lr=1.2e-3, average=0.99, plain=PLAIN))
    run.resume()
    draws = Draws(load_latents("clips"), joins, random.Random(f"{options.seed}/{RANK}/{run.step}"))
    bar = alphas_bar()
    visible = visibility(load_autoencoder().decoder, joins.latents[:16, 0].float()).view(-1, 1, 1, 1)

    def words(prompts: list[str]) -> Tensor:
        with torch.no_grad():
            return base.context(encode(tokenizer, prompts))

    def loss() -> Tensor:
        x0, mask, prompts = draws.draw(share(CLIPS))
        timestep = stratified_timesteps(share(CLIPS))
        noisy, v = mix(x0, torch.randn_like(x0), timestep, bar)
        error = (model.paint(with_known(noisy, x0, mask), timestep, words(prompts)) - v).square()
        weight = visible * (WEAK_NOISE * (1 - bar[timestep])).clamp(max=1).float().view(-1, 1, 1, 1, 1)
        return ((error * weight).mean((1, 3, 4)) * mask).sum() / mask.sum().clamp(min=1)

    def sample_sheet() -> None:
        model.eval()
        decoder = load_autoencoder().decoder
        x0 = joins.latents[:UNSEEN].float().transpose(1, 2)
        passages, scenes, said = joins.passages[:UNSEEN], joins.scenes[:UNSEEN], random.Random(1)
        prompts = [join_words(*pair, passage.way, said) for pair, passage in zip(scenes, passages, strict=True)]
        mask = torch.stack([draw_mask(said, passage) for passage in passages])
        made = fill(model.paint, x0, mask, words(prompts), words([""] * UNSEEN))
        rows = [decoder(z.transpose(0, 1)) / 2 + 0.5 for pair in zip(x0, made, strict=True) for z in pair]
        titles = [f"{kind}: {prompt}" for prompt in prompts for kind in ("true", "made")]
        save_sheet(CACHE / "transition-sheet.png", rows, titles, frames=16, scale=0.45)
        print(f"\nstep {run.step} loss {run.log[-1]['loss']:.4f}", flush=True)
        model.train()

    run.train(Schedule(options.steps), loss, options.every, sample_sheet)


if __name__ == "__main__":
    main()
