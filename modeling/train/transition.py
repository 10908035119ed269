"""Train the transition denoiser: `python -m modeling.train.transition --steps 400`.

SEINE (Chen et al. 2023, arXiv 2310.20700): noisy latents, a mask (0 known, 1 to be made) and the known latents. Random masks make
one model do transitions (first and last known), animation (first known) and prediction (some first known). It starts from the base, or from
what `modeling.train.restore` made of the shipped package, and from the collage of `modeling.train.collage`. Steps take many frames of few
clips and few of many in turn: a frame knows both ends, so it needs the others little, and variety of joins is what there is too little of.
"""

import argparse
import random

import torch
from torch import Tensor, nn

from modeling.pocket.collage import misplaced
from modeling.pocket.denoiser import DenoiserConfig
from modeling.pocket.exact import exact_v
from modeling.pocket.transition import TransitionDenoiser, inner_config, surroundings
from modeling.train.base import PLAIN, describe, encode, load_base
from modeling.train.diffusion import alphas_bar, guided, mix, sample
from modeling.train.interp import start_from, strong_timesteps
from modeling.train.latents import KEYS, Latents, Passage, load_autoencoder, load_latents, visibility
from modeling.train.optimizer import Optimizer
from modeling.train.run import CACHE, RANK, Run, Schedule, load_average, set_up, share
from modeling.world import Scene
from modeling.world.sheet import save_sheet
from modeling.world.ways.rule import choose_way
from modeling.world.ways.words import UNSAID, join_words

CONFIG = inner_config(DenoiserConfig())
BATCHES = ((KEYS, 4), (2, 32), (4, 16), (2, 32))  #: frames and clips of the steps in turn
ROUNDED = 0.05  #: errors of frames between known ones count by their size, so that edges do not settle half-way; below this by its square
PLACED = 3.0  #: what the pieces count by themselves: what is painted over them would hide that they are the wrong ones
UNSEEN = 6  #: the first so many are not trained on; the sheet shows those joins
JOIN_SHARE = 0.8  #: of what is drawn; the rest are clips
HOLD = 0.25  #: share of the steps before the rate falls
WEAK_NOISE = 5  #: below this signal-to-noise ratio (Hang et al. 2023, arXiv 2303.09556) errors of v count fully, above it those of x0
JOIN_WORDS = "smooth transition"
UNSAID_SHARE = 0.6  #: of the joins of which the way need not be said; of all joins it makes 40 in 100


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


def words_of(scenes: tuple[Scene, ...], passage: Passage | None, rng: random.Random) -> str:
    """What a clip is told. Of a join nothing, or next to nothing, may be said where its way follows from the scenes: no input has two truths."""
    if passage is None:
        return describe([scenes[0]], rng)[0]
    first, second = scenes
    if passage.way == choose_way(first, second) and rng.random() < UNSAID_SHARE:
        return rng.choice((*UNSAID, JOIN_WORDS, describe([second], rng)[0]))
    return join_words(first, second, passage.way, rng)


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
def fill(model: nn.Module, x0: Tensor, mask: Tensor, context: Tensor, empty: Tensor, steps: int = 5, guidance: float = 1.0) -> Tensor:
    """Make the frames of `x0` `[B, C, F, h, w]` where `mask` `[B, F]` is 1."""
    noise = torch.randn(x0.shape, generator=torch.Generator().manual_seed(6))

    def predict(x: Tensor, timestep: Tensor, words: Tensor) -> Tensor:
        times = len(x) // len(x0)
        return model(with_known(x, x0.repeat(times, 1, 1, 1, 1), mask.repeat(times, 1)), timestep, words)

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
            prompts.append(words_of(source.scenes[i], passage, self._rng))
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
    for layer in (model.collage.spread_in, model.collage.spread_out):  # what ink is stays, so that pieces can be compared with it
        layer.requires_grad_(False)
    run = Run("transition", model, Optimizer(model, muon_lr=0.012, adam_lr=1.2e-3, average=0.99, plain=PLAIN))
    run.resume()
    if run.step == 0:
        model.collage.load_state_dict(load_average("collage"))
        run.optimizer.restart_average()
    draws = Draws(load_latents("clips"), joins, random.Random(f"{options.seed}/{RANK}/{run.step}"))
    bar = alphas_bar()
    visible = visibility(load_autoencoder().decoder, joins.latents[:16, 0].float()).view(-1, 1, 1, 1)

    def words(prompts: list[str]) -> Tensor:
        with torch.no_grad():
            return base.context(encode(tokenizer, prompts))

    def loss() -> Tensor:
        count, clips = BATCHES[run.step % len(BATCHES)]
        x0, mask, prompts = draws.draw(share(clips))
        wide = mask[:, None, :, None, None].expand(-1, 1, -1, *x0.shape[-2:])
        around = surroundings(x0 * (1 - wide), wide)
        times = torch.randperm(KEYS)[:count].sort().values
        x0, wide, mask, around = x0[:, :, times], wide[:, :, times], mask[:, times], around.at(times)
        timestep = strong_timesteps(share(clips))
        noisy, v = mix(x0, torch.randn_like(x0), timestep, bar)
        clean, pieces, seen = model.compose(noisy, wide, around, timestep, words(prompts), times=times)
        by_chance = (exact_v(noisy, clean, timestep, model.shift, model.train_steps) - v).square()
        by_chance = by_chance * (WEAK_NOISE * (1 - bar[timestep])).clamp(max=1).float().view(-1, 1, 1, 1, 1)
        followed = ((clean - x0).square() + ROUNDED**2).sqrt() - ROUNDED
        error = (torch.where(around.place[:, :1] > 0.5, followed, by_chance) * visible).mean((1, 3, 4))
        with torch.no_grad():
            ink = model.collage.spread(x0.transpose(1, 2).flatten(0, 1))
        error = error + PLACED * misplaced(pieces, seen, ink).mean((1, 2)).view_as(mask)
        return (error * mask).sum() / mask.sum().clamp(min=1)

    def sample_sheet() -> None:
        model.eval()
        decoder = load_autoencoder().decoder
        x0 = joins.latents[:UNSEEN].float().transpose(1, 2)
        passages, scenes, said = joins.passages[:UNSEEN], joins.scenes[:UNSEEN], random.Random(1)
        prompts = [join_words(*pair, passage.way, said) for pair, passage in zip(scenes, passages, strict=True)]
        made = fill(model, x0, torch.stack([draw_mask(said, passage) for passage in passages]), words(prompts), words([""] * UNSEEN))
        rows = [decoder(z.transpose(0, 1)) / 2 + 0.5 for pair in zip(x0, made, strict=True) for z in pair]
        titles = [f"{kind}: {prompt}" for prompt in prompts for kind in ("true", "made")]
        save_sheet(CACHE / "transition-sheet.png", rows, titles, frames=16, scale=0.45)
        print(f"\nstep {run.step} loss {run.log[-1]['loss']:.4f}", flush=True)
        model.train()

    run.train(Schedule(options.steps, hold=HOLD), loss, options.every, sample_sheet)


if __name__ == "__main__":
    main()
