"""A family at its published width with random weights, from checkpoint to package, in seconds and memory.

python -m models.full_width lavie-interpolation --into FOLDER [--precision fp16] [--engine torch]

Writes `FOLDER/<family>.pt` (removed afterwards unless `--keep`) and the package `FOLDER/<family>`; `bench/full-width.ts` runs that.
"""

import argparse
import multiprocessing
import resource
import time
from pathlib import Path

import torch

from models.convert.convert import PRECISIONS, convert
from models.convert.facts import FACTS
from models.families.keys import published
from models.families.registry import FAMILIES


def write_checkpoint(family: str, path: Path, dtype: torch.dtype) -> None:
    """Random tensors under the published keys, small enough that activations stay finite."""
    generator = torch.Generator().manual_seed(0)
    state = {}
    for key, tensor in published(family).items():
        if not tensor.is_floating_point():
            state[key] = torch.zeros(tensor.shape, dtype=tensor.dtype)
            continue
        spread = max(tensor[0].numel(), 1) ** -0.5 if tensor.dim() > 1 else 0.02
        values = torch.empty(tensor.shape).normal_(0, spread, generator=generator)
        state[key] = (values + (1 if tensor.dim() == 1 and key.endswith("weight") else 0)).to(dtype)
    torch.save({"state_dict": state}, path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("family", choices=sorted(set(FACTS) & {name for name, family in FAMILIES.items() if len(family.checkpoints) == 1}))
    parser.add_argument("--into", type=Path, required=True)
    parser.add_argument("--precision", choices=sorted(PRECISIONS), default="fp32")
    parser.add_argument("--engine", choices=("onnx", "torch"), default="onnx")
    parser.add_argument("--keep", action="store_true", help="keep the checkpoint")
    given = parser.parse_args()
    given.into.mkdir(parents=True, exist_ok=True)
    checkpoint = given.into / f"{given.family}.pt"
    dtype = torch.float32 if given.precision == "fp32" else torch.float16
    maker = multiprocessing.get_context("spawn").Process(target=write_checkpoint, args=(given.family, checkpoint, dtype))
    maker.start()  # a process of its own, so that its memory does not count
    maker.join()
    started = time.perf_counter()
    print(convert(given.family, checkpoint, given.into / given.family, given.precision, lambda *_: None, print, engine=given.engine))
    gigabytes = checkpoint.stat().st_size / 2**30
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{time.perf_counter() - started:.0f} s, peak {peak:.2f} GiB, {peak / gigabytes:.2f} times the checkpoint of {gigabytes:.2f} GiB")
    if not given.keep:
        checkpoint.unlink()


if __name__ == "__main__":
    main()
