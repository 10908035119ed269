"""The inputs on which a family and its reference are compared, and where the results lie."""

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from modeling.goldens.seeded import normal_like

RESULTS = Path(__file__).resolve().parents[1] / "tests" / "goldens"  #: `<family>.npz`: one array per case

_CLIPS = {"even": (2, 3, 8, 8), "odd": (1, 2, 5, 9), "long": (1, 18, 2, 4)}  #: batch, frames, height, width
_PATCHED = {"square": (2, 3, 8, 8), "wide": (1, 16, 4, 10)}  #: the square one is as large as the grid of training
_ENHANCED = {"every second": (1, 5, 10, 8), "first": (2, 3, 18, 16)}  #: frames that have a hint
_LOOKS = {
    "dino-vitb16": {"as trained": (2, 32, 32), "wide": (1, 32, 57), "tall": (1, 45, 32), "near square": (1, 32, 39)},
    "clip-vitb32": {"pair": (2, 28, 28)},
    "clip-vitl14-aesthetic": {"pair": (2, 28, 28)},
}  #: frames, height, width
_JUDGED = {"wide": (2, 3, 96, 160), "tall": (1, 3, 288, 64)}
_SENTENCES = {"pair": (2, 11), "long": (1, 150)}  #: sentences, tokens
_CHANNELS = {"latte": 4, "lavie-base": 4, "lavie-interpolation": 8, "lavie-vsr": 7, "seine": 9, "videobooth": 4}


def cases(family: str) -> dict[str, dict[str, Tensor | list[Tensor]]]:
    """Inputs by case: sizes that halve evenly and sizes that do not, and a clip longer than any distance with a bucket of its own."""
    if family == "videobooth-mapper":
        return {"pair": {"states": [normal_like(f"{family}/{k}", 2, 4, 16) for k in range(5)]}}
    if family == "latte-text":
        return {name: {"input_ids": _padded_ids(family, *size)} for name, size in _SENTENCES.items()}
    if family == "videobooth-vision":
        return {"pair": {"picture": normal_like(f"{family}/picture", 2, 3, 40, 40) / 2}}
    if family == "videobooth-text":
        words = {"input_ids": (normal_like(f"{family}/ids", 3, 11) * 25 + 50).long().clamp(0, 99)}
        return {"three": {**words, "tokens": normal_like(f"{family}/tokens", 3, 5, 64), "place": torch.tensor([2, -1, 6])}}
    if family.endswith("-text"):
        return {"pair": {"input_ids": (normal_like(f"{family}/ids", 2, 11) * 25 + 50).long()}}
    if family.endswith("-vae"):
        return {"pair": {"frames": normal_like(f"{family}/frames", 3 if family == "svd-vae" else 2, 3, 8, 12)}}
    if family == "owlv2-base":
        words = (normal_like(f"{family}/ids", 3, 11) * 25 + 50).long().clamp(1, 99)
        return {"pair": {"frames": normal_like(f"{family}/frames", 2, 3, 28, 28) / 2, "input_ids": words}}
    if family in _LOOKS:
        return {name: {"frames": normal_like(f"{family}/{name}", n, 3, h, w) / 2} for name, (n, h, w) in _LOOKS[family].items()}
    if family == "musiq-spaq":
        return {name: musiq_sizes(normal_like(f"{family}/{name}", *size) / 2) for name, size in _JUDGED.items()}
    if family == "raft-things":
        return {"pair": _moving(family)}
    if family == "venhancer":
        return {name: _enhancer(name, *size) for name, size in _ENHANCED.items()}
    if family == "latte":
        return {name: _denoiser(family, name, *size) for name, size in _PATCHED.items()}
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


def musiq_sizes(frames: Tensor) -> dict[str, Tensor]:
    """Frames of whole patches at the three sizes that MUSIQ looks at, filled up with grey to whole patches."""
    return {"frames": frames, "small": at_longer_side(frames, 224, 32), "large": at_longer_side(frames, 384, 32)}


def at_longer_side(frames: Tensor, longer: int | None, patch: int) -> Tensor:
    """Frames with that longer side, or as they are, filled up with grey to whole patches, the odd pixel to the right and below."""
    if longer is not None:
        ratio = longer / max(frames.shape[2:])
        frames = F.interpolate(frames, [round(side * ratio) for side in frames.shape[2:]], mode="bicubic")
    rows, columns = (-side % patch for side in frames.shape[2:])
    return F.pad(frames, (columns // 2, columns - columns // 2, rows // 2, rows - rows // 2))


def _moving(family: str) -> dict[str, Tensor]:
    """A pattern with fine and coarse parts, and the same moved."""
    coarse = F.interpolate(normal_like(f"{family}/coarse", 1, 3, 18, 22), (144, 176), mode="bicubic")
    whole = (coarse + normal_like(f"{family}/fine", 1, 3, 144, 176) / 4) / 2
    return {"before": whole[..., 8:136, 8:168], "after": whole[..., 5:133, 12:172]}


def _padded_ids(family: str, sentences: int, tokens: int) -> Tensor:
    """Words, and zeros behind the last two of every sentence but the first."""
    ids = (normal_like(f"{family}/{tokens}", sentences, tokens) * 25 + 50).long().clamp(1, 99)
    ids[1:, -2:] = 0
    return ids


def _enhancer(case: str, batch: int, frames: int, height: int, width: int) -> dict[str, Tensor]:
    def normal(name: str, *shape: int) -> Tensor:
        return normal_like(f"venhancer/{case}/{name}", *shape)

    keys = torch.tensor([k // 2 if k % 2 == 0 else -1 for k in range(frames)]) if case == "every second" else torch.tensor([0] + [-1] * (frames - 1))
    return {
        "sample": normal("sample", batch, 4, frames, height, width),
        "timestep": torch.tensor([899, 90])[:batch],
        "context": normal("context", batch, 1, 7, 1024),
        "hint": normal("hint", batch, 4, int(keys.max()) + 1, height, width),
        "keys": keys,
        "hint_timestep": torch.tensor([199, 249])[:batch],
        "scale": torch.tensor([8.0, 3.0])[:batch],
    }
