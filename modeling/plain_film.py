"""A story as a plain script makes it, all clips through one stage and then through the next: `python -m modeling.plain_film tasks.json`.

It is what `bench/plain-film.ts` compares Shotline with, and writes its input: same weights, prompts, steps, guidance and sizes, same
machine. Loading the models, encoding, stitching and publishing are left out; each of them would make it slower. Prints one JSON object,
seconds by stage.
"""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor

from modeling.pocket.upscaler import PlaneWriter
from modeling.train import interp, transition
from modeling.train.base import build, encode
from modeling.train.diffusion import guided, sample_ddim
from modeling.train.restore import PACKAGES, load_back, restore_autoencoder, restore_denoiser, restore_upscaler

DECODED_AT_ONCE = 8


class Clock:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - start


@torch.inference_mode()
def make(story: dict, clock: Clock) -> int:
    """Make the frames of a story and let go of them; returns how many there were."""
    tokenizer = Tokenizer.from_file(str(PACKAGES / "pocket-text" / "tokenizer.json"))
    text_and_base = build(tokenizer).eval()
    load_back(text_and_base.text, PACKAGES / "pocket-text" / "encoder.onnx")
    base = restore_denoiser(text_and_base.denoiser, "pocket-base")
    filler = restore_denoiser(transition.build(), "pocket-transition").eval()
    between = restore_denoiser(interp.build(), "pocket-interp").eval()
    decoder = restore_autoencoder().decoder.eval()
    painter = PlaneWriter(restore_upscaler()).eval()
    size = torch.tensor([story["height"], story["width"]])
    shots, joins = story["shots"], story["joins"]

    def context(prompt: str) -> Tensor:
        return text_and_base.context(encode(tokenizer, [prompt]))

    with clock.stage("base"):
        clips = []
        for shot in shots:
            predict = guided(base, context(shot["prompt"]), context(shot["negative"]), shot["guidance"])
            clips.append(sample_ddim(predict, torch.randn(1, 16, shot["keys"], 9, 16), shot["steps"]))
    with clock.stage("transition"):
        for index, join in enumerate(joins):
            known = join["known"]
            whole, mask = torch.zeros(1, 16, join["keys"], 9, 16), torch.ones(1, join["keys"])
            whole[:, :, :known], whole[:, :, -known:] = clips[index][:, :, -known:], clips[index + 1][:, :, :known]
            mask[:, :known] = mask[:, -known:] = 0
            words = (context(join["prompt"]), context(join["negative"]))
            clips.append(transition.fill(filler, whole, mask, *words, join["steps"], join["guidance"]))
    with clock.stage("interp"):
        pictures = []
        for clip, item in zip(clips, [*shots, *joins], strict=True):
            frames = 4 * (item["keys"] - 1) + 1
            latents = interp.interpolate(between, clip, context(item["prompt"]), torch.arange(frames), item["interpSteps"])
            pictures.append(torch.cat([decoder(part) for part in latents[0].transpose(0, 1).split(DECODED_AT_ONCE)]))
    with clock.stage("sr"):
        made = 0
        for clip, item in zip(pictures, [*shots, *joins], strict=True):
            for frame in clip[item["from"] : item["from"] + item["count"]]:
                painter(frame.unsqueeze(0), size)
                made += 1
    return made


def main() -> None:
    torch.manual_seed(0)
    clock = Clock()
    frames = make(json.loads(Path(sys.argv[1]).read_text()), clock)
    print(json.dumps({"frames": frames, "threads": torch.get_num_threads(), "torch": torch.__version__, "seconds": clock.seconds}))


if __name__ == "__main__":
    main()
