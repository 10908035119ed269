"""Train text encoder and base denoiser: `python -m modeling.train.base --stage images|short|full|finish --steps N`.

Four stages, each going on from the one before: single frames, some frames of sixteen, all sixteen, and all sixteen at a learning rate that
falls from the start. Single frames know their index in the clip, so much of a motion is learned from them; the later stages keep small sets
of frames of many clips in. The last leaves the text encoder as it is, and weighs errors by how much they show.
"""

import argparse
import random
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from modeling.pocket.denoiser import Denoiser, DenoiserConfig
from modeling.pocket.text import TextConfig, TextEncoder
from modeling.pocket.tokenizer import train_tokenizer
from modeling.train.diffusion import alphas_bar, guided, mix, sample_ddim, stratified_timesteps
from modeling.train.latents import Latents, load_autoencoder, load_latents, visibility
from modeling.train.optimizer import Optimizer
from modeling.train.run import CACHE, RANK, Run, Schedule, load_average, set_up, share
from modeling.world import Scene, caption
from modeling.world.sheet import save_sheet

TOKENS = 32
WORDS_DROPPED = 0.1  #: share of empty prompts, for guidance
PLAIN = ("conv_in.weight", "conv_out.weight", "embedding", "position", "place", "shortcut")
PROMPTS = (
    "a big red ball rolls to the right on the grass on a sunny day",
    "a blue boat sails to the left on the sea at sunset",
    "a yellow rocket rises over the snow in the middle at night",
    "a green car drives left on the street under a stormy sky",
    "a pink balloon goes up over the beach on the left in the evening",
    "an orange ball bounces on the snow in the middle in a storm",
    "a small purple house stands still on the meadow on the right at night",
    "a red robot comes closer on the sand in the middle at sunset",
    "a big white duck swims to the right on the water by day",
    "a blue tree on the snow in the middle by day and the camera pans right",
    "a green windmill on a green field on the left at dusk",
    "a white spaceship falls over the street on the right under the stars",
)


@dataclass(frozen=True)
class Stage:
    """How many frames and clips the steps take in turn, where the stage begins, and its learning rate."""

    batches: tuple[tuple[int, int], ...]  #: frames, clips
    after: str | None
    final: float  #: how low the rate ends, of what it is at first
    rate: float = 1.0
    hold: float = 0.5  #: share of the steps before it falls
    words: bool = True  #: whether the text encoder learns, too; other models read it as it is after the stage before
    seen: bool = False  #: whether errors of a latent channel count by how much they show in the picture


STAGES = {
    "images": Stage(((1, 96),), None, 0.3),
    "short": Stage(((8, 12), (1, 96)), "images", 0.3),
    "full": Stage(((1, 96), (4, 24), (1, 96), (4, 24), (16, 8)), "short", 0.02),
    "finish": Stage(((4, 24), (1, 96), (16, 8)), "full", 0.02, rate=0.7, hold=0.1, words=False, seen=True),
}


class TextToLatents(nn.Module):
    """Text encoder and denoiser, trained together."""

    def __init__(self, text: TextConfig, denoiser: DenoiserConfig):
        super().__init__()
        self.text, self.denoiser = TextEncoder(text), Denoiser(denoiser)

    def context(self, ids: Tensor) -> Tensor:
        """`[B, T]` to `[B, 1, T, D]`."""
        return self.text(ids).unsqueeze(1)


def encode(tokenizer: Tokenizer, prompts: list[str]) -> Tensor:
    """Prompts to `[B, T]` ids."""
    return torch.tensor([e.ids for e in tokenizer.encode_batch(prompts)])


def describe(scenes: list[Scene], rng: random.Random) -> list[str]:
    """A caption of each scene, some of them empty."""
    return ["" if rng.random() < WORDS_DROPPED else caption(scene, rng) for scene in scenes]


def load_tokenizer() -> Tokenizer:
    """The tokenizer of the checkpoints; trained at the first call."""
    path = CACHE / "tokenizer.json"
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        train_tokenizer(TOKENS).save(str(path))
    return Tokenizer.from_file(str(path))


def build(tokenizer: Tokenizer) -> TextToLatents:
    """The untrained pair."""
    return TextToLatents(TextConfig(tokenizer.get_vocab_size(), tokens=TOKENS), DenoiserConfig()).to(memory_format=torch.channels_last)


def load_base(name: str = "base-finish") -> tuple[TextToLatents, Tokenizer]:
    """The averaged weights of a stage."""
    tokenizer = load_tokenizer()
    model = build(tokenizer)
    model.load_state_dict(load_average(name))
    return model.eval(), tokenizer


def draw_batch(frames: int, batch: int, clips: Latents, stills: Latents) -> tuple[Tensor, list[Scene], Tensor]:
    """Clean latents `[B, C, F, h, w]`, their scenes, and the indices of their frames `[B, F]`; single frames come from stills, too."""
    source = stills if frames == 1 and random.random() < len(stills) / (len(stills) + len(clips)) else clips
    picked = torch.randint(0, len(source), (batch, 1))
    chosen = torch.rand(batch, source.latents.shape[1]).topk(frames, dim=1).indices.sort(dim=1).values
    x0, times = source.latents[picked, chosen].float(), source.frames[picked, chosen]
    return x0.transpose(1, 2).contiguous(), [source.scenes[i][0] for i in picked.flatten().tolist()], times


@torch.no_grad()
def draw_sheet(
    model: TextToLatents,
    tokenizer: Tokenizer,
    frames: int,
    path_name: str,
    prompts: tuple[str, ...] = PROMPTS,
    steps: int = 14,
    guidance: float = 3.0,
) -> None:
    """Sample prompts and save the sheet."""
    model.eval()
    decoder = load_autoencoder().decoder
    noise = torch.randn(len(prompts), 16, frames, 9, 16, generator=torch.Generator().manual_seed(3))
    context, empty = (model.context(encode(tokenizer, list(p))) for p in (prompts, [""] * len(prompts)))
    latents = sample_ddim(guided(model.denoiser, context, empty, guidance), noise, steps)
    pictures = [decoder(z.transpose(0, 1)) / 2 + 0.5 for z in latents]
    save_sheet(CACHE / path_name, pictures, list(prompts), frames=5, scale=0.5 if frames > 1 else 1, columns=1 if frames > 1 else 3)
    model.train()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stage", choices=tuple(STAGES), required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=int, default=100)
    parser.add_argument("--prompts", type=int, default=len(PROMPTS), help="how many of the standing prompts a sheet shows")
    options = parser.parse_args()
    set_up(options.seed)
    rng, stage = random.Random(options.seed + RANK), STAGES[options.stage]
    random.seed(options.seed + RANK)
    tokenizer = load_tokenizer()
    clips, stills = load_latents("clips"), load_latents("stills")

    model = build(tokenizer)
    if stage.after and not (CACHE / f"base-{options.stage}.pt").exists():
        model.load_state_dict(load_average(f"base-{stage.after}"))
    model.text.requires_grad_(stage.words)
    run = Run(f"base-{options.stage}", model, Optimizer(model, muon_lr=0.015 * stage.rate, adam_lr=1.5e-3 * stage.rate, average=0.995, plain=PLAIN))
    run.resume()
    bar = alphas_bar()
    shows = visibility(load_autoencoder().decoder, clips.latents[:16, 0].float()) if stage.seen else torch.ones(clips.latents.shape[2])

    def loss() -> Tensor:
        frames, batch = stage.batches[run.step % len(stage.batches)]
        x0, scenes, times = draw_batch(frames, share(batch), clips, stills)
        timestep = stratified_timesteps(len(x0))
        noisy, v = mix(x0, torch.randn_like(x0), timestep, bar)
        context = model.context(encode(tokenizer, describe(scenes, rng)))
        return ((model.denoiser(noisy, timestep, context, times=times) - v).square() * shows.view(-1, 1, 1, 1)).mean()

    def sample() -> None:
        print(f"\nstep {run.step} loss {run.log[-1]['loss']:.4f}", flush=True)
        draw_sheet(model, tokenizer, 1 if options.stage == "images" else 16, f"base-{options.stage}-sheet.png", PROMPTS[: options.prompts])

    run.train(Schedule(options.steps, hold=stage.hold, final=stage.final), loss, options.every, sample)


if __name__ == "__main__":
    main()
