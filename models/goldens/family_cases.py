"""The inputs on which a family and its reference are compared, and where the results lie."""

from pathlib import Path

import torch
from torch import Tensor

from models.goldens.seeded import normal_like

MODELS = Path(__file__).resolve().parent.parent
RESULTS = MODELS / "tests" / "goldens"  #: `<family>.npz`: one array per case

_CLIPS = {"even": (2, 3, 8, 8), "odd": (1, 2, 5, 9), "long": (1, 18, 2, 4)}  #: batch, frames, height, width
_CHANNELS = {"lavie-base": 4, "lavie-interpolation": 8, "lavie-vsr": 7, "seine": 9, "videobooth": 4}


def cases(family: str) -> dict[str, dict[str, Tensor | list[Tensor]]]:
    """Inputs by case: sizes that halve evenly and sizes that do not, and a clip longer than any distance with a bucket of its own."""
    if family == "videobooth-mapper":
        return {"pair": {"states": [normal_like(f"{family}/{k}", 2, 4, 16) for k in range(5)]}}
    if family == "sd14-text":
        return {"pair": {"input_ids": (normal_like(f"{family}/ids", 2, 11) * 25 + 50).long()}}
    if family == "sd14-vae":
        return {"pair": {"frames": normal_like(f"{family}/frames", 2, 3, 8, 12)}}
    return {name: _denoiser(family, name, *size) for name, size in _CLIPS.items()}


def _denoiser(family: str, case: str, batch: int, frames: int, height: int, width: int) -> dict[str, Tensor]:
    def normal(name: str, *shape: int) -> Tensor:
        return normal_like(f"{family}/{case}/{name}", *shape)

    inputs = {
        "sample": normal("sample", batch, _CHANNELS[family], frames, height, width),
        "timestep": torch.tensor([871, 3])[:batch],
        "context": normal("context", batch, 1, 7, 24),
    }
    if family == "lavie-vsr":
        inputs["noise_level"] = torch.tensor([50, 250])[:batch]
    if family == "videobooth":
        inputs["exemplar"] = normal("exemplar", batch, 4, frames, height, width)
        inputs["exemplar_context"] = normal("exemplar_context", batch, 1, 7, 24)
        inputs["has_exemplar"] = torch.full((batch,), 0.0 if case == "odd" else 1.0)
    return inputs
