"""Write clips that training never saw, for `bench/enhance/quality.ts`: `python -m modeling.measure.held_out_clips --count 4 --into DIR`.

Of each scene: frames of 256x144 as the autoencoder of the set gives them, `N.safetensors` (`frames` uint8), and the luma codes of the
analytic picture at 3840x2160 for some of these frames, `N.luma`. `clips.json` says what is there.
"""

import argparse
import json
import random
import struct
from pathlib import Path

import torch
from torch import Tensor

from modeling.measure.shipped import SEED, Shipped, held_out
from modeling.pocket.upscaler import planes
from modeling.world import Window, caption, clip_times, render
from modeling.world.clips import ClipMaker, to_bytes

SIZE = (2160, 3840)
FRAMES, CLIP = 9, 61  #: frames that are written, of a clip of so many
JUDGED = (2, 6)  #: those of them that are compared


def safetensors(frames: Tensor) -> bytes:
    """A frame file of uint8 `[F, 3, h, w]`."""
    header = json.dumps({"frames": {"dtype": "U8", "shape": list(frames.shape), "data_offsets": [0, frames.numel()]}}).encode()
    header += b" " * (-len(header) % 8)
    return struct.pack("<Q", len(header)) + header + frames.contiguous().numpy().tobytes()


def luma_codes(frames: Tensor) -> Tensor:
    """RGB `[N, 3, H, W]` in 0..1 to BT.709 luma in limited range, uint8 `[N, H, W]`."""
    return (planes(frames)[0] * 219 + 16).round().clamp(0, 255).to(torch.uint8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--into", type=Path, required=True)
    options = parser.parse_args()
    shipped, maker, rng, said = Shipped(), ClipMaker(SEED, held_out=True), random.Random(SEED), []
    for k, scene in enumerate(held_out(options.count)):
        start = rng.randrange(CLIP - FRAMES + 1)
        times = clip_times(CLIP)[start : start + FRAMES]
        made = shipped.decode(shipped.encode(maker.render(scene, times)))
        (options.into / f"{k}.safetensors").write_bytes(safetensors(to_bytes(made / 2 + 0.5)))
        with (options.into / f"{k}.luma").open("wb") as file:
            for frame in JUDGED:
                file.write(luma_codes(render(scene, times[frame : frame + 1], Window(*SIZE))).numpy().tobytes())
        said.append({"prompt": caption(scene), "frames": FRAMES, "judged": list(JUDGED), "height": SIZE[0], "width": SIZE[1]})
    (options.into / "clips.json").write_text(json.dumps(said))


if __name__ == "__main__":
    main()
