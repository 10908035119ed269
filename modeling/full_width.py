"""A family at its published width with random weights, from checkpoint to package, in seconds and memory.

python -m modeling.full_width lavie-interpolation --into FOLDER [--precision fp16] [--engine torch]

Writes `FOLDER/<family>-<file>.pt` (removed afterwards unless `--keep`) and the package `FOLDER/<family>`; `bench/full-width.ts` runs that.
"""

import argparse
import json
import multiprocessing
import resource
import time
from pathlib import Path

import torch

from modeling.convert.clip_tokenizer import END, START
from modeling.convert.components import COMPONENTS
from modeling.convert.convert import PRECISIONS, Conversion, convert
from modeling.published.keys import published
from modeling.published.registry import FAMILIES


def write_checkpoint(lists: tuple[str, ...], path: Path, dtype: torch.dtype) -> None:
    """Random tensors under the keys of published checkpoints, small enough that activations stay finite."""
    generator = torch.Generator().manual_seed(0)
    state = {}
    for key, tensor in (entry for name in lists for entry in published(name).items()):
        if not tensor.is_floating_point():
            state[key] = torch.zeros(tensor.shape, dtype=tensor.dtype)
            continue
        spread = max(tensor[0].numel(), 1) ** -0.5 if tensor.dim() > 1 else 0.02
        values = torch.empty(tensor.shape).normal_(0, spread, generator=generator)
        state[key] = (values + (1 if tensor.dim() == 1 and key.endswith("weight") else 0)).to(dtype)
    torch.save({"state_dict": state}, path)


def _write_words(folder: Path) -> None:
    """The least that is a tokenizer as CLIP's was published."""
    (folder / "vocab.json").write_text(json.dumps({"!": 0, START: 49_406, END: 49_407}))
    (folder / "merges.txt").write_text("#version: 0.2\n")


def _checkpoints(family: str) -> dict[str, tuple[str, ...]]:
    """The key lists that each file of a package has, by the option that names it."""
    lists: dict[str, tuple[str, ...]] = {}
    for component in COMPONENTS[family]:
        for option, name in zip(component.files, FAMILIES[component.family].checkpoints, strict=True):
            lists[option] = tuple(dict.fromkeys((*lists.get(option, ()), name)))
    return lists


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("family", choices=sorted(set(COMPONENTS) - {"latte"}), help="latte's text encoder has 19 GB: convert that from its files")
    parser.add_argument("--into", type=Path, required=True)
    parser.add_argument("--precision", choices=sorted(PRECISIONS), default="fp32")
    parser.add_argument("--engine", choices=("onnx", "torch"), default="onnx")
    parser.add_argument("--keep", action="store_true", help="keep the checkpoints")
    given = parser.parse_args()
    given.into.mkdir(parents=True, exist_ok=True)
    _write_words(given.into)
    dtype = torch.float32 if given.precision == "fp32" else torch.float16
    files = {}
    for option, lists in _checkpoints(given.family).items():
        files[option] = given.into / f"{given.family}-{option}.pt"
        maker = multiprocessing.get_context("spawn").Process(target=write_checkpoint, args=(lists, files[option], dtype))
        maker.start()  # a process of its own, so that its memory does not count
        maker.join()
    started = time.perf_counter()
    conversion = Conversion(given.family, files, given.into / given.family, given.precision, given.into, given.engine)
    print(convert(conversion, lambda *_: None, print))
    gigabytes = sum(path.stat().st_size for path in files.values()) / 2**30
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{time.perf_counter() - started:.0f} s, peak {peak:.2f} GiB, {peak / gigabytes:.2f} times the {gigabytes:.2f} GiB of checkpoints")
    if not given.keep:
        for path in files.values():
            path.unlink()


if __name__ == "__main__":
    main()
