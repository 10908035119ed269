"""Strips of joins for the documentation: `python -m modeling.measure.join_strips`. Writes docs/pictures/strip-joins.jpg.

The shipped base makes the clips, the shipped transition one join for each way that words can say.
"""

import torch
from torch import Tensor

from modeling.export.package import MODELS
from modeling.measure.shipped import Shipped, noise_like
from modeling.train.diffusion import guided, sample
from modeling.train.transition import with_known
from modeling.world.sheet import save_sheet

FILE = MODELS.parent / "docs" / "pictures" / "strip-joins.jpg"
KEYS, SHOWN = 16, 8
CLIPS = {
    "car": "a big red car stands still on the grass in the middle at sunset",
    "house": "a big green house stands still on the snow in the middle on a sunny day",
    "boat": "a big white boat stands still on the sea on the right at night",
    "balloon": "a yellow hot air balloon stands still over the street on the left on a sunny day",
}
JOINS = (
    ("house", "car", "the green house turns into a red car"),
    ("car", "boat", "the camera pans to a white boat"),
    ("boat", "house", "the camera follows the white boat and it turns into a green house"),
    ("house", "balloon", "zoom into the green house"),
    ("balloon", "boat", "up over the clouds and down to the sea"),
    ("boat", "car", "turn the page"),
)


def make_clip(shipped: Shipped, prompt: str, seed: int) -> Tensor:
    """Latents `[1, C, F, h, w]` of the base."""
    sampler = shipped.sampler("base")
    step = guided(lambda x, t, words: shipped.denoise("base", x, t, words), shipped.context([prompt]), shipped.context([""]), sampler["guidance"])
    return sample(sampler["kind"], step, noise_like(torch.zeros(1, 16, KEYS, 9, 16), seed), sampler["steps"])


def make_join(shipped: Shipped, first: Tensor, second: Tensor, prompt: str) -> Tensor:
    """Latents of a join from the last key of one clip to the first of another."""
    known, mask = torch.zeros_like(first), torch.ones(1, KEYS)
    known[:, :, 0], known[:, :, -1] = first[:, :, -1], second[:, :, 0]
    mask[:, [0, -1]] = 0
    sampler = shipped.sampler("transition")
    words = shipped.context([prompt])
    step = guided(lambda x, t, said: shipped.denoise("transition", with_known(x, known, mask), t, said), words, words, sampler["guidance"])
    return sample(sampler["kind"], step, noise_like(known, 1), sampler["steps"])


def main() -> None:
    shipped = Shipped()
    clips = {name: make_clip(shipped, prompt, seed) for seed, (name, prompt) in enumerate(CLIPS.items())}
    rows = [shipped.decode(make_join(shipped, clips[first], clips[second], prompt)) / 2 + 0.5 for first, second, prompt in JOINS]
    save_sheet(FILE, rows, [prompt for *_, prompt in JOINS], frames=SHOWN, scale=0.75)
    print(FILE)


if __name__ == "__main__":
    main()
