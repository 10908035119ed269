"""The clips of `eval/fixtures/`: what the shipped pocket models make of two prompts, as frame files.

python -m modeling.goldens.eval_clips FOLDER && npx tsx test/stage/fixtures/encode-eval-clips.ts FOLDER
"""

import json
import sys
from pathlib import Path

import torch

from modeling.measure.shipped import Shipped, noise_like
from modeling.train.diffusion import guided, sample_ddim

PROMPTS = {
    "boat": "a red boat sails to the right on the sea at sunset",
    "house": "a white house stands still in the snow at night",
}


def main() -> None:
    shipped, folder = Shipped(), Path(sys.argv[1])
    sampler = shipped.sampler("base")
    for k, (name, words) in enumerate(PROMPTS.items()):
        step = guided(lambda x, t, c: shipped.denoise("base", x, t, c), shipped.context([words]), shipped.context([""]), sampler["guidance"])
        clip = shipped.decode(sample_ddim(step, noise_like(torch.empty(1, 16, 16, 9, 16), k), sampler["steps"]))
        frames = ((clip + 1) * 127.5).round().clamp(0, 255).to(torch.uint8).contiguous()
        header = json.dumps({"frames": {"dtype": "U8", "shape": list(frames.shape), "data_offsets": [0, frames.numel()]}}).encode()
        (folder / f"{name}.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + frames.numpy().tobytes())
        print("wrote", name, flush=True)


if __name__ == "__main__":
    main()
