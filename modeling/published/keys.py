"""The tensors of the published checkpoints: `keys/<checkpoint>.txt`, one line each, `<key> <dtype> <shape>`."""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

KEYS = Path(__file__).resolve().parent / "keys"


def lines(state: Mapping[str, Tensor]) -> list[str]:
    """A state dict as lines of such a file."""
    return [f"{key} {str(t.dtype).removeprefix('torch.')} {'x'.join(map(str, t.shape)) or '-'}" for key, t in state.items()]


def published(checkpoint: str) -> dict[str, Tensor]:
    """The state dict of a published checkpoint on the meta device: keys, types and shapes without numbers."""
    made = {}
    for line in (KEYS / f"{checkpoint}.txt").read_text().splitlines():
        key, dtype, shape = line.split()
        sizes = [] if shape == "-" else [int(size) for size in shape.split("x")]
        made[key] = torch.empty(sizes, dtype=getattr(torch, dtype), device="meta")
    return made
