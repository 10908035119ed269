"""Tensors by name in a file: https://huggingface.co/docs/safetensors."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import Tensor

from modeling.convert.safetensors_file import read_safetensors

_NAMES = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64", torch.uint8: "U8"}


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Every tensor of a file; they lie in the file until they are used."""
    return read_safetensors(path)


def write_tensors(path: Path, tensors: Mapping[str, Tensor], progress: Callable[[int, int], None] = lambda *_: None) -> None:
    """Write a file, one tensor at a time, wide types first so that each lies aligned; it appears whole or not at all."""
    names = sorted(tensors, key=lambda name: (-tensors[name].element_size(), name))
    table, offset = {}, 0
    for name in names:
        tensor = tensors[name]
        size = tensor.numel() * tensor.element_size()
        table[name] = {"dtype": _NAMES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [offset, offset + size]}
        offset += size
    header = json.dumps(table).encode()
    header += b" " * (-len(header) % 8)
    part = path.with_name(f"{path.name}.part")
    with part.open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        for done, name in enumerate(names, 1):
            file.write(tensors[name].contiguous().reshape(-1).view(torch.uint8).numpy().data)
            progress(done, len(names))
    part.replace(path)
