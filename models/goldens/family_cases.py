"""The inputs on which a family and its reference are compared, and where the results lie."""

from pathlib import Path

import torch
from torch import Tensor

from models.goldens.seeded import normal_like

MODELS = Path(__file__).resolve().parent.parent
KEYS = MODELS / "families" / "keys"  #: `<family>.txt`: one line per key of the published checkpoint, `<key> <dtype> <shape>`
RESULTS = MODELS / "tests" / "goldens"  #: `<family>.npz`: one array per case

_CLIPS = {"even": (2, 3, 8, 8), "odd": (1, 2, 5, 9), "long": (1, 18, 2, 4)}  #: batch, frames, height, width
_CHANNELS = {"lavie-base": 4, "lavie-interpolation": 8, "seine": 9}


def cases(family: str) -> dict[str, dict[str, Tensor]]:
    """Inputs by case: sizes that halve evenly and sizes that do not, and a clip longer than any distance with a bucket of its own."""
    return {name: _denoiser(f"{family}/{name}", _CHANNELS[family], *size) for name, size in _CLIPS.items()}


def _denoiser(name: str, channels: int, batch: int, frames: int, height: int, width: int) -> dict[str, Tensor]:
    return {
        "sample": normal_like(f"{name}/sample", batch, channels, frames, height, width),
        "timestep": torch.tensor([871, 3])[:batch],
        "context": normal_like(f"{name}/context", batch, 1, 7, 24),
    }
