"""Train what tells the base about a subject: `python -m modeling.train.subject --steps 500`.

VideoBooth (Jiang et al. 2023, arXiv 2312.00777, section 3.4) trains the coarse branch first and then the fine one; here both learn at
once, each left out now and then so that the other does not lean on it. The base is frozen, rounded to what its package will hold.
"""

import argparse
import random

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from modeling.export.graph import round_to_byte
from modeling.pocket.subject import SubjectConfig, SubjectDenoiser, VisionEncoder
from modeling.train.base import TextToLatents, load_base
from modeling.train.diffusion import alphas_bar, guided, mix, sample_ddim, stratified_timesteps
from modeling.train.latents import load_autoencoder
from modeling.train.optimizer import Optimizer
from modeling.train.portraits import PICTURE, Subjects, encode_pictures, load_subjects
from modeling.train.run import CACHE, RANK, Run, Schedule, load_average, set_up, share
from modeling.world import Scene, caption, sample_scene, vocabulary
from modeling.world.looks import draw_look
from modeling.world.portrait import render_portrait
from modeling.world.sheet import save_sheet

BATCHES = ((1, 40), (1, 40), (2, 20))  #: frames and subjects of the steps in turn
LEFT_OUT = 0.1  #: share of subjects of which neither words nor picture are told, and of each branch alone
ON_OBJECT = 6.0  #: how much more an error counts where the object is
PLAIN = ("conv_in", "convs", "vision.out", "place")


class Subject(nn.Module):
    """Vision encoder and denoiser."""

    def __init__(self, base: TextToLatents | None = None):
        super().__init__()
        config = SubjectConfig()
        self.vision = VisionEncoder(config)
        self.denoiser = SubjectDenoiser(config, round_to_byte(base.denoiser) if base else None)


def load_subject() -> Subject:
    """The averaged weights, base included."""
    model = Subject()
    model.load_state_dict(load_average("subject"))
    return model.eval()


def prompt_of(scene: Scene, rng: random.Random | None = None) -> tuple[str, str]:
    """A caption that says nothing of the look, and the word in it that stands for the subject."""
    text = caption(Scene(**{**vars(scene), "colour": "", "look": None}), rng)
    text = text.replace("an  ", "a ").replace("a  ", "a ")
    word = max((phrase for phrase in vocabulary.OBJECTS[scene.object] if phrase in text), key=len)
    return text, word


def tell(text: TextToLatents, tokenizer: Tokenizer, prompts: list[tuple[str, str]]) -> tuple[Tensor, list[tuple[int, int]], Tensor]:
    """Prompts with their words to context `[B, T, D]`, the rows of each word (first, count), and the words' mean rows `[B, D]`."""
    spans = tell_rows(tokenizer, prompts)
    with torch.no_grad():
        context = text.text(torch.tensor([e.ids for e in tokenizer.encode_batch([prompt for prompt, _ in prompts])]))
    return context, spans, torch.stack([c[a : a + n].mean(0) for c, (a, n) in zip(context, spans, strict=True)])


def tell_rows(tokenizer: Tokenizer, prompts: list[tuple[str, str]]) -> list[tuple[int, int]]:
    """First row and number of rows of each prompt's word."""
    spans = []
    for encoding, (prompt, word) in zip(tokenizer.encode_batch([prompt for prompt, _ in prompts]), prompts, strict=True):
        start = prompt.index(word)
        rows = [k for k, (a, b) in enumerate(encoding.offsets) if a < start + len(word) and b > start and b > a]
        spans.append((rows[0], len(rows)))
    return spans


def put_tokens(context: Tensor, spans: list[tuple[int, int]], tokens: Tensor) -> Tensor:
    """Tokens `[B, n, D]` in the place of each word's rows; as many rows as before, so some padding gives way."""
    rows = [torch.cat([c[:a], t, c[a + n :]])[: len(c)] for c, (a, n), t in zip(context, spans, tokens, strict=True)]
    return torch.stack(rows)


@torch.no_grad()
def make(
    model: Subject, base: TextToLatents, tokenizer: Tokenizer, scenes: list[Scene], frames: int, guidance: float = 3.0, told: bool = True
) -> Tensor:
    """Clips `[B, C, F, h, w]` of subjects by their plain captions; `told` False: by the words alone."""
    pictures = torch.stack([render_portrait(scene, PICTURE) for scene in scenes])
    context, spans, words = tell(base, tokenizer, [prompt_of(scene) for scene in scenes])
    empty = base.text(torch.tensor([tokenizer.encode("").ids])).expand_as(context)
    counts = torch.full((len(scenes),), float(told))
    if told:
        context = put_tokens(context, spans, model.vision(pictures * 2 - 1, words))
    exemplars = encode_pictures(load_autoencoder(), pictures)

    def predict(x: Tensor, timestep: Tensor, given: Tensor) -> Tensor:
        twice = len(x) // len(scenes)
        has = torch.cat([torch.zeros_like(counts), counts]) if twice == 2 else counts
        return model.denoiser(x, timestep, given, exemplar=exemplars.repeat(twice, 1, 1, 1), has_exemplar=has)

    noise = torch.randn(len(scenes), 16, frames, 9, 16, generator=torch.Generator().manual_seed(3))
    return sample_ddim(guided(predict, context.unsqueeze(1), empty.unsqueeze(1), guidance), noise, 14)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--seed", type=int, default=6)
    parser.add_argument("--every", type=int, default=25)
    options = parser.parse_args()
    set_up(options.seed)
    rng = random.Random(options.seed + RANK)
    (base, tokenizer), data = load_base(), load_subjects()
    model = Subject(base)
    run = Run("subject", model, Optimizer(model, muon_lr=0.012, adam_lr=1.5e-3, average=0.99, plain=PLAIN))
    run.resume()
    bar = alphas_bar()
    with torch.no_grad():
        empty = base.text(torch.tensor([tokenizer.encode("").ids]))

    def loss() -> Tensor:
        frames, batch = BATCHES[run.step % len(BATCHES)]
        x0, here, times, picked = draw(data, frames, share(batch))
        timestep = stratified_timesteps(len(x0))
        noisy, v = mix(x0, torch.randn_like(x0), timestep, bar)
        context, spans, words = tell(base, tokenizer, [prompt_of(data.scenes[i], rng) for i in picked])
        with_tokens = put_tokens(context, spans, model.vision(data.pictures[picked].float() / 127.5 - 1, words))
        chance = torch.rand(len(x0))
        coarse, fine = chance > 2 * LEFT_OUT, (chance > LEFT_OUT) & ((chance < 2 * LEFT_OUT) | (chance > 3 * LEFT_OUT))
        context = torch.where(coarse[:, None, None], with_tokens, context)
        context = torch.where((chance > LEFT_OUT)[:, None, None], context, empty)
        exemplar = data.portraits[picked].float()
        made = model.denoiser(noisy, timestep, context.unsqueeze(1), exemplar=exemplar, has_exemplar=fine.float(), times=times)
        weight = 1 + ON_OBJECT * here.unsqueeze(1)
        return ((made - v).square() * weight).sum() / weight.expand_as(v).sum()

    def sample() -> None:
        print(f"\nstep {run.step} loss {run.log[-1]['loss']:.4f}", flush=True)
        if run.step % (4 * options.every) == 0 or run.step == options.steps:
            draw_sheet(model, base, tokenizer)

    run.train(Schedule(options.steps), loss, options.every, sample)


def draw(data: Subjects, frames: int, batch: int) -> tuple[Tensor, Tensor, Tensor, list[int]]:
    """Clean latents `[B, C, F, h, w]`, where the object is `[B, F, h, w]`, frame indices `[B, F]`, and which subjects."""
    picked = torch.randint(0, len(data), (batch,))
    chosen = torch.rand(batch, 2).topk(frames, dim=1).indices.sort(dim=1).values
    row = picked.unsqueeze(1)
    latents, here = data.latents[row, chosen].float(), data.here[row, chosen].float()
    return latents.transpose(1, 2).contiguous(), here, data.frames[row, chosen], picked.tolist()


def draw_sheet(model: Subject, base: TextToLatents, tokenizer: Tokenizer, count: int = 6) -> None:
    """Subjects that training never saw: portrait, and a middle frame by its picture and by the words alone."""
    rng = random.Random(77)
    scenes = [Scene(**{**vars(sample_scene(rng)), "look": draw_look(rng, held_out=True)}) for _ in range(count)]
    decoder = load_autoencoder().decoder
    made = [make(model, base, tokenizer, scenes, 1, told=told) for told in (True, False)]
    frames = [decoder(z[:, :, 0]) / 2 + 0.5 for z in made]
    portraits = [nn.functional.pad(render_portrait(scene, 144), (0, 112), value=1.0) for scene in scenes]
    rows = [torch.stack([portrait, told, alone]) for portrait, told, alone in zip(portraits, *frames, strict=True)]
    save_sheet(CACHE / "subject-sheet.png", rows, [prompt_of(scene)[0] for scene in scenes], frames=3, scale=0.7, columns=2)


if __name__ == "__main__":
    main()
